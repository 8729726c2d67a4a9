/* How the two programs train: every example, honest figures, nothing left behind. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { takeDigits } from "../gru/mnist.js";
import * as digits from "../programs/digits.js";
import * as words from "../programs/next_word.js";
import { readSettings, usualSettings } from "../programs/options.js";
import { dispose, inBatches, upTo } from "../programs/training.js";

tf.enableProdMode();
test.beforeEach(() => tf.setBackend("wasm"));

const REVIEWS = Array(40).fill("It is a good box. I like this box, and it is mine!");
const silent = { say() {} };

/* Images that are black on the left or on the right: 0 or 1. */
function halves(n) {
  const images = { shape: [n, 28, 28], values: new Uint8Array(n * 784) };
  const labels = { shape: [n], values: Uint8Array.from(upTo(n), (i) => i % 2) };
  for (let k = 0; k < n * 784; k++) images.values[k] = (k % 28 < 14) === (Math.floor(k / 784) % 2 === 0) ? 255 : 0;
  return takeDigits(images, labels, n);
}

test("every example is in exactly one batch, the last one included", async () => {
  for (const n of [1, 31, 32, 33, 96]) {
    const [batches, shares] = [[], []];
    const { seen } = await inBatches(upTo(n), 32, (ids) => batches.push(ids), { show: (share) => shares.push(share) });
    assert.deepEqual(batches.flat(), upTo(n));
    assert.ok(batches.slice(0, -1).every((ids) => ids.length === 32));
    assert.deepEqual([seen, shares.at(-1)], [n, 1]);
  }
});

test("a signal ends it after the batch that is being worked on", async () => {
  const stop = new AbortController();
  const work = (ids) => ids.includes(40) && stop.abort();
  const { seen } = await inBatches(upTo(1000), 32, work, { signal: stop.signal });
  assert.equal(seen, 64);
});

test("a network that knows nothing is as unsure as among all words, in training and in judging", async () => {
  const [size, n] = [7, 19]; // 19 windows: a last batch that is not full, padding in each
  const model = words.buildModel(size, [[3]]);
  for (const weight of model.weights) weight.write(tf.zeros(weight.shape));
  model.optimizer.learningRate = 0;
  const windows = { inputs: Array(n).fill([2, 3, 0, 0]), targets: Array(n).fill([3, 4, 0, 0]) };
  const trained = await words.trainEpoch(model, windows, {});
  assert.equal(trained.seen, n);
  assert.ok(Math.abs(trained.perplexity - size) < 1e-3, `${trained.perplexity}`);
  assert.ok(Math.abs((await words.perplexity(model, windows)) - size) < 1e-3);
  dispose(model);
});

test("the output starts from the words' frequencies", () => {
  const model = words.buildModel(5, [[3, 3, 3, 4], [3, 2]]);
  const bias = model.layers.at(-1).getWeights()[1].dataSync();
  [1, 1, 2, 5, 2].forEach((count, id) => assert.ok(Math.abs(bias[id] - Math.log(count)) < 1e-6));
  dispose(model);
});

test("words: the story of a training, and suggestions that follow the beginning", async () => {
  const before = tf.memory().numTensors;
  const said = [];
  const settings = { reviews: 30, words: 50, epochs: 12 };
  const model = await words.trainWordModel(REVIEWS, settings, { say: (line) => said.push(line) });
  assert.equal(tf.memory().numTensors, before);
  assert.equal(said[0], "30 reviews: 54 sentences to train on, 6 held back");
  const [epoch, bigram] = said[2].match(/^epoch 1: perplexity ([\d.]+) on held-out reviews \(unigram [\d.]+, bigram ([\d.]+)\), [\d.]+ in training$/).slice(1);
  assert.ok(Number(epoch) > 1 && Number(bigram) > 1);
  assert.match(said.at(-1), /^kept: epoch \d+, perplexity [\d.]+; the (network beats the bigram|bigram is better)/);
  assert.equal(model.guess("it is a good")[0].word, "box");
  assert.equal(model.guess("i like")[0].word, "this");
  assert.match(words.answerLine(model, "i like"), /^i like \.\.\. this [\d.]+ %, /);
});

