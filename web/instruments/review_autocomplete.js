/* The review autocomplete: the book's word network guesses on while the reader types.

   After each word the network holds a state h. The score of a next word is the product of h and that
   word's embedding, plus a bias; softmax makes probabilities of the scores. The surprise of a word
   that was typed is -log2 of the probability that it had. */

import { gruStep, makeCell } from "../gru/gru.js";
import { readWeights } from "../gru/weights.js";
import { loadChunks, loadWhenNear } from "./lib/chunks.js";
import { announcer, button, el, onPreset, percent, place, setText } from "./lib/page.js";

const [PAD, UNKNOWN, END] = [0, 1, 2]; // the vocabulary's first three

/** Cut a text into the network's tokens, as the book's Python does. Returns one { token, start, end }
    a token: the token in lower case, and where in the text it stands. */
export function tokensOf(text) {
  const { folded, startOf, endOf } = fold(text);
  const words = folded.matchAll(/[\p{L}\p{N}]+(?:'[\p{L}\p{Nl}\p{No}]+)?|[.!?,]/gu);
  return Array.from(words, ({ 0: token, index }) => ({
    token,
    start: startOf(index),
    end: endOf(index + token.length - 1),
  }));
}

/* What may compose: Korean letters into a syllable, anything with the marks that follow it. */
const CLUSTER = /[\u1100-\u115F\uAC00-\uD7A3][\u1160-\u11FF]+|\P{M}\p{M}*|\p{M}+/gu;

/* Fold what was typed in different ways: accents composed, apostrophes straight, lower case.
   Character i of the folded text stands from startOf(i) to endOf(i) in the text that was typed:
   composing makes it shorter, and the Turkish capital İ becomes two characters. */
function fold(text) {
  const lower = (one) => one.replace(/[‘’ʼ´]/g, "'").toLowerCase();
  if (text.normalize("NFC") === text && !text.includes("İ")) {
    return { folded: lower(text), startOf: (i) => i, endOf: (i) => i + 1 };
  }
  const places = [];
  let folded = "";
  for (const { 0: typed, index } of text.matchAll(CLUSTER)) {
    const part = typed.normalize("NFC").replaceAll("İ", "i\u0307");
    folded += part;
    for (let i = 0; i < part.length; i++) {
      places.push(part === typed ? [index + i, index + i + 1] : [index, index + typed.length]);
    }
  }
  return { folded: lower(folded), startOf: (i) => places[i][0], endOf: (i) => places[i][1] };
}

/** The network, from the parsed JSON that web/data/instruments.py writes. */
export function makeModel(file) {
  const { embedding, output_bias: bias, scale, ...gru } = readWeights(file);
  const cell = makeCell({ W: gru.gru_kernel, U: gru.gru_recurrent_kernel, b: gru.gru_bias });
  const [size, width] = embedding.shape;
  const rowOf = (id) => embedding.values.subarray(id * width, (id + 1) * width);
  const ids = new Map(file.words.map((word, id) => [word, id]));
  return {
    words: file.words,
    idOf: (token) => ids.get(token) ?? UNKNOWN,
    start: () => new Float32Array(cell.units),
    /** The state after one more word. */
    next: (h, id) => gruStep(rowOf(id).map((value) => value * scale.values[0]), h, cell).h,
    /** The logit of every word in the vocabulary. */
    scores(h) {
      const found = Float32Array.from(bias.values);
      const E = embedding.values;
      const fours = width - (width % 4);
      for (let id = 0, k = 0; id < size; id++, k += width) {
        let [a, b, c, d] = [0, 0, 0, 0]; // four sums at once: the processor need not wait for one
        for (let i = 0; i < fours; i += 4) {
          a += E[k + i] * h[i];
          b += E[k + i + 1] * h[i + 1];
          c += E[k + i + 2] * h[i + 2];
          d += E[k + i + 3] * h[i + 3];
        }
        for (let i = fours; i < width; i++) a += E[k + i] * h[i];
        found[id] += a + b + c + d;
      }
      return found;
    },
  };
}

/** Turn logits into probabilities. A temperature below 1 sharpens them, one above 1 levels them. */
export function probabilitiesOf(scores, temperature = 1) {
  const largest = scores.reduce((a, b) => Math.max(a, b));
  const powers = scores.map((score) => Math.exp((score - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** The surprise of a word, in bits. */
export function surpriseOf(scores, id) {
  let [largest, sum] = [-Infinity, 0];
  for (let i = 0; i < scores.length; i++) largest = Math.max(largest, scores[i]);
  for (let i = 0; i < scores.length; i++) sum += Math.exp(scores[i] - largest);
  return (Math.log(sum) - (scores[id] - largest)) / Math.LN2;
}

/** Whether a word can be suggested: padding, unknown words and the text's end cannot. */
const real = (id) => id > END;

/** The n likeliest words that begin with `begun`, as [{ word, p }]. */
export function suggest(model, p, begun = "", n = 5) {
  const found = [];
  for (let id = 0; id < p.length; id++) {
    if (found.length === n && p[id] <= found[n - 1].p) continue;
    if (!real(id) || !model.words[id].startsWith(begun)) continue;
    found.push({ word: model.words[id], p: p[id] });
    found.sort((a, b) => b.p - a.p);
    found.length = Math.min(found.length, n);
  }
  return found;
}

/** Draw a word at random, each as often as its probability says. chance: from 0 to 1. */
export function draw(model, p, chance) {
  let left = chance * p.reduce((sum, value, id) => sum + (real(id) ? value : 0), 0);
  for (let id = END + 1; id < p.length; id++) {
    left -= p[id];
    if (left < 0) return model.words[id];
  }
  return model.words[p.length - 1];
}

/** A text that is being read. What was read stays read: a change costs only what follows it. */
export function makeReading(model) {
  let ids = []; // the tokens wanted
  const states = [model.next(model.start(), END)]; // states[t]: the state after t tokens
  const scores = [model.scores(states[0])]; // the logits of the last state alone are kept
  const surprises = [];
  return {
    surprises,
    /** Set the tokens. */
    set(wanted) {
      let same = 0;
      while (same < surprises.length && wanted[same] === ids[same]) same++;
      ids = wanted;
      if (same < surprises.length) {
        surprises.length = same;
        states.length = same + 1;
        scores[0] = model.scores(states[same]);
      }
    },
    /** Read on for about so many milliseconds. Returns whether the end is reached. */
    work(milliseconds) {
      const until = performance.now() + milliseconds;
      while (surprises.length < ids.length && performance.now() < until) {
        const id = ids[surprises.length];
        surprises.push(surpriseOf(scores[0], id));
        states.push(model.next(states.at(-1), id));
        scores[0] = model.scores(states.at(-1));
      }
      return surprises.length === ids.length;
    },
    /** The logits of the word that comes next. */
    scores: () => scores[0],
  };
}

/** Put a word into a text in place of `begun`, with the spaces and the capital that belong there. */
export function accept(text, begun, word) {
  const before = text.slice(0, text.length - begun.length);
  const mark = /^[.!?,]$/.test(word);
  const starts = /(^|[.!?])\s*$/.test(before);
  const capital = starts || /^i('|$)/.test(word) ? word[0].toUpperCase() + word.slice(1) : word;
  if (mark) return `${before.trimEnd()}${word} `;
  return `${before}${before && !/\s$/.test(before) ? " " : ""}${capital} `;
}

const FEW = 3; // words: so many are read at once, at a key; where there are more, they wait
// Milliseconds.
const PAUSE = 120; // without a key, before more is read
const SLICE = 10; // of reading, between two chances for the page to do something else
const GLANCE = 400; // between two looks at a long text that is still being read
const LONG = 200; // words: a text of more is shown once more when keys rest, too
const PRESETS = {
  praise: "I love this box. My daughter looks forward to it every ",
  complaint: "I was very disappointed with this box. The products were ",
  surprise: "My cat opened the box and started a small revolution. ",
};

function build(root) {
  let model = null;
  let reading = null;
  let written = ""; // the text, as it was read last
  let tokens = []; // all of its tokens
  let begun = ""; // the word at the text's end that is not finished, in lower case
  let timer = null;
  let done = false; // whether the text is read to its end
  let shown = 0; // when the words were last shown
  let pieces = []; // of the text, as it is shown once more: what is between words, and words, in turn

  const text = el("textarea", { rows: 4, maxLength: 20000, spellcheck: false, disabled: true });
  const label = el("label", { className: "review-label" }, "Your review", text);
  const choices = Array.from({ length: 5 }, () => {
    const [word, share, bar] = [el("b"), el("span"), el("i")];
    const node = button("", () => take(word.textContent));
    node.style.visibility = "hidden"; // a button without a word says nothing to a screen reader
    node.append(word, share, bar);
    return { node, word, share, bar };
  });
  const next = el("div", { className: "review-next", role: "group", ariaLabel: "Next words" },
    ...choices.map((one) => one.node));
  const heat = el("input", { type: "range", min: 0.2, max: 2, step: 0.1, value: 1, ariaLabel: "Temperature" });
  const degrees = el("output");
  const readBack = el("p", { className: "review-words" });
  const summary = el("p", { className: "review-summary" });

  root.append(
    el("p", { className: "instrument-title", textContent: "Review autocomplete" }),
    el("p", { className: "instrument-lead", textContent:
      "Write a review of a subscription box. After each word the trained network names the words that it expects next, and colors what you wrote by how much it was surprised." }),
    loadWhenNear(root, async (onProgress) => makeModel(await loadChunks("next_word", onProgress)), ready),
    label,
    next,
    el("p", { className: "instrument-keys" }, "→ at the end of the text takes the first word, Tab reaches the others."),
    el("div", { className: "review-heat" },
      el("label", {}, "temperature ", heat), degrees, button("draw a word by chance", chance)),
    el("p", { className: "review-scale" }, "How surprised it was: ",
      ...[2, 4, 8, 12].map((bits) => colored(el("span", {}, `${bits} bits`), bits))),
    readBack,
    summary,
  );
  const say = announcer(root);

  text.oninput = read;
  heat.oninput = () => (degrees.textContent = Number(heat.value).toFixed(1)) && showChoices();
  degrees.textContent = "1.0";
  text.onkeydown = (event) => {
    const atEnd = text.selectionStart === text.value.length;
    if (event.key !== "ArrowRight" || !atEnd || event.shiftKey || !choices[0].word.textContent) return;
    event.preventDefault();
    take(choices[0].word.textContent);
  };

  /* Take the text as it is now, read what is new in slices, and show what is known so far. */
  function read() {
    if (!reading) return;
    written = text.value;
    tokens = tokensOf(written);
    const last = tokens.at(-1);
    const open = last && last.end === written.length && /\p{L}|\p{N}/u.test(last.token);
    begun = open ? last.token : "";
    const ids = tokens.slice(0, open ? -1 : undefined).map(({ token }) => model.idOf(token));
    reading.set(ids);
    clearTimeout(timer);
    shown = 0;
    work(ids.length - reading.surprises.length > FEW ? 0 : SLICE);
    if (tokens.length <= LONG) showWords();
    timer = setTimeout(proceed, PAUSE);
  }

  function proceed() {
    if (!done) work(SLICE);
    if (done || performance.now() - shown > GLANCE) showWords();
    if (!done) timer = setTimeout(proceed);
  }

  function work(milliseconds) {
    done = reading.work(milliseconds);
    if (done) showChoices();
    root.classList.toggle("is-reading", !done);
  }

  const probabilities = () => probabilitiesOf(reading.scores(), Number(heat.value));

  function showChoices() {
    if (!reading) return;
    const found = suggest(model, probabilities(), begun);
    choices.forEach(({ node, word, share, bar }, i) => {
      node.disabled = !found[i];
      node.style.visibility = found[i] ? "" : "hidden";
      setText(word, found[i]?.word ?? "");
      setText(share, found[i] ? percent(found[i].p) : "");
      bar.style.width = `${100 * (found[i]?.p ?? 0)}%`;
    });
    if (found.length) say(`Next: ${found.map(({ word, p }) => `${word}, ${percent(p)}`).join("; ")}`);
    else say("No word of the vocabulary begins like this.");
  }

  /* The text once more, with an element for each word. Only what differs is put in afresh; a word
     that is not read again yet keeps its color. */
  function showWords() {
    const wanted = tokens.flatMap(({ start, end }, i) => [
      written.slice(tokens[i - 1]?.end ?? 0, start), written.slice(start, end),
    ]);
    wanted.push(written.slice(tokens.at(-1)?.end ?? 0));
    const least = Math.min(pieces.length, wanted.length);
    let [same, tail] = [0, 0];
    while (same < least && pieces[same].shows === wanted[same]) same++;
    while (tail < least - same && pieces.at(-1 - tail).shows === wanted.at(-1 - tail)) tail++;
    const fresh = wanted.slice(same, wanted.length - tail).map((piece, i) => {
      const node = (same + i) % 2 ? el("span", {}, piece) : new Text(piece);
      return Object.assign(node, { shows: piece });
    });
    const after = tail ? pieces.at(-tail) : null;
    for (const old of pieces.splice(same, pieces.length - same - tail, ...fresh)) old.remove();
    if (after) after.before(...fresh);
    else readBack.append(...fresh);
    const { surprises } = reading;
    tokens.forEach(({ token }, i) => {
      const [node, bits] = [pieces[2 * i + 1], surprises[i]];
      if (node.bits === bits || (bits === undefined && !done)) return;
      node.className = bits !== undefined && model.idOf(token) === UNKNOWN ? "unknown" : "";
      colored(node, bits);
    });
    const bits = surprises.reduce((a, b) => a + b, 0) / surprises.length;
    const among = Math.round(2 ** bits).toLocaleString("en");
    let sentence = `On average ${bits.toFixed(1)} bits a word: the network was as unsure as among ${among} equally likely words.`;
    if (!surprises.length) sentence = "Nothing is written yet.";
    if (!done) sentence = `Reading … ${percent(surprises.length / tokens.length)}`;
    setText(summary, sentence);
    shown = performance.now();
  }

  function take(word) {
    if (!done) return;
    text.value = accept(text.value, begun, word);
    text.focus();
    text.selectionStart = text.value.length;
    text.scrollTop = text.scrollHeight;
    read();
  }

  function chance() {
    if (begun) { // the word at the end counts as finished
      text.value += " ";
      read();
    }
    if (done) take(draw(model, probabilities(), Math.random()));
  }

  function ready(found) {
    model = found;
    reading = makeReading(model);
    text.disabled = false;
    const write = (words) => {
      text.value = words;
      read();
    };
    write(PRESETS.praise);
    onPreset("review-autocomplete", (name) => {
      if (Object.hasOwn(PRESETS, name)) write(PRESETS[name]);
    });
  }
}

/* The color says the surprise, and so do the words behind it. */
function colored(node, bits) {
  node.bits = bits;
  const share = Math.round(Math.min(40, 3.2 * bits));
  const tint = `color-mix(in srgb, var(--z) ${share}%, transparent)`;
  node.style.backgroundColor = bits === undefined ? "" : tint;
  node.title = bits === undefined ? "" : `${bits.toFixed(1)} bits`;
  return node;
}

place("review-autocomplete", build);
