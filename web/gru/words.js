/* Words and integers, as the book's Python has them (grubook.text). */

export const PAD = 0;
export const UNKNOWN = 1;
export const END = 2;

/** Split a sentence into words and the marks . ! ? , as the book's Python does. */
export function wordsOf(sentence) {
  return sentence.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}]+(?:'[\p{L}\p{Nl}\p{No}]+)?|[.!?,]/gu) ?? [];
}

/** Take the most frequent words of the training sentences. Returns { words, ids }. */
export function buildVocabulary(sentences, size) {
  const counts = new Map();
  for (const word of sentences.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranked = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
  return vocabularyOf(["<pad>", "<unk>", "<eos>", ...ranked.slice(0, size - 3)]);
}

/** Make a vocabulary of a list that begins with <pad>, <unk> and <eos>. */
export function vocabularyOf(words) {
  return { words, ids: new Map(words.map((word, id) => [word, id])) };
}

export function encode(words, { ids }) {
  return words.map((word) => ids.get(word) ?? UNKNOWN);
}

/** Cut sentences to a length and pad them with zeros: at each step the word, and the next one.
    Returns { inputs, targets }, lists of lists of `timesteps` integers. */
export function makeWindows(sentences, vocabulary, timesteps) {
  const pad = (ids) => [...ids, ...Array(timesteps).fill(PAD)].slice(0, timesteps);
  const encoded = sentences.map((words) => [END, ...encode(words, vocabulary), END]);
  return {
    inputs: encoded.map((ids) => pad(ids.slice(0, -1))),
    targets: encoded.map((ids) => pad(ids.slice(1))),
  };
}

/** The perplexity of the plainest guess on windows: each word as often as in the training windows
    (and once more, so that none is impossible). What a network must beat. */
export function unigramPerplexity(training, { targets }, { words }) {
  const counts = new Float64Array(words.length).fill(1);
  for (const id of training.targets.flat()) if (id !== PAD) counts[id] += 1;
  const total = counts.reduce((a, b) => a + b) - counts[PAD];
  const real = targets.flat().filter((id) => id !== PAD);
  const loss = real.reduce((sum, id) => sum - Math.log(counts[id] / total), 0);
  return Math.exp(loss / real.length);
}

/** Name the n largest of the probabilities; padding and unknown words are no suggestion. */
export function likeliest(p, { words }, n) {
  const ids = [...p.keys()].filter((id) => id !== PAD && id !== UNKNOWN);
  ids.sort((a, b) => p[b] - p[a]);
  return ids.slice(0, n).map((id) => ({ word: words[id], probability: p[id] }));
}
