/* The instruments' arithmetic against the book's reference in NumPy, computed now. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { answerOf, imagesOf, knownFrom, makeReader, unitsByGate } from "../gru/digit_reader.js";
import { PEN, prepare, SIDE } from "../gru/strokes.js";
import { accept, cutTyped } from "../gru/typing.js";
import { run, step } from "../gru/unit.js";
import { thicknesses } from "../instruments/lib/colored_text.js";
import { toPosition, toWeight } from "../instruments/lib/gate_controls.js";
import { PRESETS, STEPS } from "../instruments/lib/gate_presets.js";

const command = ["-m", "web.test.instruments_vectors"];
const cwd = fileURLToPath(new URL("../..", import.meta.url));
const vectors = JSON.parse(execFileSync("python", command, { cwd, maxBuffer: 2 ** 26 }));

function close(found, wanted, tolerance, what) {
  assert.equal(found.length, wanted.length, what);
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(found[i] - wanted[i]);
    assert.ok(error <= tolerance, `${what}[${i}] is ${found[i]}, not ${wanted[i]}`);
  }
}

test("one unit computes what the reference computes", () => {
  for (const { weights, signal, ...parts } of vectors.units) {
    const steps = run(signal, weights);
    for (const name in parts) close(steps.map((one) => one[name]), parts[name], 1e-12, name);
    assert.deepEqual(steps.map((one) => one.old), [0, ...steps.slice(0, -1).map((one) => one.h)]);
  }
});

test("held gates are the theory chapter's table", () => {
  const none = { z: 0, r: 0, h: 0 };
  const one = { z: 0, r: 0, h: 1 };
  for (const { z, r, h } of vectors.held) {
    const found = step(-0.5, 0.8, { W: one, U: one, b: none }, { z, r });
    assert.ok(Math.abs(found.h - h) < 1e-12, `z = ${z}, r = ${r}: h is ${found.h}, not ${h}`);
  }
});

const states = (name) => run(PRESETS[name].signal, PRESETS[name].weights);

test("remember: the state is what was loud, until the next loud value", () => {
  const steps = states("remember");
  const { signal, weights: { W } } = PRESETS.remember;
  const loud = signal.flatMap((x, t) => (x > 0.5 ? [t] : []));
  assert.equal(loud.length, 3);
  loud.forEach((t, i) => {
    const end = loud[i + 1] ?? STEPS;
    for (let s = t; s < end; s++) {
      assert.ok(Math.abs(steps[s].h - Math.tanh(W.h * signal[t])) < 0.03, `step ${s + 1}`);
    }
  });
});

test("forget: the state shrinks by ten elevenths a step", () => {
  const steps = states("forget");
  for (let t = 10; t < STEPS; t++) {
    assert.ok(Math.abs(steps[t].h / steps[t - 1].h - 10 / 11) < 1e-3);
  }
});

test("count: the state tells how many events there were", () => {
  let events = 0;
  states("count").forEach(({ x, h }) => {
    events += x;
    assert.equal(Math.round(Math.log(1 - h) / Math.log(0.9)) + 0, events);
  });
  assert.ok(events > 5);
});

test("restart: with the reset gate held open nothing starts again", () => {
  const { signal, weights } = PRESETS.restart;
  const marks = signal.flatMap((x, t) => (x < 0 ? [t] : []));
  for (const t of marks) {
    assert.ok(run(signal, weights)[t].h < 0);
    assert.ok(run(signal, weights, { r: 1 })[t].h > 0.2);
  }
});

test("a slider's position and its weight belong together", () => {
  for (let p = -100; p <= 100; p++) {
    const weight = toWeight(p / 100);
    assert.ok(Math.abs(toPosition(weight) - p / 100) < 0.01, `position ${p / 100}`);
    assert.equal(toWeight(toPosition(weight)), weight);
  }
  assert.equal(toWeight(1), 30);
  assert.equal(Object.is(toWeight(0), 0), true);
  for (let p = -99; p <= 100; p++) assert.ok(toWeight(p / 100) > toWeight((p - 1) / 100));
});

test("the drawing's pen and frame are the experiment's", () => {
  assert.deepEqual([SIDE, PEN], vectors.frame);
});

test("a drawing is prepared as in NumPy, whatever was drawn", () => {
  for (const { strokes, image } of vectors.drawings) close(prepare(strokes), image, 1e-5, "pixel");
  assert.ok(prepare([]).every((ink) => ink === 0));
});

test("where and how large a digit is drawn does not matter", () => {
  const strokes = [[[0.2, 0.1], [0.6, 0.15], [0.3, 0.9]], [[0.25, 0.5], [0.5, 0.55]]];
  const moved = strokes.map((stroke) => stroke.map(([x, y]) => [0.4 * x + 0.5, 0.4 * y + 0.02]));
  close(prepare(moved), prepare(strokes), 1e-5, "pixel");
});

test("the network reads a drawing as the reference does", () => {
  const { weights, image, ...parts } = vectors.reading;
  for (const one of Object.values(weights)) one.values = Float32Array.from(one.values);
  const steps = makeReader(weights)(Float32Array.from(image));
  for (const name in parts) {
    steps.forEach((one, t) => close(one[name], parts[name][t], 1e-4, `${name} after row ${t + 1}`));
  }
});

test("when did it know: the first row from which the answer stays", () => {
  const say = (digit) => ({ probabilities: Array.from({ length: 10 }, (_, i) => Number(i === digit)) });
  assert.equal(answerOf(say(7)), 7);
  assert.equal(knownFrom([3, 7, 7, 3, 3].map(say)), 4);
  assert.equal(knownFrom([3, 3, 3].map(say)), 1);
  assert.equal(knownFrom([1, 2, 3].map(say)), 3);
});

test("the units are shown from the one that keeps least, over all readings", () => {
  const readings = [[[0.5, 0.2, 0.9], [0.1, 0.1, 0.9]], [[0.9, 0.1, 0.2]]];
  assert.deepEqual(unitsByGate(readings.map((steps) => steps.map((z) => ({ z })))), [1, 0, 2]);
});

test("examples are bytes of ink, one image after the other", () => {
  const bytes = Uint8Array.from({ length: 2 * SIDE * SIDE }, (_, i) => i % 251);
  const images = imagesOf({ images: Buffer.from(bytes).toString("base64"), labels: [4, 2] });
  assert.equal(images.length, 2);
  images.forEach((image, n) => {
    close(image, Array.from({ length: SIDE * SIDE }, (_, i) => bytes[n * SIDE * SIDE + i] / 255), 1e-7, "ink");
  });
});

test("a word at the end is open until something follows it", () => {
  const cut = (text) => {
    const { finished, open } = cutTyped(text);
    return [finished.map(({ token }) => token).join(), open?.token];
  };
  assert.deepEqual(cut(""), ["", undefined]);
  assert.deepEqual(cut("I lo"), ["i", "lo"]);
  assert.deepEqual(cut("I love "), ["i,love", undefined]);
  assert.deepEqual(cut("I love it!"), ["i,love,it,!", undefined]);
  assert.deepEqual(cut("5"), ["", "5"]);
});

test("an accepted word gets the spaces and the capital that belong there", () => {
  for (const [text, word, wanted] of [
    ["", "the", "The "],
    ["I love ", "it", "I love it "],
    ["I lo", "love", "I love "],
    ["the cafe\u0301", "café", "the café "],
    ["I love it ", ".", "I love it. "],
    ["I love it.", "the", "I love it. The "],
    ["I love it. ", "the", "I love it. The "],
    ["so, ", "the", "so, the "],
    ["and ", "i'm", "and I'm "],
    ["and ", "it", "and it "],
  ]) assert.equal(accept(text, word), wanted);
});

test("the line under a word is as thick as its share of the greatest, and none where there is none", () => {
  for (const [shares, wanted] of [[[0.25, 0.5], [4, 8]], [[0, 0], [0, 0]], [[], []]]) {
    assert.deepEqual(thicknesses(shares), wanted);
  }
});
