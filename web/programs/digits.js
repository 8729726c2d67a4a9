/* Article 011, corrected: a GRU that reads digits row by row. The same code runs in Node.js and in
   the browser; what differs, where the images come from, is in digits_node.mjs and pages/digits.js.
   A set of digits is { images, labels, n }, as takeDigits gives it. */

import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { pixelsOf } from "../gru/mnist.js";
import { checkWeights, dispose, inBatches, upTo } from "./training.js";

/** Build the article's model: 64 units over 28 rows of 28 pixels, ten probabilities. */
export function buildModel() {
  const model = layers.sequential();
  model.add(
    layers.layers.gru({
      units: 64,
      inputShape: [28, 28],
      recurrentActivation: "sigmoid", // the default is a straight-line imitation of it
      recurrentInitializer: "glorotUniform", // the default warns, and is slow to compute
    }),
  );
  model.add(layers.layers.dense({ units: 10, activation: "softmax" }));
  model.compile({
    optimizer: tf.train.adam(0.005), // the article's rate is the default, 0.001
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

/** Train a new network. hooks: say(line), show(share, text), signal (an AbortSignal).
    Returns the model; where the training fails, it throws a sentence and leaves nothing behind. */
export async function trainModel(digits, epochs, { say, show, signal }) {
  const model = buildModel();
  say(`${model.countParams()} weights, ${digits.n} images, backend ${tf.getBackend()}`);
  let [seconds, seen] = [0, 0];
  try {
    for (let epoch = 1; epoch <= epochs && !signal?.aborted; epoch++) {
      const progress = (share) => show?.(share, `epoch ${epoch} of ${epochs}`);
      const found = await trainEpoch(model, digits, { show: progress, signal });
      await checkWeights(model);
      say(`epoch ${epoch}: loss ${found.loss.toFixed(3)}, accuracy ${found.accuracy.toFixed(3)}`);
      seconds += found.seconds;
      seen += found.seen;
    }
  } catch (error) {
    dispose(model);
    throw error;
  }
  if (signal?.aborted) say(`stopped after ${seen} images`);
  say(`${Math.round(seen / seconds)} images a second`);
  return model;
}

/** One pass over the images, in a new order. Returns { loss, accuracy, seconds, seen }. */
export async function trainEpoch(model, digits, hooks) {
  const order = [...tf.util.createShuffledIndices(digits.n)];
  let [loss, right] = [0, 0];
  const { seconds, seen } = await inBatches(order, 32, async (ids) => {
    const x = toTensor(digits, ids);
    const y = tf.oneHot(ids.map((id) => digits.labels[id]), 10); // what the loss compares with
    const [batchLoss, batchAccuracy] = await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
    loss += batchLoss * ids.length;
    right += batchAccuracy * ids.length;
  }, hooks);
  return { loss: loss / seen, accuracy: right / seen, seconds, seen };
}

/** Return the answers for a set of digits: for each the class with the largest output. */
export async function answersOf(model, digits, show) {
  const answers = [];
  await inBatches(upTo(digits.n), 32, async (ids) => {
    const found = tf.tidy(() => tf.argMax(model.predictOnBatch(toTensor(digits, ids)), 1));
    answers.push(...(await found.data()));
    found.dispose();
  }, { show });
  return answers;
}

/** Say the share of right answers; return the answers. */
export async function examine(model, digits, { say, show }) {
  const answers = await answersOf(model, digits, (share) => show?.(share, "asking about test images"));
  const right = answers.filter((answer, i) => answer === digits.labels[i]).length;
  say(`accuracy on ${digits.n} test images: ${(right / digits.n).toFixed(3)}`);
  return answers;
}

function toTensor(digits, ids) {
  return tf.tensor3d(pixelsOf(digits, ids), [ids.length, 28, 28]);
}
