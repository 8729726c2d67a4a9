/* The memory race, held against Keras, computed now. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { answerOf, FIRST, lettersOf, makeRacers, NOISE, rightGaps, stretched } from "../gru/race.js";

const { file, found, symbols, first } = JSON.parse(
  execFileSync("python", ["-m", "web.test.race_vectors"], { maxBuffer: 2 ** 26, cwd: new URL("../..", import.meta.url) }),
);
const LETTERS = [...FIRST, ...NOISE];
const read = Object.fromEntries(
  makeRacers(file).map((racer) => [racer.name, symbols.map((sequence) => racer.read(sequence.map((one) => LETTERS[one])))]),
);

test("each racer's states and answers are Keras's", () => {
  assert.deepEqual(Object.keys(read), Object.keys(found));
  for (const name in found) {
    for (const part of ["h", "p"]) {
      found[name][part].forEach((sequence, i) => sequence.forEach((wanted, t) => wanted.forEach((value, j) => {
        const mine = read[name][i][t][part][j];
        assert.ok(Math.abs(mine - value) <= 1e-5, `${name}, sequence ${i}: ${part}[${t}, ${j}] is ${mine}, not ${value}`);
      })));
    }
  }
});

test("the accuracy that stands beside a racer is the one it has", () => {
  for (const [name, { shown, trainings }] of Object.entries(file.about.racers)) {
    for (let gap = 0; gap <= 60; gap++) {
      const right = read[name].filter((steps, n) => answerOf(steps[gap].p) === first[n]).length / first.length;
      const stored = trainings[shown][gap];
      assert.ok(Math.abs(right - stored) < 0.12, `${name} at gap ${gap}: ${right}, stored ${stored}`);
    }
  }
});

test("a text is taken apart, and its gap drawn out", () => {
  assert.deepEqual(lettersOf("b W\tx🎉Qa"), { letters: [..."BwxA"], unknown: ["🎉", "Q"] });
  const long = stretched([..."Bxy"], 160);
  assert.equal(long.length, 161);
  assert.deepEqual(long.slice(0, 3), [..."Bxy"]);
  for (const one of NOISE) assert.ok(long.filter((letter) => letter === one).length > 25, one);
  assert.deepEqual(stretched(long, 2), [..."Bxy"]);
  assert.deepEqual(stretched(["B"], 160).slice(3), long.slice(3), "the same at each visit");
});

test("where an answer was right is said in gaps", () => {
  const steps = [0, 1, 1, 0, 1].map((answer) => ({ p: [1 - answer, answer] }));
  assert.deepEqual(rightGaps(steps, 1), [[1, 2], [4, 4]]);
  assert.deepEqual(rightGaps(steps, 2), []);
});
