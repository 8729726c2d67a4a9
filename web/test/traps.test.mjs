/* The traps between Keras and TensorFlow.js: each is provoked, then mended. */

import assert from "node:assert/strict";
import test from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { loadModel } from "../gru/layers_model.js";
import { oneHotTargets } from "../programs/next_word.js";

tf.enableProdMode();
test.beforeEach(() => tf.setBackend("cpu"));

const gruModel = (settings = {}, input = { batch_input_shape: [null, null, 2] }) => ({
  modelTopology: {
    model_config: {
      class_name: "Sequential",
      config: {
        name: "model",
        layers: [
          { class_name: "InputLayer", config: { name: "input", dtype: "float32", ...input } },
          { class_name: "GRU", config: { name: "gru", units: 1, ...settings } },
        ],
      },
    },
  },
  weightsManifest: [
    {
      paths: ["weights.bin"],
      weights: [
        { name: "gru/kernel", shape: [2, 3], dtype: "float32" },
        { name: "gru/recurrent_kernel", shape: [1, 3], dtype: "float32" },
        { name: "gru/bias", shape: [3], dtype: "float32" },
      ],
    },
  ],
});
const bytes = new Uint8Array(new Float32Array(12).fill(0.5).buffer);
const state = (model) => model.predict(tf.tensor3d([[[1, 2]]])).dataSync()[0];

test("reset_after: the layer refuses Keras's default, and loadModel says what to do", async () => {
  assert.throws(() => layers.layers.gru({ units: 1, resetAfter: true }), /does not support reset_after/);
  await assert.rejects(loadModel(gruModel({ reset_after: true }), bytes), /train with reset_after=False/);
  const model = await loadModel(gruModel({ reset_after: false }), bytes);
  assert.ok(Number.isFinite(state(model)));
  // The other mend, gru_core.js, computes it: parity.test.mjs.
});

test("hardSigmoid: the default gate is another function than Keras's", async () => {
  const byDefault = await loadModel(gruModel(), bytes);
  const mended = await loadModel(gruModel({ recurrent_activation: "sigmoid" }), bytes);
  const [a, candidate] = [0.5 * 3 + 0.5, Math.tanh(0.5 * 3 + 0.5)]; // x W + b; the state is zero
  const straight = Math.min(1, Math.max(0, 0.2 * a + 0.5));
  assert.ok(Math.abs(state(byDefault) - (1 - straight) * candidate) < 1e-6);
  assert.ok(Math.abs(state(mended) - (1 - 1 / (1 + Math.exp(-a))) * candidate) < 1e-6);
  assert.ok(Math.abs(state(byDefault) - state(mended)) > 0.01);
});

test("batch_shape: Keras 3's name for the input's shape is not known", async () => {
  await assert.rejects(loadModel(gruModel({}, { batch_shape: [null, null, 2] }), bytes));
  await loadModel(gruModel({}, { batch_input_shape: [null, null, 2] }), bytes);
});

test("the loss is not masked: padding counts, until its target is a row of zeros", async () => {
  const model = layers.sequential();
  model.add(layers.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 4 }));
  model.add(layers.layers.gru({ units: 3, returnSequences: true, recurrentInitializer: "glorotUniform" }));
  model.add(layers.layers.dense({ units: 5, activation: "softmax" }));
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  const [words, targets] = [[[1, 2, 0, 0]], [[2, 3, 0, 0]]];
  const p = model.predict(tf.tensor2d(words)).arraySync()[0];
  const lossOf = (steps) => steps.reduce((sum, t) => sum - Math.log(p[t][targets[0][t]]), 0);
  const evaluate = (y) => model.evaluate(tf.tensor2d(words), y).dataSync()[0];
  const naive = evaluate(tf.oneHot(tf.tensor2d(targets, undefined, "int32"), 5));
  assert.ok(Math.abs(naive - lossOf([0, 1, 2, 3]) / 4) < 1e-5, "padding is learned too");
  const mended = evaluate(oneHotTargets(targets, 5));
  assert.ok(Math.abs(mended - lossOf([0, 1]) / 4) < 1e-5, "only real words are left in the sum");
});

test("initialisers: the kernel starts from a truncated normal, Keras's from a uniform", () => {
  const start = (settings) => {
    const layer = layers.layers.gru({ units: 20, recurrentInitializer: "glorotUniform", ...settings });
    layer.build([null, null, 30]);
    return layer.getWeights()[0].dataSync();
  };
  const limit = Math.sqrt(6 / (30 + 60)); // Glorot and Bengio 2010, equation 16
  assert.ok(start({}).some((weight) => Math.abs(weight) > limit));
  const mended = start({ kernelInitializer: "glorotUniform" });
  assert.ok(mended.every((weight) => Math.abs(weight) <= limit));
});

test("bad input is answered in a sentence", async () => {
  await assert.rejects(loadModel({}, bytes), /no layers model/);
  await assert.rejects(loadModel(gruModel(), bytes.subarray(0, 40)), /must be 48 bytes, but there are 40/);
});