test("words: the best epoch is kept, and two that are no better end it", async () => {
  const random = Math.random;
  const seen = [];
  // Words in no order cannot be learned, but the training reviews by heart can.
  const reviews = Array.from({ length: 40 }, () => Array.from({ length: 12 }, () => "abcdefgh"[Math.floor(8 * random())]).join(" "));
  await words.trainWordModel(reviews, { reviews: 40, words: 50, epochs: 60 }, { say: (line) => seen.push(line) });
  const figures = seen.flatMap((line) => line.match(/^epoch \d+: perplexity ([\d.]+)/)?.[1] ?? []).map(Number);
  const least = Math.min(...figures);
  assert.ok(figures.length < 60 && seen.includes("no lower for 2 epochs: the training stops early"));
  assert.ok(seen.at(-1).startsWith(`kept: epoch ${figures.length - 2}, perplexity ${least.toFixed(1)};`), seen.at(-1));
});

test("words: a stopped training keeps what it has learned", async () => {
  const stop = new AbortController();
  const say = (line) => line.startsWith("epoch 1") && stop.abort();
  const model = await words.trainWordModel(REVIEWS, { reviews: 40, words: 50, epochs: 50 }, { say, signal: stop.signal });
  assert.equal(model.guess("it is").length, 5);
});

test("words: the reviews that are held back are no part of the vocabulary", async () => {
  const reviews = [...REVIEWS.slice(0, 18), "a zebra.", "zebra"];
  const { words: known, held } = await words.prepare(reviews, 50);
  assert.ok(known.includes("box") && !known.includes("zebra"));
  assert.deepEqual(held.at(-1), [1, 2]);
});

test("words: what cannot be trained on is refused in a sentence", async () => {
  const settings = { reviews: 300, words: 50, epochs: 1 };
  for (const [reviews, sentence] of [
    [[], /at least 20 reviews with text, and there are 0/],
    [REVIEWS.slice(0, 5), /at least 20 reviews with text, and there are 5/],
    [Array(20).fill("***"), /no words in these reviews/],
  ]) {
    await assert.rejects(words.trainWordModel(reviews, settings, silent), sentence);
  }
});

test("digits: loss and accuracy count every image once, in a last batch that is not full too", async () => {
  const model = digits.buildModel();
  for (const weight of model.weights) weight.write(tf.zeros(weight.shape));
  model.optimizer.learningRate = 0;
  const { loss, accuracy, seen } = await digits.trainEpoch(model, halves(70), {});
  assert.equal(seen, 70);
  assert.ok(Math.abs(loss - Math.log(10)) < 1e-4 && Math.abs(accuracy - 0.5) < 1e-6, `${loss}, ${accuracy}`);
  dispose(model);
});

test("digits are learned from every image, and a failed training leaves nothing behind", async () => {
  const before = tf.memory().numTensors;
  const [some, said] = [halves(70), []];
  const model = await digits.trainModel(some, 3, { say: (line) => said.push(line) });
  assert.match(said[0], /^18506 weights, 70 images, backend wasm$/);
  assert.equal(said.filter((line) => /^epoch \d: loss [\d.]+, accuracy [\d.]+$/.test(line)).length, 3);
  assert.deepEqual(await digits.answersOf(model, some), [...some.labels]);
  dispose(model);
  const damaged = { ...some, images: new Float32Array(70 * 784).fill(NaN) };
  await assert.rejects(digits.trainModel(damaged, 1, silent), /the training diverged/);
  assert.equal(tf.memory().numTensors, before);
});

test("a number that cannot be is refused with its option and its range", () => {
  const read = (given) => readSettings("digits", given, ["wasm", "cpu"]);
  assert.deepEqual(read({ epochs: "4" }), { backend: "wasm", images: 2000, epochs: 4, test: 1000 });
  assert.deepEqual(read({ backend: "cpu" }), { backend: "cpu", images: 200, epochs: 1, test: 100 });
  for (const bad of ["abc", "0", "-5", "", "1.5", "1e9", "101", "٣"]) {
    assert.throws(() => read({ epochs: bad }), new RegExp(`^Error: epochs must be a whole number from 1 to 100, not "${bad}"$`));
  }
  for (const [program, name, bad, range] of [
    ["digits", "images", ["31", "55001"], "32 to 55000"],
    ["next_word", "words", ["49", "20001"], "50 to 20000"],
    ["next_word", "reviews", ["19", "100001"], "20 to 100000"],
  ]) {
    for (const text of bad) {
      const sentence = new RegExp(`${name} must be a whole number from ${range}, not "${text}"`);
      assert.throws(() => readSettings(program, { [name]: text }, ["wasm"]), sentence);
    }
  }
  assert.throws(() => read({ backend: "abacus" }), /backend must be one of wasm, cpu, not "abacus"/);
  for (const program of ["digits", "next_word"]) {
    for (const backend of ["wasm", "cpu"]) readSettings(program, usualSettings(program, backend), [backend]);
  }
});
