/* The gated recurrent unit with TensorFlow.js's core operations: either placement of the reset
   gate, and therefore Keras's default unit too, which TensorFlow.js's own layer refuses. */

import * as tf from "@tensorflow/tfjs-core";
import { makeCell } from "./gru.js";

/** Turn a GRU's weights { W, U, b }, arrays of { shape, values }, into the tensors that gruCore
    takes. resetAfter: as for makeCell, whose checks hold here too. */
export function makeCoreCell(weights, resetAfter = true) {
  const { units, features, W, U, b, c } = makeCell(weights, resetAfter);
  return {
    units,
    resetAfter,
    W: tf.tensor2d(W, [features, 3 * units]),
    U: tf.tensor2d(U, [units, 3 * units]),
    b: tf.tensor1d(b),
    c: tf.tensor1d(c),
  };
}

/** Run the unit over sequences. x: tensor (batch, timesteps, features); mask: tensor (batch,
    timesteps), 0 where the step copies the state. Returns the states (batch, timesteps, units). */
export function gruCore(x, { units, resetAfter, W, U, b, c }, mask) {
  return tf.tidy(() => {
    const [batch, timesteps, features] = x.shape;
    // No step waits for another here: the input's part of all steps in one product.
    const flat = tf.add(tf.matMul(tf.reshape(x, [-1, features]), W), b);
    const a = tf.reshape(flat, [batch, timesteps, 3 * units]);
    const U_zr = tf.slice(U, [0, 0], [-1, 2 * units]);
    const U_h = tf.slice(U, [0, 2 * units], [-1, units]);
    const [c_zr, c_h] = tf.split(c, [2 * units, units]);
    let h = tf.zeros([batch, units]);
    const states = tf.unstack(a, 1).map((a_t, t) => {
      const [a_zr, a_h] = tf.split(a_t, [2 * units, units], 1);
      const zr = tf.sigmoid(tf.add(tf.add(a_zr, tf.matMul(h, U_zr)), c_zr));
      const [z, r] = tf.split(zr, 2, 1);
      const q = resetAfter
        ? tf.mul(r, tf.add(tf.matMul(h, U_h), c_h))
        : tf.matMul(tf.mul(r, h), U_h);
      const h_new = blend(z, h, tf.tanh(tf.add(a_h, q)));
      h = mask ? blend(tf.cast(tf.slice(mask, [0, t], [-1, 1]), "float32"), h_new, h) : h_new;
      return h;
    });
    return tf.stack(states, 1);
  });
}

/** share * one + (1 - share) * other */
function blend(share, one, other) {
  return tf.add(tf.mul(share, one), tf.mul(tf.sub(1, share), other));
}
