/* The same networks, computed in every way there is in JavaScript, held against Keras and NumPy.
   Runs in Node.js and, bundled, in a browser. */

import * as tf from "@tensorflow/tfjs-core";
import { dense, gruForward, makeCell } from "../gru/gru.js";
import { gruCore, makeCoreCell } from "../gru/gru_core.js";
import { loadModel } from "../gru/layers_model.js";
import { readWeights } from "../gru/weights.js";

/** Compute each network of make_vectors.py in each way. backends: of TensorFlow.js, by name.
    Returns a list of { name, way, keras, numpy }: the largest differences from the two. */
export async function compare(networks, backends) {
  const found = [];
  for (const network of networks) {
    const measure = (way, outputs) =>
      found.push({
        name: network.name,
        way,
        keras: largestDifference(outputs, network.expected.keras),
        numpy: largestDifference(outputs, network.expected.numpy),
      });
    measure("plain JavaScript", plain(network));
    for (const backend of backends) {
      await tf.setBackend(backend);
      measure(`core, ${backend}`, core(network));
      if (network.layersModel) measure(`layers, ${backend}`, await layers(network));
    }
  }
  return found;
}

function largestDifference(found, wanted) {
  if (found.length !== wanted.length) return Infinity;
  return wanted.reduce((most, value, i) => {
    const difference = Math.abs(value - found[i]);
    return difference <= most ? most : difference; // NaN too is a difference
  }, 0);
}

function weightsOf(network) {
  const weights = readWeights(network.weights);
  const gru = { W: weights.gru_kernel, U: weights.gru_recurrent_kernel, b: weights.gru_bias };
  return { ...weights, gru };
}

/** Inputs as features: the images themselves, or each word's row of the embedding. */
function features(network, { embedding }) {
  if (!network.ids) return { xs: network.x };
  const size = embedding.shape[1];
  const row = (id) => embedding.values.subarray(id * size, (id + 1) * size);
  return { xs: network.ids.map((ids) => ids.map(row)), masks: network.ids.map((ids) => ids.map((id) => id !== 0)) };
}

function plain(network) {
  const weights = weightsOf(network);
  const cell = makeCell(weights.gru, network.resetAfter);
  const { xs, masks } = features(network, weights);
  return xs.flatMap((sequence, i) => {
    const steps = gruForward(sequence, cell, { mask: masks?.[i] });
    const read = masks ? steps : steps.slice(-1);
    return read.flatMap(({ h }) => [...dense(h, weights.dense_kernel, weights.dense_bias)]);
  });
}

function core(network) {
  const weights = weightsOf(network);
  const cell = makeCoreCell(weights.gru, network.resetAfter);
  const [kernel, bias] = [weights.dense_kernel, weights.dense_bias].map(({ values, shape }) => tf.tensor(values, shape));
  return tf.tidy(() => {
    const ids = network.ids && tf.tensor2d(network.ids, undefined, "int32");
    const x = ids
      ? tf.gather(tf.tensor2d(weights.embedding.values, weights.embedding.shape), ids)
      : tf.tensor3d(network.x);
    const states = gruCore(x, cell, ids && tf.notEqual(ids, tf.scalar(0, "int32")));
    const [batch, timesteps, units] = states.shape;
    const read = ids ? states : tf.slice(states, [0, timesteps - 1, 0], [batch, 1, units]);
    return [...tf.add(tf.matMul(tf.reshape(read, [-1, units]), kernel), bias).dataSync()];
  });
}

async function layers(network) {
  const bytes = Uint8Array.from(atob(network.layersModel.weights), (c) => c.charCodeAt(0));
  const model = await loadModel(network.layersModel.model, bytes);
  return tf.tidy(() => [
    ...model.predict(network.ids ? tf.tensor2d(network.ids) : tf.tensor3d(network.x)).dataSync(),
  ]);
}
