/* The memory race: a GRU, an LSTM and a plain network of the same size name the first letter of a
   sequence after each of its letters (experiments.memory.race trained them). */

import { dense, gruForward, makeCell, softmax } from "./gru.js";
import { lstmForward, plainForward } from "./rivals.js";
import { readWeights } from "./weights.js";

/** The letters that may come first, and those that come after. */
export const FIRST = [..."ABCD"];
export const NOISE = [..."wxyz"];
const LETTERS = [...FIRST, ...NOISE];

const FORWARD = {
  gru: (xs, weights, before) => gruForward(xs, makeCell(weights), { h0: before?.h }),
  lstm: lstmForward,
  plain: plainForward,
};

/** Make the racers of a file that web/data wrote. Returns one { name, read } each, where
    read(letters) returns one { h, p } a letter: the state, and the probability of each of FIRST. */
export function makeRacers(file) {
  const arrays = readWeights(file);
  return Object.entries(FORWARD).map(([name, forward]) => {
    const part = (what) => arrays[`${name}_${what}`];
    const weights = { W: part("kernel"), U: part("recurrent_kernel"), b: part("bias") };
    let [steps, last] = [[], []]; // of a sequence that changes at its end only the end is read anew
    const read = (letters) => {
      let same = 0;
      while (same < last.length && last[same] === letters[same]) same++;
      const more = forward(letters.slice(same).map(oneHot), weights, steps[same - 1]);
      const answered = more.map((step) => ({ ...step, p: softmax(dense(step.h, part("dense_kernel"), part("dense_bias"))) }));
      steps = [...steps.slice(0, same), ...answered];
      last = letters;
      return steps;
    };
    return { name, read };
  });
}

function oneHot(letter) {
  const x = new Float32Array(LETTERS.length);
  x[LETTERS.indexOf(letter)] = 1;
  return x;
}

/** Take a text apart: its letters that the networks know, in either case, and those that they do
    not; blanks count for nothing. */
export function lettersOf(text) {
  const all = [...text.replace(/\s/g, "")].map((one) => LETTERS.find((known) => sameLetter(known, one)) ?? one);
  return {
    letters: all.filter((one) => LETTERS.includes(one)),
    unknown: [...new Set(all.filter((one) => !LETTERS.includes(one)))],
  };
}

function sameLetter(known, one) {
  return known === one || known === one.toUpperCase() || known === one.toLowerCase();
}

/** The letters with a gap of so many letters after the first: cut at the end, or drawn out with
    noise that is the same at each visit (a linear congruential generator). */
export function stretched(letters, gap) {
  const longer = [...letters.slice(0, gap + 1)];
  for (let t = 1, state = 7; t <= gap; t++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    longer[t] ??= NOISE[state >>> 30];
  }
  return longer;
}

/** The gaps after which an answer was right, as [from, to] in order. steps: as read returns them;
    first: the letter's place in FIRST. */
export function rightGaps(steps, first) {
  const spans = [];
  steps.forEach(({ p }, gap) => {
    if (answerOf(p) !== first) return;
    if (spans.at(-1)?.[1] === gap - 1) spans.at(-1)[1] = gap;
    else spans.push([gap, gap]);
  });
  return spans;
}

/** The place of the largest probability. */
export function answerOf(p) {
  return p.indexOf(Math.max(...p));
}
