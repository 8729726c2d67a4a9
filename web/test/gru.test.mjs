import assert from "node:assert/strict";
import test from "node:test";
import { checkArray, dense, gruForward, gruStep, makeCell, softmax } from "../gru/gru.js";
import { readWeights } from "../gru/weights.js";

const array = (shape, ...values) => ({ shape, values: Float32Array.from(values) });
const one = (resetAfter) =>
  makeCell(
    {
      W: array([1, 3], 1, 0, 2),
      U: array([1, 3], 0.5, -1, 1),
      b: resetAfter ? array([2, 3], 0, 0.25, 0, 0, 0, 0.5) : array([3], 0, 0.25, 0.5),
    },
    resetAfter,
  );
const near = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-6, `${found} is not ${wanted}`);

test("a step of one unit, by hand, the reset after the product", () => {
  const { h, z, r, hTilde } = gruStep([0.5], [-0.8], one(true));
  near(z[0], 1 / (1 + Math.exp(-0.1))); // 0.5 - 0.4
  near(r[0], 1 / (1 + Math.exp(-1.05))); // 0.25 + 0.8
  near(hTilde[0], Math.tanh(1 + (r[0] * (-0.8 + 0.5))));
  near(h[0], z[0] * -0.8 + (1 - z[0]) * hTilde[0]);
});

test("a step of one unit, by hand, the reset before the product", () => {
  const { h, z, r, hTilde } = gruStep([0.5], [-0.8], one(false));
  near(hTilde[0], Math.tanh(1 + 0.5 + r[0] * -0.8));
  near(h[0], z[0] * -0.8 + (1 - z[0]) * hTilde[0]);
});

test("a masked step copies the state and ignores its input", () => {
  const cell = one(true);
  const masked = gruForward([[1], [99], [2]], cell, { mask: [true, false, true] });
  const without = gruForward([[1], [2]], cell);
  assert.deepEqual(masked[1].h, masked[0].h);
  assert.deepEqual(masked[2].h, without[1].h);
});

test("an initial state is used, and not changed", () => {
  const h0 = Float32Array.of(0.75);
  assert.deepEqual(gruForward([[1]], one(true), { h0 })[0].h, gruStep([1], [0.75], one(true)).h);
  near(h0[0], 0.75);
});

test("dense and softmax", () => {
  const scores = dense([1, 2], array([2, 2], 1, 2, 3, 4), array([2], 10, 20));
  assert.deepEqual([...scores], [17, 30]);
  const p = softmax([1000, 1000, -1000]);
  assert.deepEqual([...p], [0.5, 0.5, 0]);
});

test("what does not fit is refused in a sentence", () => {
  const W = array([1, 3], 1, 0, 2);
  const U = array([1, 3], 0.5, -1, 1);
  const after = array([2, 3], 0, 0, 0, 0, 0, 0);
  assert.throws(() => makeCell({ W, U, b: after }, false), /reset after the recurrent product/);
  assert.throws(() => makeCell({ W, U, b: array([3], 0, 0, 0) }), /reset before the recurrent product/);
  assert.throws(() => makeCell({ W, U: array([1, 4], 1, 2, 3, 4), b: after }), /U must have the shape/);
  assert.throws(() => makeCell({ W: array([1, 3], 1, 0), U, b: after }), /W is truncated/);
  assert.throws(() => gruStep([1, 2], [0], one(true)), /takes 1 features and 1 units/);
  assert.throws(() => gruForward([[1]], one(true), { mask: [true, true] }), /the mask has 2 steps/);
  assert.throws(() => checkArray("b", array([2], 1, 2), [3]), /b must have the shape \(3\)/);
});

test("weights files: float32 and 8 bits are read, damage is refused", () => {
  const base64 = (numbers) => Buffer.from(numbers.buffer).toString("base64");
  const codes = { shape: [2, 2], dtype: "int8", data: base64(Int8Array.of(1, 2, 3, 4)) };
  const scale = base64(Float32Array.of(0.5, 2));
  const read = (entry) => readWeights({ format: "grubook-weights", arrays: { a: entry } }).a;
  assert.deepEqual([...read({ ...codes, axis: 0, scale }).values], [0.5, 1, 6, 8]);
  assert.deepEqual([...read({ ...codes, axis: 1, scale }).values], [0.5, 4, 1.5, 8]);
  const plain = { shape: [2], dtype: "float32", data: base64(Float32Array.of(1.5, -2)) };
  assert.deepEqual([...read(plain).values], [1.5, -2]);
  assert.throws(() => read({ ...plain, shape: [3] }), /a is truncated/);
  assert.throws(() => read({ ...plain, data: plain.data.slice(0, 4) }), /middle of a number/);
  assert.throws(() => read({ ...plain, data: "?" }), /not base64/);
  assert.throws(() => read({ ...plain, dtype: "float16" }), /has the type "float16"/);
  assert.throws(() => readWeights({}), /no weights file/);
});
