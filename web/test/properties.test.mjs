/* Any input at all: what reads a file or a text either reads it or refuses it in a sentence. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { readCsv, reviewsOf } from "../programs/reviews.js";

import { gruForward, makeCell } from "../gru/gru.js";
import { gruStepBack } from "../gru/gru_backward.js";
import { readIdx } from "../gru/mnist.js";
import { sentencesOf } from "../programs/next_word.js";
import { buildVocabulary, encode, END, makeWindows, PAD, tokensOf, wordsOf } from "../gru/words.js";
import { readWeights } from "../gru/weights.js";

const anyText = () => fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));

/* Run read; an error that it throws must be a sentence of ours, not one of the language's own. */
function readOrRefused(read) {
  try {
    return read();
  } catch (error) {
    assert.equal(error.constructor, Error, error.stack);
    assert.match(error.message, /^\S.{15,}$/s);
    return null;
  }
}

test("any table survives a CSV file", () => {
  const column = fc.stringMatching(/^[a-z]{1,8}$/);
  const tables = fc.uniqueArray(column, { minLength: 2, maxLength: 5 }).chain((names) =>
    fc.record({
      names: fc.constant(names),
      rows: fc.array(fc.tuple(...names.map(anyText)), { maxLength: 8 }),
      newline: fc.constantFrom("\n", "\r\n"),
    }),
  );
  const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(tables, ({ names, rows, newline }) => {
      const text = [names, ...rows].map((row) => row.map(quoted).join(",") + newline).join("");
      const wanted = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
      assert.deepEqual(readCsv(text), wanted);
    }),
  );
});

test("any text as a CSV file is read or refused in a sentence", () => {
  const pieces = fc.array(fc.constantFrom('"', ",", "\n", "\r", "\r\n", "text", "é", "\uFEFF", " "));
  fc.assert(
    fc.property(fc.oneof(anyText(), pieces.map((all) => all.join(""))), (text) => {
      const rows = readOrRefused(() => readCsv(text));
      if (rows) readOrRefused(() => reviewsOf(rows));
    }),
  );
});

test("a CSV field of ten million characters is read", () => {
  const long = 'x"'.repeat(5e6);
  const [row] = readCsv(`text,stars\n"${long.replaceAll('"', '""')}",5\n`);
  assert.equal(row.text.length, 1e7);
});

test("any bytes as an IDX file are read or refused in a sentence", () => {
  const header = fc.tuple(fc.constant(0), fc.constant(0), fc.constant(8), fc.integer({ min: 0, max: 4 }));
  const small = fc.array(fc.tuple(fc.constant(0), fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 3 })));
  const nearly = fc.tuple(header, small, fc.uint8Array()).map(([start, sizes, rest]) =>
    Uint8Array.of(...start, ...sizes.flat(), ...rest),
  );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), nearly), (bytes) => {
      const found = readOrRefused(() => readIdx(bytes));
      if (found) assert.equal(found.values.length, found.shape.reduce((a, b) => a * b, 1));
    }),
  );
});

test("any JSON as a weights file is read or refused in a sentence", () => {
  const base64 = fc.oneof(fc.base64String(), fc.string());
  const entry = fc.record(
    {
      shape: fc.oneof(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.jsonValue()),
      dtype: fc.oneof(fc.constantFrom("float32", "int8"), fc.jsonValue()),
      data: fc.oneof(base64, fc.jsonValue()),
      axis: fc.oneof(fc.constantFrom(0, 1), fc.jsonValue()),
      scale: fc.oneof(base64, fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const file = fc.record({
    format: fc.constant("grubook-weights"),
    arrays: fc.oneof(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(entry, fc.jsonValue())), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), file), (content) => {
      for (const { shape, values } of Object.values(readOrRefused(() => readWeights(content)) ?? {})) {
        assert.equal(values.length, shape.reduce((a, b) => a * b, 1));
      }
    }),
    { numRuns: 1000 },
  );
});

test("tokens stand where they say, and cutting them again changes nothing", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const found = tokensOf(text);
      let end = 0;
      for (const one of found) {
        assert.ok(one.token && one.start >= end && one.end > one.start && one.end <= text.length);
        assert.deepEqual(tokensOf(text.slice(one.start, one.end)).map((again) => again.token), [one.token]);
        end = one.end;
      }
      const tokens = found.map((one) => one.token);
      assert.deepEqual(tokensOf(tokens.join(" ")).map((one) => one.token), tokens);
      assert.deepEqual(wordsOf(tokens.join(" ")), tokens);
    }),
  );
});

test("any review becomes sentences, words and windows of the asked length", () => {
  fc.assert(
    fc.property(fc.array(anyText(), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (reviews, steps) => {
      const sentences = reviews.flatMap(sentencesOf).map(wordsOf);
      const vocabulary = buildVocabulary(sentences, 20);
      const encoded = sentences.map((words) => [...encode(words, vocabulary), END]);
      const { inputs, targets } = makeWindows(encoded, steps);
      const real = (windows) => windows.flat().filter((id) => id !== PAD);
      assert.ok([...inputs, ...targets].every((window) => window.length === steps));
      assert.deepEqual(real(targets), encoded.flat());
      assert.deepEqual(real(inputs), encoded.flatMap((ids) => [END, ...ids.slice(0, -1)]));
    }),
  );
});

test("the backward pass is the slope of the forward pass, for any weights and either reset", () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true });
  const list = (n) => fc.array(number, { minLength: n, maxLength: n }).map((values) => Float32Array.from(values));
  const [features, units, timesteps] = [3, 2, 4];
  const networks = fc.boolean().chain((resetAfter) => fc.record({
    resetAfter: fc.constant(resetAfter),
    W: list(features * 3 * units), U: list(units * 3 * units), b: list((1 + resetAfter) * 3 * units),
    h0: list(units), dh: list(units), xs: fc.tuple(...Array(timesteps).fill(list(features))),
  }));
  fc.assert(fc.property(networks, ({ resetAfter, W, U, b, h0, dh, xs }) => {
    const array = (shape, values) => ({ shape, values });
    const bias = array(resetAfter ? [2, 3 * units] : [3 * units], b);
    const cell = makeCell({ W: array([features, 3 * units], W), U: array([units, 3 * units], U), b: bias }, resetAfter);
    const worth = (inputs, start) => gruForward(inputs, cell, { h0: start }).at(-1).h.reduce((sum, v, i) => sum + v * dh[i], 0);
    const slope = (list, i, value) => {
      const by = 0.01;
      const [up, down] = [by, -by].map((step) => value(list.map((v, j) => v + (i === j) * step)));
      return (up - down) / (2 * by);
    };
    const steps = gruForward(xs, cell, { h0 });
    let [back, now] = [null, dh];
    for (let t = timesteps - 1; t >= 0; t--) {
      back = gruStepBack(now, xs[t], t ? steps[t - 1].h : h0, steps[t], cell);
      now = back.h;
      for (let i = 0; i < features; i++) {
        const wanted = slope(xs[t], i, (x) => worth(xs.with(t, x), h0));
        assert.ok(Math.abs(back.x[i] - wanted) < 1e-3, `input ${i} of step ${t}: ${back.x[i]}, not ${wanted}`);
      }
    }
    for (let i = 0; i < units; i++) {
      const wanted = slope(h0, i, (start) => worth(xs, start));
      assert.ok(Math.abs(back.h[i] - wanted) < 1e-3, `h ${i}: ${back.h[i]}, not ${wanted}`);
    }
  }));
});
