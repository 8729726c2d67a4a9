/* What the programs read: MNIST's files, CSV, words; and pictures of digits. */

import assert from "node:assert/strict";
import test from "node:test";
import { readCsv, readReviews, reviewsOf } from "../programs/reviews.js";
import { pixelsOf, readIdx, takeDigits } from "../gru/mnist.js";
import { toMnist } from "../gru/picture.js";
import { sentencesOf } from "../programs/next_word.js";
import { buildVocabulary, encode, END, makeWindows, wordsOf } from "../gru/words.js";

test("IDX files are read, and others refused", () => {
  const file = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9);
  assert.deepEqual([...readIdx(file).values], [7, 8, 9]);
  assert.throws(() => readIdx(file.subarray(0, 10), "a file"), /a file is truncated: it announces 3/);
  assert.throws(() => readIdx(Uint8Array.of(1, 2, 3)), /not an IDX file/);
  const images = { shape: [2, 28, 28], values: new Uint8Array(2 * 784).fill(255) };
  const labels = { shape: [2], values: Uint8Array.of(3, 4) };
  const digits = takeDigits(images, labels, 1);
  assert.deepEqual([...pixelsOf({ images: Uint8Array.of(...Array(784).fill(0), ...Array(784).fill(51)) }, [1, 0])].filter((_, i) => i % 784 === 7), [0.2, 0].map(Math.fround));
  assert.deepEqual([digits.n, digits.images.length, ...digits.labels], [1, 784, 3]);
  assert.equal(takeDigits(images, labels, 2).images.length, 2 * 784, "all that there are");
  assert.throws(() => takeDigits(images, labels, 3), /hold 2 images, too few for 3/);
  assert.throws(() => takeDigits(images, { shape: [3] }, 1), /as many labels as images/);
  assert.throws(() => takeDigits(images, images, 1), /as many labels as images/);
  assert.throws(() => takeDigits(images, { shape: [2], values: Uint8Array.of(3, 10) }, 1), /not a digit/);
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

test("a reader's file is read whole, or refused in a sentence that names it", () => {
  const encoded = (text) => new TextEncoder().encode(text);
  const wide = (text, mark, high) =>
    Uint8Array.from([...mark, ...[...text].flatMap((c) => (high ? [0, c.charCodeAt(0)] : [c.charCodeAt(0), 0]))]);
  const read = (bytes) => readReviews(bytes, "own.csv");
  assert.deepEqual(read(encoded("\uFEFF stars , Text \n5,good\n4,  \n3,\n1,bad \n")), ["good", "bad "]);
  assert.deepEqual(read(encoded("text,review_body\na,b\n")), ["b"], "review_body comes first");
  assert.deepEqual(read(wide("text\ngood\n", [255, 254], false)), ["good"]);
  assert.deepEqual(read(wide("text\ngood\n", [254, 255], true)), ["good"]);
  assert.deepEqual(read(encoded('text,stars\nthe 5" box,5\n')), ['the 5" box']);
  const latin = Uint8Array.of(...encoded("text\ncaf"), 0xe9);
  for (const bytes of [latin, wide("text\ngood", [], false)]) {
    assert.throws(() => read(bytes), /^Error: own\.csv: not a text in UTF-8/);
  }
  // 41 rows with an open quote became 11 reviews.
  const rows = Array.from({ length: 41 }, (_, i) => (i === 10 ? '5,"I like it' : "5,I like it"));
  assert.throws(() => read(encoded(["stars,text", ...rows].join("\n"))), /own\.csv: row \d+ .* quote in the wrong place/);
  assert.throws(() => read(encoded('stars,text\n5,"good" box\n')), /quote in the wrong place/);
  assert.throws(() => read(encoded("stars,text\n5,good\n5,good, really\n")), /row 3 .* 3 fields where its header has 2/);
  assert.throws(() => read(encoded("stars,text\n5\n")), /row 2 .* 1 fields where its header has 2/);
  assert.throws(() => read(encoded("text,text\n5,6\n")), /two columns of the CSV file are called "text"/);
});

test("reviews become sentences, words, integers and windows", () => {
  const review = "I love it! Dr. Smith said it’s<br />fine. [[VIDEOID:4c]] Ok &amp; good.";
  assert.deepEqual(sentencesOf(review), ["I love it!", "Dr. Smith said it’s fine.", "Ok & good."]);
  assert.deepEqual(wordsOf("Don’t buy_it: 3 Äpfel, OK?"), ["don't", "buy", "it", "3", "äpfel", ",", "ok", "?"]);
  const vocabulary = buildVocabulary([["b", "a", "c"], ["b", "d", "d"]], 6);
  assert.deepEqual(vocabulary.words, ["<pad>", "<unk>", "<eos>", "b", "d", "a"], "ties go by the alphabet");
  const ids = [...encode(["b", "B", "d"], vocabulary), END];
  assert.deepEqual(ids, [3, 1, 4, 2]);
  assert.deepEqual(makeWindows([ids, [5, 2]], 3), {
    inputs: [[2, 3, 1], [4, 0, 0], [2, 5, 0]],
    targets: [[3, 1, 4], [2, 0, 0], [5, 2, 0]],
  });
});

test("a picture is centered by its mass and scaled as MNIST's digits are", () => {
  const [width, height] = [60, 40];
  const gray = new Float32Array(width * height).fill(1);
  for (let y = 10; y < 30; y++) for (let x = 41; x < 45; x++) gray[y * width + x] = 0; // a dark bar
  const image = toMnist(gray, width, height);
  const rows = [...Array(28).keys()].filter((y) => image.subarray(y * 28, (y + 1) * 28).some((v) => v > 0.5));
  assert.deepEqual([rows[0], rows.at(-1)], [4, 23]);
  // The bar is 4 wide and 20 high, as it comes out: its center of mass is that of the image.
  const columns = [...image.subarray(14 * 28, 15 * 28)].flatMap((ink, x) => (ink > 0.5 ? [x] : []));
  assert.deepEqual(columns, [12, 13, 14, 15]);
  assert.ok(image.every((value) => value >= 0 && value <= 1));
  // Faint ink stays, as faint as it is.
  const faint = toMnist(gray.map((value, i) => (value === 0 && i % width > 42 ? 0.5 : value)), width, height);
  assert.deepEqual([0.5, 1].map((ink) => faint.filter((value) => Math.abs(value - ink) < 0.01).length), [40, 40]);
  const light = toMnist(gray.map((value) => 1 - value), width, height);
  assert.deepEqual(light, image, "light on dark is the same digit");
  assert.throws(() => toMnist(new Float32Array(100).fill(0.5), 10, 10), /no digit in this picture/);
});
