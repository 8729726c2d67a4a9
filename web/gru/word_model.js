/* A network that guesses the next word, in plain JavaScript: the programs' and the instrument's.

   After each word the network holds a state h. The score of a next word is the product of h and that
   word's row of the output's weights, plus a bias; softmax makes probabilities of the scores. */

import { checkArray, gruStep, makeCell } from "./gru.js";
import { gruStepBack } from "./gru_backward.js";
import { readWeights } from "./weights.js";
import { encode, END, UNKNOWN, vocabularyOf, wordsOf } from "./words.js";

/** Make the model of weights that grubook.weights wrote. file: the parsed JSON, with the list `words`.
    Throws a sentence where something is missing or does not fit. weights: the file's, once read. */
export function readModel(file, weights = readWeights(file)) {
  if (!Array.isArray(file?.words)) throw new Error("the file has no list `words`: the vocabulary is missing");
  return makeModel(file.words, weights);
}

/** Make the model. words: the vocabulary; weights: by name, arrays of { shape, values }: embedding,
    gru_kernel, gru_recurrent_kernel, gru_bias, and dense_kernel with dense_bias. Without a
    dense_kernel the embedding is the output's weights too (tied: Press and Wolf 2017,
    arXiv:1608.05859), with output_bias, and its rows times `scale` enter the GRU. */
export function makeModel(words, weights) {
  const { embedding, gru_kernel: W, gru_recurrent_kernel: U, gru_bias: b, dense_kernel: V } = weights;
  const cell = makeCell({ W, U, b }, b?.shape.length !== 1);
  const scale = weights.scale?.values[0] ?? 1;
  const [size, width] = [words.length, cell.features];
  checkArray("the embedding of this vocabulary", embedding, [size, width]);
  const output = V ? transpose(V) : embedding;
  checkArray("the output's weights", output, [size, cell.units]);
  const bias = V ? weights.dense_bias : weights.output_bias;
  checkArray("the output's bias", bias, [size]);
  const vocabulary = vocabularyOf(words);
  const rowOf = (id) => embedding.values.subarray(id * width, (id + 1) * width);
  const inputOf = (id) => rowOf(id).map((value) => value * scale);
  return {
    words,
    idOf: (token) => vocabulary.ids.get(token) ?? UNKNOWN,
    start: () => new Float32Array(cell.units),
    /** The state after one more word. */
    next: (h, id) => gruStep(inputOf(id), h, cell).h,
    /** The gradient dh of what came of that next state, carried back: { x, h }, for the word's vector
        and for h. */
    back(h, id, dh) {
      const x = inputOf(id);
      return gruStepBack(dh, x, h, gruStep(x, h, cell), cell);
    },
    /** The score (logit) of every word in the vocabulary. */
    scores: (h) => addScores(Float32Array.from(bias.values), output.values, h),
    /** The gradient of a word's log-probability with respect to the state that has these scores: its
        row of the output, less the mean row, each weighted by its probability. */
    pull(scores, id) {
      const p = probabilitiesOf(scores);
      const sums = new Float64Array(cell.units);
      for (let row = 0, k = 0; row < size; row++) {
        const weight = (row === id) - p[row];
        for (let i = 0; i < cell.units; i++, k++) sums[i] += weight * output.values[k];
      }
      return sums;
    },
    /** The likeliest words after a text, as suggest names them. */
    guess(text, n = 5) {
      let h = this.start();
      for (const id of [END, ...encode(wordsOf(text), vocabulary)]) h = this.next(h, id);
      return suggest(this, probabilitiesOf(this.scores(h)), "", n);
    },
  };
}

function transpose({ shape: [rows, columns], values }) {
  const turned = new Float32Array(values.length);
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, k++) turned[j * rows + i] = values[k];
  }
  return { shape: [columns, rows], values: turned };
}

/* Add to each score the product of h and the word's row. */
function addScores(scores, rows, h) {
  const width = h.length;
  const fours = width - (width % 4);
  for (let id = 0, k = 0; id < scores.length; id++, k += width) {
    let [a, b, c, d] = [0, 0, 0, 0]; // four sums at once: the processor need not wait for one
    for (let i = 0; i < fours; i += 4) {
      a += rows[k + i] * h[i];
      b += rows[k + i + 1] * h[i + 1];
      c += rows[k + i + 2] * h[i + 2];
      d += rows[k + i + 3] * h[i + 3];
    }
    for (let i = fours; i < width; i++) a += rows[k + i] * h[i];
    scores[id] += a + b + c + d;
  }
  return scores;
}

/** Turn scores into probabilities. A temperature below 1 sharpens them, one above 1 levels them. */
export function probabilitiesOf(scores, temperature = 1) {
  const largest = scores.reduce((a, b) => Math.max(a, b));
  const powers = scores.map((score) => Math.exp((score - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** The surprise of a word, in bits: -log2 of the probability that it had. */
export function surpriseOf(scores, id) {
  let [largest, sum] = [-Infinity, 0];
  for (let i = 0; i < scores.length; i++) largest = Math.max(largest, scores[i]);
  for (let i = 0; i < scores.length; i++) sum += Math.exp(scores[i] - largest);
  return (Math.log(sum) - (scores[id] - largest)) / Math.LN2;
}

/** Whether a word can be suggested: padding, unknown words and the text's end cannot. */
const real = (id) => id > END;

/** The n likeliest words that begin with `begun`, as [{ word, p }]. */
export function suggest({ words }, p, begun = "", n = 5) {
  const found = [];
  for (let id = 0; id < p.length; id++) {
    if (found.length === n && p[id] <= found[n - 1].p) continue;
    if (!real(id) || !words[id].startsWith(begun)) continue;
    found.push({ word: words[id], p: p[id] });
    found.sort((a, b) => b.p - a.p);
    found.length = Math.min(found.length, n);
  }
  return found;
}

/** Draw a word at random, each as often as its probability says. chance: from 0 to 1. */
export function draw({ words }, p, chance) {
  let left = chance * p.reduce((sum, value, id) => sum + (real(id) ? value : 0), 0);
  for (let id = END + 1; id < p.length; id++) {
    left -= p[id];
    if (left < 0) return words[id];
  }
  return words[p.length - 1];
}

/** A text that is being read. What was read stays read: a change costs only what follows it. */
export function makeReading(model) {
  let ids = []; // the tokens wanted
  const states = [model.next(model.start(), END)]; // states[t]: the state after t tokens
  const scores = [model.scores(states[0])]; // those of the last state alone are kept
  const surprises = [];
  return {
    surprises,
    /** Set the tokens, as integers. */
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
    /** The scores of the word that comes next, or of the one after t words. */
    scores: (t = surprises.length) => (t === surprises.length ? scores[0] : model.scores(states[t])),
    /** The words before place t, at most so many, with the states around them: makeTracing's. */
    before(t, most) {
      const from = Math.max(0, t - most);
      return { from, ids: ids.slice(from, t), states: states.slice(from, t + 1) };
    },
  };
}
