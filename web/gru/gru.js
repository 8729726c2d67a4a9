/* The gated recurrent unit in plain JavaScript, in the symbols of the book's equations.

   One step, with row vectors, the state h of the step before and the gates' order z, r, h:

       z      = sigmoid(x W_z + b_z + h U_z + c_z)        update gate
       r      = sigmoid(x W_r + b_r + h U_r + c_r)        reset gate
       hTilde = tanh(x W_h + b_h + r * (h U_h + c_h))     candidate, reset after the product
              = tanh(x W_h + b_h + (r * h) U_h)           candidate, reset before it
       h_new  = z * h + (1 - z) * hTilde                  z weights the old state

   An array is { shape, values }: values is a Float32Array, row by row. Sums are computed in double
   precision and kept in single precision. */

/** Check a GRU's weights and bring them into the form that gruStep takes.

    weights: W (features, 3 units), U (units, 3 units), and b: (2, 3 units) for the unit that resets
    after the product (its rows are b and c), (3 units) for the one that resets before, as Keras
    stores them. resetAfter: which of the two it is.
    Throws an Error whose message names the array that does not fit. */
export function makeCell({ W, U, b }, resetAfter = true) {
  for (const [name, array] of Object.entries({ W, U, b })) {
    if (!array) throw new Error(`the weights lack the unit's ${name}`);
  }
  const units = U.shape[0];
  const features = W.shape[0];
  if (b.shape.length !== (resetAfter ? 2 : 1)) {
    const found = b.shape.length === 2 ? "after" : "before";
    throw new Error(
      `these weights reset ${found} the recurrent product (the bias has the shape ` +
        `(${b.shape.join(", ")})), but a cell that resets ${resetAfter ? "after" : "before"} it ` +
        "was asked for; no choice of weights makes the two equal",
    );
  }
  checkArray("U", U, [units, 3 * units]);
  checkArray("W", W, [features, 3 * units]);
  checkArray("b", b, resetAfter ? [2, 3 * units] : [3 * units]);
  const zeros = new Float32Array(3 * units);
  return {
    units,
    features,
    resetAfter,
    W: W.values,
    U: U.values,
    b: b.values.subarray(0, 3 * units),
    c: resetAfter ? b.values.subarray(3 * units) : zeros,
  };
}

/** Compute one step. x: features numbers; h: units numbers; cell: from makeCell.
    Returns { h, z, r, hTilde }, each a Float32Array of units numbers; the old h is not changed. */
export function gruStep(x, h, cell) {
  const { units: u, resetAfter, W, U, b, c } = cell;
  if (x.length !== cell.features || h.length !== u) {
    throw new Error(
      `a step takes ${cell.features} features and ${u} units, but x has ${x.length} and h ${h.length}`,
    );
  }
  const a = addProduct(Float64Array.from(b), x, W); // the input's part of z, r and h
  const q = addProduct(Float64Array.from(c), h, U, 0, resetAfter ? 3 * u : 2 * u);
  const step = { h: 0, z: 0, r: 0, hTilde: 0 };
  for (const name in step) step[name] = new Float32Array(u);
  for (let i = 0; i < u; i++) {
    step.z[i] = sigmoid(a[i] + q[i]);
    step.r[i] = sigmoid(a[u + i] + q[u + i]);
  }
  if (!resetAfter) {
    addProduct(q, h.map((value, i) => value * step.r[i]), U, 2 * u, 3 * u);
  }
  for (let i = 0; i < u; i++) {
    const reset = resetAfter ? step.r[i] : 1;
    step.hTilde[i] = Math.tanh(a[2 * u + i] + reset * q[2 * u + i]);
    step.h[i] = step.z[i] * h[i] + (1 - step.z[i]) * step.hTilde[i];
  }
  return step;
}

/** Run the unit over a sequence. xs: one array of features numbers a timestep.
    h0: the initial state (zeros if left out); mask: one boolean a timestep, where false copies the
    state and ignores the input. Returns one { h, z, r, hTilde } a timestep. */
export function gruForward(xs, cell, { h0 = new Float32Array(cell.units), mask } = {}) {
  if (mask && mask.length !== xs.length) {
    throw new Error(`the mask has ${mask.length} steps and the sequence ${xs.length}`);
  }
  let h = Float32Array.from(h0);
  return Array.from(xs, (x, t) => {
    const step = gruStep(x, h, cell);
    if (mask && !mask[t]) step.h = h.slice();
    h = step.h;
    return step;
  });
}

/** Compute x kernel + bias. kernel: { shape: [inputs, outputs], values }; bias: { shape, values }. */
export function dense(x, kernel, bias) {
  checkArray("the kernel", kernel, [x.length, bias.shape[0]]);
  return Float32Array.from(addProduct(Float64Array.from(bias.values), x, kernel.values));
}

/** Turn logits into probabilities that sum to 1. */
export function softmax(logits) {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return Float32Array.from(powers, (value) => value / sum);
}

export function sigmoid(a) {
  return 1 / (1 + Math.exp(-a));
}

/** Add x M to sums, in the columns from start to end. M: x.length rows as long as sums, flat. */
export function addProduct(sums, x, M, start = 0, end = sums.length) {
  const width = sums.length;
  for (let i = 0; i < x.length; i++) {
    const value = x[i];
    if (value === 0) continue; // ink is rare: most of an image costs nothing
    for (let j = start, k = i * width + start; j < end; j++, k++) sums[j] += value * M[k];
  }
  return sums;
}

/** Throw a sentence if an array does not have the shape, or not as many values as its shape. */
export function checkArray(name, array, shape) {
  const show = (sizes) => `(${sizes.join(", ")})`;
  if (!array) throw new Error(`${name} is missing`);
  if (array.shape.join() !== shape.join()) {
    throw new Error(`${name} must have the shape ${show(shape)}, but its shape is ${show(array.shape)}`);
  }
  const wanted = shape.reduce((a, b) => a * b, 1);
  if (array.values.length !== wanted) {
    throw new Error(
      `${name} is truncated: the shape ${show(shape)} needs ${wanted} numbers, and there are ${array.values.length}`,
    );
  }
}
