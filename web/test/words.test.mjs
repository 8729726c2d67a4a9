/* The tokenizer and the word model, held against the book's Python, computed now. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { kneserNey, perplexityOf } from "../gru/ngrams.js";
import { makeTracing, rankCorrelation } from "../gru/tracing.js";
import { draw, makeReading, probabilitiesOf, readModel, suggest } from "../gru/word_model.js";
import { tokensOf, withoutMarkup, wordsOf } from "../gru/words.js";

const script = fileURLToPath(new URL("words_vectors.py", import.meta.url));
const vectors = JSON.parse(execFileSync("python", [script], { maxBuffer: 2 ** 26 }));
const { sentence, networks } = vectors;
const model = readModel(networks[0].file);

function close(found, wanted, tolerance, what) {
  assert.equal(found.length, wanted.length, what);
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(found[i] - wanted[i]);
    assert.ok(error <= tolerance, `${what}[${i}] is ${found[i]}, not ${wanted[i]}`);
  }
}

test("a text is cleaned and cut into the tokens that Python cuts it into", () => {
  for (const { text, tokens } of vectors.texts) {
    assert.deepEqual(wordsOf(withoutMarkup(text)), tokens, JSON.stringify(text));
  }
});

test("a token stands where it says, whatever apostrophes and accents were typed", () => {
  for (const { text } of vectors.texts) {
    for (const { token, start, end } of tokensOf(text)) {
      // A capital sigma's small letter depends on what stands before it.
      const alone = wordsOf(text.slice(start, end)).join().replaceAll("ς", "σ");
      assert.equal(alone, token.replaceAll("ς", "σ"), JSON.stringify(text));
    }
  }
});

test("surprise and next words are the reference's, whatever was read before", () => {
  for (const { file, surprises, probabilities, tolerance } of networks) {
    const model = readModel(file);
    const ids = wordsOf(sentence).map(model.idOf);
    const reading = makeReading(model);
    for (const detour of [[], [5, 6, 7], ids.slice(0, 4), [...ids.slice(0, 3), 1], [...ids, 4, 4]]) {
      for (const wanted of [detour, ids]) {
        reading.set(wanted);
        assert.ok(reading.work(1e6));
      }
      close(reading.surprises, surprises, tolerance, "surprise");
      close(probabilitiesOf(reading.scores()), probabilities, tolerance, "probability");
    }
    const best = probabilities.slice(3).reduce((a, b) => Math.max(a, b));
    const [{ word, p }] = model.guess(sentence);
    close([p, probabilities[file.words.indexOf(word)]], [best, best], tolerance, "the likeliest");
  }
});

test("what each word mattered for a guess is the reference's backward pass, and its reading without the word", () => {
  for (const { file, guess, norms, without, tolerance } of networks) {
    const model = readModel(file);
    const reading = makeReading(model);
    reading.set(wordsOf(sentence).map(model.idOf));
    reading.work(1e6);
    for (const most of [norms.length, 3]) {
      const read = reading.before(norms.length, most);
      const tracing = makeTracing(model, read, guess);
      while (!tracing.work(1)); // in slices
      assert.equal(read.from, norms.length - most);
      close(tracing.norms, norms.slice(-most), tolerance, "norm");
      close(tracing.probabilities, without.slice(-most), tolerance, "probability");
    }
  }
});

test("a rank correlation is Spearman's", () => {
  close([rankCorrelation([1, 2, 3, 4], [10, 20, 40, 30])], [0.8], 1e-12, "of four");
  close([rankCorrelation([1, 2, 2, 3], [4, 1, 1, 0])], [-1], 1e-12, "with ties");
});

test("reading goes on where it stopped", () => {
  const reading = makeReading(model);
  reading.set(Array.from({ length: 3000 }, (_, i) => 3 + (i % 5)));
  assert.equal(reading.work(0), false);
  let slices = 1;
  while (!reading.work(1)) slices++;
  assert.equal(reading.surprises.length, 3000);
  assert.ok(slices > 1);
});

test("a temperature sharpens or levels", () => {
  const scores = Float32Array.from([0, 1, 2, 3]);
  const [cold, one, hot] = [0.5, 1, 2].map((temperature) => probabilitiesOf(scores, temperature));
  for (const p of [cold, one, hot]) close([p.reduce((a, b) => a + b)], [1], 1e-6, "sum");
  assert.ok(cold[3] > one[3] && one[3] > hot[3]);
  close([cold[3] / cold[2]], [Math.exp(2)], 1e-4, "ratio");
});

test("suggestions begin with what was typed, the likeliest first, and are words", () => {
  const p = [0.9, 0.9, 0.9, 0.1, 0.05, 0.2, 0.3, 0.01, 0.02, 0.04, 0.06];
  const found = (begun, n) => suggest(model, p, begun, n).map(({ word }) => word);
  assert.deepEqual(found("", 3), ["is", "boxes", "the"]);
  assert.deepEqual(found("box", 5), ["boxes", "boxy", "box"]);
  assert.deepEqual(found("zebra", 5), []);
});

test("words drawn by chance come as often as their probability says", () => {
  const p = [0.2, 0.1, 0.1, 0.3, 0.3, 0, 0, 0, 0, 0, 0];
  const found = Array.from({ length: 1000 }, (_, i) => draw(model, p, i / 1000));
  assert.equal(found.filter((word) => word === "the").length, 500);
  assert.equal(found.filter((word) => word === "box").length, 500);
});

test("the unigram's and the bigram's perplexity are those of the book's Kneser-Ney", () => {
  const { training, held, perplexities } = vectors.ngrams;
  const found = [1, 2].map((order) => perplexityOf(kneserNey(training, order, 10), held));
  close(found, perplexities, 1e-9, "perplexity");
  // No count is 1, and so the discount is a half: two counts of 2 leave 1/4 for 4 entries.
  const p = kneserNey([[3, 2], [3, 2]], 1, 5);
  close([p(2, 3), p(2, 4)], [1.5 / 4 + 1 / 16, 1 / 16], 1e-12, "without a count of 1");
});

test("a file that does not fit is refused in a sentence", () => {
  const { file } = networks[0];
  assert.throws(() => readModel({ ...file, words: undefined }), /no list `words`/);
  assert.throws(() => readModel({ ...file, words: file.words.slice(1) }), /embedding of this vocabulary must have/);
  assert.throws(() => readModel({ ...file, words: file.words.toReversed() }), /begins with <pad> <unk> <eos>, not/);
  const bias = "dense_bias" in file.arrays ? "dense_bias" : "output_bias";
  const damaged = { shape: [1], dtype: "float32", data: "AADAfw==" }; // not a number
  assert.throws(() => readModel({ ...file, arrays: { ...file.arrays, [bias]: damaged } }), /bias holds a number that is not finite/);
  for (const name of [bias, "gru_bias", "embedding"]) {
    const { [name]: _, ...arrays } = file.arrays;
    assert.throws(() => readModel({ ...file, arrays }), / is missing|the weights lack the unit's b/, name);
  }
});
