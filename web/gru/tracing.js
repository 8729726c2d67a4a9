/* How much each word that was read mattered for one guess, told in two ways.

   The gradient: the length of the gradient of the guess's log-probability with respect to the vector
   that the word brought in (Madsen 2019, doi:10.23915/distill.00016, takes the logit's; but a logit
   that rises with all others changes no probability). It speaks of small changes only. Hence the
   second: the word is left out, the rest is read again, and the guess's probability is what it is. */

import { surpriseOf } from "./word_model.js";

/** Trace the guess `id`. read: { ids, states }, the words and the states before, between and after
    them. Returns { norms, probabilities, work }: norms[i] is the gradient's length at word i,
    probabilities[i] the guess's without word i; work(milliseconds) goes on for about so long, and
    returns whether all is done. The last words come first, and the norms before the probabilities. */
export function makeTracing(model, { ids, states }, id) {
  const [norms, probabilities] = [[], []].map(() => Array(ids.length).fill(null));
  const steps = trace();
  return {
    norms,
    probabilities,
    work(milliseconds) {
      const until = performance.now() + milliseconds;
      while (performance.now() < until) if (steps.next().done) return true;
      return false;
    },
  };

  function* trace() {
    const scores = model.scores(states.at(-1));
    yield;
    let dh = model.pull(scores, id);
    yield;
    for (let t = ids.length - 1; t >= 0; t--) {
      const back = model.back(states[t], ids[t], dh);
      norms[t] = Math.hypot(...back.x);
      dh = back.h;
      yield;
    }
    for (let t = ids.length - 1; t >= 0; t--) {
      let h = states[t];
      for (const later of ids.slice(t + 1)) {
        h = model.next(h, later);
        yield;
      }
      probabilities[t] = 2 ** -surpriseOf(model.scores(h), id);
      yield;
    }
  }
}

/** The rank correlation of two lists (Spearman's); ties share the mean of their ranks. */
export function rankCorrelation(a, b) {
  const [x, y] = [a, b].map((list) => {
    const rank = (value) => list.reduce((sum, other) => sum + (other < value) + (other === value) / 2, 0);
    return list.map((value) => rank(value) - list.length / 2);
  });
  const product = (one, other) => one.reduce((sum, value, i) => sum + value * other[i], 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}
