/* The instruments' arithmetic against the book's reference in NumPy, computed now. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { answerOf, knownFrom, makeReader, prepare } from "../instruments/digit_microscope.js";
import { PRESETS, run, STEPS, step, toPosition, toWeight } from "../instruments/gate_explorer.js";

import {
  accept, draw, makeModel, makeReading, probabilitiesOf, suggest, tokensOf,
} from "../instruments/review_autocomplete.js";

const script = fileURLToPath(new URL("instruments_vectors.py", import.meta.url));
const output = execFileSync("python", [script], { maxBuffer: 2 ** 26 });
const vectors = JSON.parse(output);

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

const states = (name) => run(PRESETS[name].signal, PRESETS[name]);

test("remember: the state is what was loud, until the next loud value", () => {
  const steps = states("remember");
  const { signal, W } = PRESETS.remember;
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
  const { signal, ...weights } = PRESETS.restart;
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

test("a text is cut into the tokens that Python cuts it into", () => {
  for (const { text, tokens } of vectors.texts) {
    const found = tokensOf(text);
    assert.deepEqual(found.map((one) => one.token), tokens);
    for (const { token, start, end } of found) {
      const alone = tokensOf(text.slice(start, end)).map((one) => one.token);
      // A capital sigma's small letter depends on what stands before it.
      assert.equal(alone.join().replaceAll("ς", "σ"), token.replaceAll("ς", "σ"), text);
    }
  }
});

test("surprise and next words are the reference's, whatever was typed before", () => {
  const { file, text, tokens, surprises, probabilities } = vectors.words;
  const model = makeModel(file);
  const ids = tokens.map(model.idOf);
  assert.deepEqual(tokensOf(text).map((one) => one.token), tokens);
  const reading = makeReading(model);
  for (const detour of [[], [5, 6, 7], ids.slice(0, 4), [...ids.slice(0, 3), 1], [...ids, 4, 4]]) {
    reading.set(detour);
    assert.ok(reading.work(1e6));
    reading.set(ids);
    assert.ok(reading.work(1e6));
    close(reading.surprises, surprises, 1e-4, "surprise");
    close(probabilitiesOf(reading.scores()), probabilities, 1e-5, "probability");
  }
});

test("reading goes on where it stopped", () => {
  const model = makeModel(vectors.words.file);
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
  for (const p of [cold, one, hot]) assert.ok(Math.abs(p.reduce((a, b) => a + b) - 1) < 1e-6);
  assert.ok(cold[3] > one[3] && one[3] > hot[3]);
  assert.ok(Math.abs(cold[3] / cold[2] - Math.exp(2)) < 1e-4);
});

test("suggestions begin with what was typed, the likeliest first, and are words", () => {
  const model = makeModel(vectors.words.file);
  const p = [0.9, 0.9, 0.9, 0.1, 0.05, 0.2, 0.3, 0.01, 0.02, 0.04, 0.06];
  const found = (begun, n) => suggest(model, p, begun, n).map(({ word }) => word);
  assert.deepEqual(found("", 3), ["is", "boxes", "the"]);
  assert.deepEqual(found("box", 5), ["boxes", "boxy", "box"]);
  assert.deepEqual(found("zebra", 5), []);
});

test("words drawn by chance come as often as their probability says", () => {
  const model = makeModel(vectors.words.file);
  const p = [0.2, 0.1, 0.1, 0.3, 0.3, 0, 0, 0, 0, 0, 0];
  const found = Array.from({ length: 1000 }, (_, i) => draw(model, p, i / 1000));
  assert.equal(found.filter((word) => word === "the").length, 500);
  assert.equal(found.filter((word) => word === "box").length, 500);
});

test("an accepted word gets the spaces and the capital that belong there", () => {
  assert.equal(accept("", "", "the"), "The ");
  assert.equal(accept("I love ", "", "it"), "I love it ");
  assert.equal(accept("I love", "", "it"), "I love it ");
  assert.equal(accept("I lo", "lo", "love"), "I love ");
  assert.equal(accept("I love it ", "", "."), "I love it. ");
  assert.equal(accept("I love it. ", "", "the"), "I love it. The ");
  assert.equal(accept("and ", "", "i'm"), "and I'm ");
});
