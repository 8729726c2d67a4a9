/* Article 096, corrected: a GRU that guesses the next word of a review. The same code runs in Node.js
   and in the browser; what differs, where the reviews come from, is in next_word_node.mjs and
   pages/next_word.js. */

import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import nlp from "compromise/one";
import "../gru/gather_gradient.js";
import { makeModel } from "../gru/word_model.js";
import { PAD, withoutMarkup } from "../gru/words.js";

/** Split a review into sentences. */
export function sentencesOf(review) {
  return nlp(withoutMarkup(review)).json().map((sentence) => sentence.text);
}

/** Build the article's model for a vocabulary of `size` words. */
export function buildModel(size) {
  const model = layers.sequential();
  // The default start, between -0.05 and 0.05, is so small that little of a word gets through.
  const embeddingsInitializer = layers.initializers.randomUniform({ minval: -0.5, maxval: 0.5 });
  model.add(layers.layers.embedding({ inputDim: size, outputDim: 64, maskZero: true, embeddingsInitializer }));
  model.add(
    layers.layers.gru({
      units: 64,
      returnSequences: true,
      recurrentActivation: "sigmoid",
      recurrentInitializer: "glorotUniform",
    }),
  );
  model.add(layers.layers.dense({ units: size, activation: "softmax", kernelInitializer: "glorotUniform" }));
  model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" });
  return model;
}

/** One row a step with a 1 at the next word, and a row of zeros where there is none: the layers
    pass the mask on, but the loss does not know it, and would count the padding as words to learn. */
export function oneHotTargets(targets, size) {
  return tf.tidy(() => {
    const ids = tf.tensor2d(targets, undefined, "int32");
    const real = tf.cast(tf.notEqual(ids, tf.scalar(PAD, "int32")), "float32");
    return tf.mul(tf.oneHot(ids, size), tf.expandDims(real, 2));
  });
}

/** Train for one pass over the windows; onBatch(number, perplexity) is called after each batch.
    gather_gradient.js makes it possible on WASM, and several times faster on the CPU backend.
    Returns seconds. */
export async function trainModel(model, { inputs, targets }, onBatch, batchSize = 32) {
  const size = model.outputs[0].shape[2];
  const start = performance.now();
  for (let i = 0; i + batchSize <= inputs.length; i += batchSize) {
    const y = targets.slice(i, i + batchSize);
    const [xs, ys] = [tf.tensor2d(inputs.slice(i, i + batchSize)), oneHotTargets(y, size)];
    const loss = await model.trainOnBatch(xs, ys);
    tf.dispose([xs, ys]);
    onBatch?.(i / batchSize + 1, Math.exp((loss * y.flat().length) / countReal(y)));
    await new Promise((resolve) => setTimeout(resolve)); // let a page draw
  }
  return (performance.now() - start) / 1000;
}

/** The perplexity over all real targets: as unsure as among so many equally likely words. */
export function perplexity(model, { inputs, targets }, batchSize = 32) {
  const size = model.outputs[0].shape[2];
  let loss = 0;
  for (let i = 0; i < inputs.length; i += batchSize) {
    loss += tf.tidy(() => {
      const p = model.predict(tf.tensor2d(inputs.slice(i, i + batchSize)));
      const y = oneHotTargets(targets.slice(i, i + batchSize), size);
      return -tf.sum(tf.mul(y, tf.log(tf.maximum(p, 1e-7)))).dataSync()[0];
    });
  }
  return Math.exp(loss / countReal(targets));
}

/** The trained network in plain JavaScript, which answers with suggestions (word_model.js). */
export function wordModelOf(model, words) {
  const names = ["embedding", "gru_kernel", "gru_recurrent_kernel", "gru_bias", "dense_kernel", "dense_bias"];
  const arrays = model.getWeights().map((array) => ({ shape: array.shape, values: array.dataSync() }));
  return makeModel(words, Object.fromEntries(names.map((name, i) => [name, arrays[i]])));
}

function countReal(targets) {
  return targets.flat().filter((id) => id !== PAD).length;
}
