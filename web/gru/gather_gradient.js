/* A gradient for looking up rows, of operations that every backend has.

   TensorFlow.js adds up the gradients of a looked-up row with UnsortedSegmentSum. The WASM backend
   has no such operation, and on the CPU backend it takes one pass over the batch for each row of the
   table. A product with one-hot rows gives the same sum. Importing this file is enough. */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // it registers the gradients too, and must not come after this

const original = tf.getGradient("GatherV2");

tf.registerGradient({
  ...original,
  gradFunc(dy, saved, attributes) {
    const [table, indices] = saved;
    if (attributes.axis !== 0 || attributes.batchDims) {
      return original.gradFunc(dy, saved, attributes);
    }
    const [rows, ...rest] = table.shape;
    const chosen = tf.oneHot(tf.cast(tf.reshape(indices, [-1]), "int32"), rows);
    const sum = () => tf.matMul(chosen, tf.reshape(dy, [chosen.shape[0], -1]), true);
    return { x: () => tf.reshape(sum(), [rows, ...rest]), indices: () => indices };
  },
});
