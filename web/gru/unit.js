/* One GRU unit with one input: every matrix of the equations is a number. W.z is W_z, U.h is U_h,
   b.r is b_r; the second bias c is left at zero. */

import { sigmoid } from "./gru.js";

/** One step of the unit. held.z and held.r, where they are numbers, replace the computed gates. */
export function step(x, h, { W, U, b }, held = {}) {
  const z = held.z ?? sigmoid(W.z * x + b.z + h * U.z);
  const r = held.r ?? sigmoid(W.r * x + b.r + h * U.r);
  const hTilde = Math.tanh(W.h * x + b.h + r * (h * U.h));
  return { z, r, hTilde, h: z * h + (1 - z) * hTilde };
}

/** All steps over a signal. Returns one { x, old, z, r, hTilde, h } a step; old is h before it. */
export function run(signal, weights, held) {
  let h = 0;
  return Array.from(signal, (x) => {
    const result = { x, old: h, ...step(x, h, weights, held) };
    h = result.h;
    return result;
  });
}
