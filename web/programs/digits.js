/* Article 011, corrected: a GRU that reads digits row by row. The same code runs in Node.js and in
   the browser; what differs, where the images come from, is in digits_node.mjs and pages/digits.js.
   A set of digits is { images, labels, n }, as takeDigits gives it. */

import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

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
    optimizer: tf.train.adam(0.005),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  return model;
}

/** Train; onEpoch(epoch, { loss, acc }) is called after each epoch. Returns seconds. */
export async function trainModel(model, digits, epochs, onEpoch) {
  const x = toTensor(digits);
  const y = tf.oneHot(tf.tensor1d(digits.labels, "int32"), 10); // what the loss compares with
  const start = performance.now();
  await model.fit(x, y, {
    epochs,
    batchSize: 32,
    verbose: 0,
    callbacks: { onEpochEnd: async (epoch, logs) => onEpoch?.(epoch, logs) },
  });
  tf.dispose([x, y]);
  return (performance.now() - start) / 1000;
}

/** Return the answers for a set of digits: the class with the largest output. */
export function answers(model, digits) {
  return tf.tidy(() => {
    const outputs = model.predict(toTensor(digits), { batchSize: 100 });
    return tf.argMax(outputs, 1).dataSync();
  });
}

/** Return the share of right answers. */
export function accuracy(model, digits) {
  const right = answers(model, digits).filter((answer, i) => answer === digits.labels[i]);
  return right.length / digits.n;
}

function toTensor({ images, n }) {
  return tf.tensor3d(images, [n, 28, 28]);
}
