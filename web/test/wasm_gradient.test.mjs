/* WASM cannot train an embedding, until gather_gradient.js is imported. */

import assert from "node:assert/strict";
import test from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";

tf.enableProdMode();

const weights = [[1, 2], [3, 4], [5, 6]];
const lookUp = (table) => tf.gather(table, tf.tensor1d([2, 0, 2], "int32"));
const loss = (table) => tf.sum(tf.mul(lookUp(table), weights));
const gradient = () => tf.grad(loss)(tf.zeros([3, 2])).arraySync();

test("looking up a word has a gradient on both backends", async () => {
  await tf.setBackend("cpu");
  const wanted = gradient();
  assert.deepEqual(wanted, [[3, 4], [0, 0], [6, 8]]);
  await tf.setBackend("wasm");
  assert.throws(gradient, /Kernel 'UnsortedSegmentSum' not registered for backend 'wasm'/);
  await import("../gru/gather_gradient.js");
  assert.deepEqual(gradient(), wanted);
  await tf.setBackend("cpu");
  assert.deepEqual(gradient(), wanted);
});
