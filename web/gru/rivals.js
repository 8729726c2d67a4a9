/* The GRU's rivals in plain JavaScript: the LSTM and the plain recurrent network, as Keras has them.

   One step of the LSTM, with row vectors and the gates' order i, f, c, o:

       i, f, o = sigmoid(x W + h U + b)     input, forget and output gate, each with its own columns
       cTilde  = tanh(x W_c + h U_c + b_c)  candidate
       c_new   = f * c + i * cTilde         what is kept, and
       h_new   = o * tanh(c_new)            what is shown of it

   and of the plain network h_new = tanh(x W + h U + b). Arrays as in gru.js. */

import { addProduct, checkArray, sigmoid } from "./gru.js";

/** Run an LSTM over a sequence. xs: one array of features numbers a timestep; weights: { W, U, b };
    before: the step { h, c } that comes before (zeros if left out). Returns one { h, c } a timestep,
    each a Float32Array of units numbers. */
export function lstmForward(xs, weights, before) {
  const u = weights.U.shape[0];
  return forward(xs, weights, before, 4, (a, { c }) => {
    const step = { h: new Float32Array(u), c: new Float32Array(u) };
    for (let i = 0; i < u; i++) {
      step.c[i] = sigmoid(a[u + i]) * c[i] + sigmoid(a[i]) * Math.tanh(a[2 * u + i]);
      step.h[i] = sigmoid(a[3 * u + i]) * Math.tanh(step.c[i]);
    }
    return step;
  });
}

/** The same for the plain network, of { h }. */
export function plainForward(xs, weights, before) {
  return forward(xs, weights, before, 1, (a) => ({ h: Float32Array.from(a, Math.tanh) }));
}

/* advance(a, step before) makes a step of a = x W + h U + b, which has so many blocks of units. */
function forward(xs, { W, U, b }, before, blocks, advance) {
  const units = U.shape[0];
  checkArray("W", W, [W.shape[0], blocks * units]);
  checkArray("U", U, [units, blocks * units]);
  checkArray("b", b, [blocks * units]);
  let step = before ?? { h: new Float32Array(units), c: new Float32Array(units) };
  return Array.from(xs, (x) => {
    if (x.length !== W.shape[0]) throw new Error(`a step takes ${W.shape[0]} features, but x has ${x.length}`);
    const a = addProduct(Float64Array.from(b.values), x, W.values);
    return (step = advance(addProduct(a, step.h, U.values), step));
  });
}
