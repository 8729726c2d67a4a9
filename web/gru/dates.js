/* The encoder-decoder chapter's network: a GRU reads a date as people write it, a second one writes
   it as ISO 8601 and looks, before each symbol, at the states of the first (grubook.dates.read). */

import { dense, gruForward, gruStep, makeCell, softmax } from "./gru.js";
import { readWeights } from "./weights.js";

/** The text in lower case and in Unicode's normal form, blanks as single spaces. */
export function tidy(text) {
  return text.normalize("NFKC").toLowerCase().replace(/[\p{White_Space}\x1c-\x1f]+/gu, " ").replace(/^ | $/g, "");
}

/** Make the reader of weights that grubook.weights wrote. file: the parsed JSON, with `languages`,
    `alphabet`, `answer` (the symbols that it writes; the first is padding), `timesteps` that it reads
    and `steps` that it writes at most. */
export function makeDateReader(file) {
  const { languages, alphabet, answer, timesteps, steps: most } = file;
  const weights = readWeights(file);
  const cellOf = (name) => {
    const [W, U, b] = ["kernel", "recurrent_kernel", "bias"].map((part) => weights[`${name}_${part}`]);
    return makeCell({ W, U, b });
  };
  const [encoder, decoder] = [cellOf("gru"), cellOf("decoder")];
  const [end, start] = [answer.length, answer.length + 1];
  const numbers = new Map([...alphabet].map((character, i) => [character, 1 + languages.length + i]));
  const none = { shape: [weights.query_kernel.shape[1]], values: new Float32Array(weights.query_kernel.shape[1]) };
  const v = weights.score.values;
  const score = (key, query) => {
    let sum = 0;
    for (let i = 0; i < v.length; i++) sum += v[i] * Math.tanh(key[i] + query[i]);
    return sum;
  };

  /** Take a text apart: its characters that the network knows, as many as it reads at most, those
      that it never saw, and how many are too many. */
  function cut(text) {
    const characters = [...tidy(text)];
    const known = characters.filter((one) => numbers.has(one));
    const unknown = [...new Set(characters.filter((one) => !numbers.has(one)))];
    return { known: known.slice(0, timesteps - 1), unknown, beyond: Math.max(0, known.length - timesteps + 1) };
  }

  // What was read last: of a text that grows at its end only the end is read anew.
  let [states, keys, last] = [[], [], []];
  function encode(symbols) {
    let same = 0;
    while (same < last.length && last[same] === symbols[same]) same++;
    const xs = symbols.slice(same).map((symbol) => rowOf(weights.embedding, symbol));
    const more = gruForward(xs, encoder, { h0: states[same - 1] }).map(({ h }) => h);
    states = [...states.slice(0, same), ...more];
    keys = [...keys.slice(0, same), ...more.map((h) => dense(h, weights.key_kernel, weights.key_bias))];
    last = symbols;
  }

  /** Read a text in one of the languages. Returns { written, steps, known, unknown, beyond }: of
      each written symbol steps has { symbol, p, looked }, where looked is a share for the
      language and each of the known characters; the last symbol may be "end". */
  function read(text, language) {
    const parts = cut(text);
    const symbols = [1 + languages.indexOf(language), ...parts.known.map((one) => numbers.get(one))];
    encode(symbols);
    let [s, symbol] = [states.at(-1), start];
    const steps = [];
    while (steps.length < most && symbol !== end && symbol !== 0) {
      const query = dense(s, weights.query_kernel, none);
      const looked = softmax(keys.map((key) => score(key, query)));
      const x = new Float32Array(decoder.features);
      x.set(rowOf(weights.decoder_embedding, symbol));
      mean(states, looked, x.subarray(-encoder.units));
      s = gruStep(x, s, decoder).h;
      const shares = softmax(dense(s, weights.dense_kernel, weights.dense_bias));
      symbol = shares.indexOf(Math.max(...shares));
      steps.push({ symbol: symbol === end ? "end" : answer[symbol], p: shares[symbol], looked });
    }
    const written = steps.filter(({ symbol }) => symbol !== "end" && symbol !== "\0");
    return { ...parts, steps, written: written.map(({ symbol }) => symbol).join("") };
  }
  return { languages, read };
}

/* The states' mean with these weights, into target. */
function mean(states, weights, target) {
  const sums = new Float64Array(target.length);
  states.forEach((h, j) => {
    for (let i = 0; i < sums.length; i++) sums[i] += weights[j] * h[i];
  });
  target.set(sums);
}

function rowOf({ shape: [, width], values }, row) {
  return values.subarray(row * width, (row + 1) * width);
}

/** What a calendar says of an answer: "day", "month", "none" where there is no such day or month, or
    "text" where it does not look like one. */
export function calendar(written) {
  if (!/^\d{4}-\d\d(-\d\d)?$/.test(written)) return "text";
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(written)) return "month";
  const [year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(written) ?? []).slice(1).map(Number);
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return day > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? "day" : "none";
}
