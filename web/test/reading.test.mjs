/* What the programs read: MNIST's files, CSV, words; and pictures of digits. */

import assert from "node:assert/strict";
import test from "node:test";
import { readCsv, reviewsOf } from "../programs/csv.js";
import { readIdx, takeDigits } from "../gru/mnist.js";
import { toMnist } from "../gru/picture.js";
import { sentencesOf } from "../programs/next_word.js";
import { buildVocabulary, makeWindows, unigramPerplexity, wordsOf } from "../gru/words.js";

test("IDX files are read, and others refused", () => {
  const file = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9);
  assert.deepEqual([...readIdx(file).values], [7, 8, 9]);
  assert.throws(() => readIdx(file.subarray(0, 10), "a file"), /a file is truncated: it announces 3/);
  assert.throws(() => readIdx(Uint8Array.of(1, 2, 3)), /not an IDX file/);
  const images = { shape: [2, 28, 28], values: new Uint8Array(2 * 784).fill(255) };
  const labels = { shape: [2], values: Uint8Array.of(3, 4) };
  const { images: pixels, labels: digits } = takeDigits(images, labels, 1, 1);
  assert.equal(pixels.length, 784);
  assert.equal(pixels[0], 1);
  assert.deepEqual([...digits], [4]);
  assert.throws(() => takeDigits(images, labels, 1, 2), /hold 2 images, too few for 2 from 1 on/);
  assert.throws(() => takeDigits(images, { shape: [3] }, 0, 1), /as many labels as images/);
});

test("CSV is read as RFC 4180 has it", () => {
  const text = '\uFEFFa,b\r\n"x, ""y""\nz",2\r\n,\r\n';
  assert.deepEqual(readCsv(text), [{ a: 'x, "y"\nz', b: "2" }, { a: "", b: "" }]);
  assert.deepEqual(readCsv("a,b\n1,2"), [{ a: "1", b: "2" }]);
  assert.throws(() => readCsv('a,b\n1,"2"3\n'), /row 2 .* quote in the wrong place/);
  assert.throws(() => readCsv(""), /empty/);
  assert.throws(() => reviewsOf([{ stars: "5", words: "good" }]), /no column review_body or text; its columns are stars, words/);
  assert.throws(() => reviewsOf(readCsv("text\n")), /no review follows/);
});

test("reviews become sentences, words, integers and windows", () => {
  assert.deepEqual(sentencesOf("I love it! Dr. Smith said it’s<br />fine."), ["I love it!", "Dr. Smith said it's fine."]);
  assert.deepEqual(wordsOf("Don't buy_it: 3 Äpfel, OK?"), ["don't", "buy", "it", "3", "äpfel", ",", "ok", "?"]);
  const vocabulary = buildVocabulary([["b", "a"], ["b"]], 4);
  assert.deepEqual(vocabulary.words, ["<pad>", "<unk>", "<eos>", "b"]);
  const windows = makeWindows([["b", "a"]], vocabulary, 4);
  assert.deepEqual(windows, { inputs: [[2, 3, 1, 0]], targets: [[3, 1, 2, 0]] });
  // Each of the three words occurs once, and is counted once more: a third of all, every time.
  assert.ok(Math.abs(unigramPerplexity(windows, windows, vocabulary) - 3) < 1e-9);
});

test("a picture is centered by its mass and scaled as MNIST's digits are", () => {
  const [width, height] = [60, 40];
  const gray = new Float32Array(width * height).fill(1);
  for (let y = 10; y < 30; y++) for (let x = 41; x < 45; x++) gray[y * width + x] = 0; // a dark bar
  const image = toMnist(gray, width, height);
  const rows = [...Array(28).keys()].filter((y) => image.subarray(y * 28, (y + 1) * 28).some((v) => v > 0.5));
  assert.equal(rows.length, 20);
  assert.ok(Math.abs(rows[0] - 4) <= 1);
  assert.ok(image.every((value) => value >= 0 && value <= 1));
  const light = toMnist(gray.map((value) => 1 - value), width, height);
  assert.deepEqual(light, image, "light on dark is the same digit");
  assert.throws(() => toMnist(new Float32Array(100).fill(0.5), 10, 10), /no digit in this picture/);
});
