/* One step of the gated recurrent unit backward, in the symbols of gru.js: what a change of the new
   state is worth, carried to the input and to the old state. grubook.reference.gru_backward is the
   same in Python. */

/** Carry a gradient through one step. dh: for the new state; x, h: what the step read; step: the
    gates and the candidate, as gruStep returns them. Returns { x, h }, Float64Arrays. */
export function gruStepBack(dh, x, h, { z, r, hTilde }, cell) {
  const { units: u, resetAfter, W, U, c } = cell;
  const recurrent = resetAfter ? columns(h, U, 2 * u, c) : null; // h U_h + c_h
  const da = new Float64Array(3 * u); // for what stands in sigmoid, sigmoid and tanh
  for (let i = 0; i < u; i++) {
    da[i] = dh[i] * (h[i] - hTilde[i]) * z[i] * (1 - z[i]);
    da[2 * u + i] = dh[i] * (1 - z[i]) * (1 - hTilde[i] ** 2);
  }
  const through = resetAfter ? null : rows(da.subarray(2 * u), U, 2 * u, 3 * u); // for r * h
  for (let i = 0; i < u; i++) {
    const dr = resetAfter ? da[2 * u + i] * recurrent[i] : through[i] * h[i];
    da[u + i] = dr * r[i] * (1 - r[i]);
  }
  const dx = rows(da, W, 0, 3 * u);
  if (resetAfter) for (let i = 0; i < u; i++) da[2 * u + i] *= r[i];
  const old = rows(da, U, 0, resetAfter ? 3 * u : 2 * u);
  for (let i = 0; i < u; i++) old[i] += dh[i] * z[i] + (resetAfter ? 0 : through[i] * r[i]);
  return { x: dx, h: old };

  /* d M^T, where d belongs to M's columns from start to end. */
  function rows(d, M, start, end) {
    const width = 3 * u;
    const sums = new Float64Array(M.length / width);
    for (let i = 0; i < sums.length; i++) {
      let sum = 0;
      for (let j = start, k = i * width + start; j < end; j++, k++) sum += d[j - start] * M[k];
      sums[i] = sum;
    }
    return sums;
  }

  /* v M + bias, in M's columns from start on. */
  function columns(v, M, start, bias) {
    const sums = Float64Array.from(bias.subarray(start));
    for (let i = 0; i < u; i++) {
      for (let j = 0, k = 3 * u * i + start; j < sums.length; j++, k++) sums[j] += v[i] * M[k];
    }
    return sums;
  }
}
