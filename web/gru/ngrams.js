/* What a network has to beat at the next word: interpolated Kneser-Ney, as in grubook.ngrams
   (Kneser and Ney 1995, doi:10.1109/ICASSP.1995.479394), with one discount for each order. */

import { END } from "./words.js";

/** Count the training sentences, each a list of integers with END at its end. order: 1 (how often a
    word occurs) or 2 (after which word); size: entries of the vocabulary.
    Returns a function (before, id) that gives the probability of a word after another. */
export function kneserNey(sentences, order, size) {
  const keys = sentences.flatMap((ids) => ids.map((id, t) => (t ? ids[t - 1] : END) * size + id));
  const pairs = count(keys);
  // Where a longer history is asked first, a word counts for how many others it follows.
  const words = count(order === 1 ? sentences.flat() : [...pairs.keys()].map((key) => key % size));
  const first = discounted(words, () => 0);
  const second = discounted(pairs, (key) => Math.floor(key / size));
  return (before, id) => {
    const p = first(id, 1 / (size - 1)); // below: all but the padding, equally likely
    return order === 1 ? p : second(before * size + id, p);
  };
}

/** The perplexity of a model on sentences: as unsure as among so many equally likely words. */
export function perplexityOf(p, sentences) {
  const logs = sentences.flatMap((ids) => ids.map((id, t) => Math.log(p(t ? ids[t - 1] : END, id))));
  return Math.exp(-logs.reduce((a, b) => a + b, 0) / logs.length);
}

function count(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/* Take a discount from each count, and give it to what shorter histories say (lower). */
function discounted(counts, historyOf) {
  const [once, twice] = [1, 2].map((n) => [...counts.values()].filter((value) => value === n).length);
  const discount = once ? once / (once + 2 * twice) : 0.5;
  const histories = new Map();
  for (const [key, n] of counts) {
    const { total = 0, kinds = 0 } = histories.get(historyOf(key)) ?? {};
    histories.set(historyOf(key), { total: total + n, kinds: kinds + 1 });
  }
  return (key, lower) => {
    const history = histories.get(historyOf(key));
    if (!history) return lower;
    const kept = Math.max((counts.get(key) ?? 0) - discount, 0);
    return (kept + discount * history.kinds * lower) / history.total;
  };
}
