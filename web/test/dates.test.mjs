/* The date reader, held against the book's Python, computed now. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { calendar, makeDateReader, tidy } from "../gru/dates.js";

const { file, found } = JSON.parse(
  execFileSync("python", ["-m", "web.test.dates_vectors"], { maxBuffer: 2 ** 26, cwd: new URL("../..", import.meta.url) }),
);
const reader = makeDateReader(file);

test("a text is tidied as Python does it", () => {
  for (const one of found) assert.equal(tidy(one.text), one.tidy, JSON.stringify(one.text));
});

test("the reader writes what NumPy writes, as sure, and looks where it looks", () => {
  for (const one of found) {
    const { steps, written } = reader.read(one.text, one.language);
    assert.equal(written, one.written, JSON.stringify(one.text));
    steps.forEach(({ p, looked }, t) => {
      assert.ok(Math.abs(p - one.p[t]) <= 1e-5, `${one.text}: p is ${p}, not ${one.p[t]}`);
      assert.equal(looked.length, one.looked[t].length);
      looked.forEach((a, j) => assert.ok(Math.abs(a - one.looked[t][j]) <= 1e-5, `${one.text}: a[${t}, ${j}]`));
    });
  }
});

test("what it cannot read is said", () => {
  const { unknown, known, beyond } = reader.read(`🎉 3/4/05 🎉${"9".repeat(100)}`, "en");
  assert.deepEqual(unknown, ["🎉"]);
  assert.equal(known.length, file.timesteps - 1);
  assert.equal(beyond, 1 + 6 + 1 + 100 - known.length);
});

test("a calendar knows what there is", () => {
  for (const [written, wanted] of [
    ["2026-11-21", "day"], ["2026-02-30", "none"], ["2024-02-29", "day"], ["2023-02-29", "none"],
    ["2026-11", "month"], ["2026-13", "none"], ["2026-00-10", "none"], ["", "text"], ["20261121", "text"],
    ["0099-12-31", "day"],
  ]) assert.equal(calendar(written), wanted, written);
});
