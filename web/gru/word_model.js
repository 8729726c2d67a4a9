/* The word model that Python trained, in plain JavaScript: nothing of TensorFlow.js is needed. */

import { dense, gruStep, makeCell, softmax } from "./gru.js";
import { readWeights } from "./weights.js";
import { encode, END, likeliest, vocabularyOf, wordsOf } from "./words.js";

/** Make a function of a text that returns its likeliest next words, as [{ word, probability }].
    file: weights from grubook.weights as parsed JSON, with the list `words`. Where there is no
    dense_kernel, the embedding is the output's weights too (tied: Press and Wolf 2017,
    arXiv:1608.05859), with output_bias, and its rows times `scale` enter the GRU. */
export function loadWordModel(file, n = 5) {
  if (!Array.isArray(file.words)) throw new Error("the file has no list `words`: the vocabulary is missing");
  const weights = readWeights(file);
  const { embedding, gru_kernel: W, gru_recurrent_kernel: U, gru_bias: b } = weights;
  const [size, width] = embedding.shape;
  if (file.words.length !== size) {
    throw new Error(`the vocabulary has ${file.words.length} words and the embedding ${size} rows`);
  }
  const cell = makeCell({ W, U, b }, b.shape.length === 2);
  const vocabulary = vocabularyOf(file.words);
  const row = (id) => embedding.values.subarray(id * width, (id + 1) * width);
  const scale = weights.scale?.values[0] ?? 1;
  const scores = weights.dense_kernel
    ? (h) => dense(h, weights.dense_kernel, weights.dense_bias)
    : (h) => weights.output_bias.values.map((bias, id) => row(id).reduce((sum, w, i) => sum + w * h[i], bias));
  return (text) => {
    let h = new Float32Array(cell.units);
    for (const id of [END, ...encode(wordsOf(text), vocabulary)]) {
      h = gruStep(row(id).map((value) => value * scale), h, cell).h;
    }
    return likeliest(softmax(scores(h)), vocabulary, n);
  };
}
