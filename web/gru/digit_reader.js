/* The digits chapter's network, GRU(64) and Dense(10), reading an image row by row: the rows of the
   image are x_1 ... x_28, and after each there are z, r, the candidate hTilde and the state h. */

import { dense, gruForward, makeCell, softmax } from "./gru.js";
import { SIDE } from "./strokes.js";
import { fromBase64 } from "./weights.js";

/** The network from its weights, as readWeights returns them. */
export function makeReader(weights) {
  const cell = makeCell({
    W: weights.gru_kernel,
    U: weights.gru_recurrent_kernel,
    b: weights.gru_bias,
  });
  /** Read an image. Returns one { z, r, hTilde, h, probabilities } for each of its rows. */
  return (image) => {
    const rows = Array.from({ length: SIDE }, (_, t) => image.subarray(t * SIDE, (t + 1) * SIDE));
    return gruForward(rows, cell).map((step) => ({
      ...step,
      probabilities: softmax(dense(step.h, weights.dense_kernel, weights.dense_bias)),
    }));
  };
}

/** The digit with the largest probability. */
export function answerOf({ probabilities }) {
  return probabilities.indexOf(Math.max(...probabilities));
}

/** The first row, counted from 1, from which on the answer stays the last one. */
export function knownFrom(steps) {
  const answers = steps.map(answerOf);
  return 2 + answers.findLastIndex((answer) => answer !== answers.at(-1));
}

/** The units from the one that keeps least to the one that keeps most, over all readings. */
export function unitsByGate(readings) {
  const sums = new Float64Array(readings[0][0].z.length);
  for (const step of readings.flat()) step.z.forEach((z, unit) => (sums[unit] += z));
  return Array.from(sums.keys()).sort((a, b) => sums[a] - sums[b]);
}

/** The images of a file with the list `labels` and, in base64, a byte for each pixel. */
export function imagesOf({ images, labels }) {
  const bytes = fromBase64("the images", images);
  const ink = Float32Array.from(bytes, (byte) => byte / 255);
  return labels.map((_, i) => ink.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
}
