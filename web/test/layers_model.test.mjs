/* Layers models that TensorFlow.js would misread, or refuse with a riddle. The traps that lie between
   Keras and TensorFlow.js are provoked and mended in the browser chapter, whose cells are tests. */

import assert from "node:assert/strict";
import test from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { loadModel } from "../gru/layers_model.js";

tf.enableProdMode();

const gruModel = (settings) => {
  const layers = [
    { class_name: "InputLayer", config: { name: "input", dtype: "float32", batch_input_shape: [null, null, 2] } },
    { class_name: "GRU", config: { name: "gru", units: 1, recurrent_activation: "sigmoid", ...settings } },
  ];
  const weights = Object.entries({ kernel: [2, 3], recurrent_kernel: [1, 3], bias: [3] }).map(
    ([name, shape]) => ({ name: `gru/${name}`, shape, dtype: "float32" }),
  );
  return {
    modelTopology: { model_config: { class_name: "Sequential", config: { name: "model", layers } } },
    weightsManifest: [{ paths: ["weights.bin"], weights }],
  };
};
const bytes = new Uint8Array(new Float32Array(12).fill(0.5).buffer);

test("a layers model is loaded and computes with the sigmoid", async () => {
  const within = new Uint8Array(100).fill(7); // Node.js reads a small file into a part of a buffer
  within.set(bytes, 20);
  const model = await loadModel(gruModel({}), within.subarray(20, 20 + bytes.length));
  const found = model.predict(tf.tensor3d([[[1, 2]]])).dataSync()[0];
  const a = 0.5 * 3 + 0.5; // x W + b; the state is zero
  assert.ok(Math.abs(found - (1 - 1 / (1 + Math.exp(-a))) * Math.tanh(a)) < 1e-6);
});

test("what cannot be loaded is refused in a sentence", async () => {
  await assert.rejects(loadModel(gruModel({ reset_after: true }), bytes), /train with reset_after=False/);
  await assert.rejects(loadModel({}, bytes), /no layers model/);
  await assert.rejects(loadModel(gruModel({}), bytes.subarray(0, 40)), /must be 48 bytes, but there are 40/);
});
