/* Article 096 in Node.js: train on reviews from a CSV file, then guess the next word.

   node web/src/programs/next_word_node.mjs [--csv FILE] [--backend wasm|cpu] [--reviews 300] [--words 1000]
   node web/src/programs/next_word_node.mjs --weights FILE     weights from grubook.weights, with words
   Both take --text "the words so far". */

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import csvParser from "csv-parser";
import { reviewsOf } from "./csv.js";
import { buildModel, perplexity, sentencesOf, trainModel, wordModelOf } from "./next_word.js";
import { readModel } from "../gru/word_model.js";
import { buildVocabulary, makeWindows, unigramPerplexity, wordsOf } from "../gru/words.js";

const options = {
  csv: { type: "string", default: fileURLToPath(new URL("../../../_build/web/reviews.csv", import.meta.url)) },
  backend: { type: "string", default: "wasm" },
  reviews: { type: "string", default: "300" },
  words: { type: "string", default: "1000" },
  weights: { type: "string" },
  text: { type: "string", default: "this is a" },
};
const TIMESTEPS = 20;

/** Read up to n reviews of a CSV file. */
async function readReviews(path, n) {
  if (!existsSync(path)) throw new Error(`there is no file ${path}: \`make book\` writes the sample`);
  const rows = [];
  for await (const row of createReadStream(path).pipe(csvParser())) {
    rows.push(row);
    if (rows.length === n) break;
  }
  return reviewsOf(rows);
}

async function train({ csv, backend, reviews: n, words }) {
  await tf.setBackend(backend);
  const reviews = await readReviews(csv, Number(n));
  const sentences = reviews.map((review) => sentencesOf(review).map(wordsOf));
  const held = Math.ceil(reviews.length / 10); // whole reviews: the last tenth is never trained on
  const vocabulary = buildVocabulary(sentences.slice(0, -held).flat(), Number(words));
  const [training, validation] = [sentences.slice(0, -held), sentences.slice(-held)].map((part) =>
    makeWindows(part.flat(), vocabulary, TIMESTEPS),
  );
  const model = buildModel(vocabulary.words.length);
  console.log(`${reviews.length} reviews, ${training.inputs.length} sentences to train on`);
  console.log(`${vocabulary.words.length} words, ${model.countParams()} weights, backend ${tf.getBackend()}`);
  const before = perplexity(model, validation);
  const seconds = await trainModel(model, training, (batch, now) => {
    if (batch % 10 === 0) console.log(`batch ${batch}: perplexity ${now.toFixed(0)}`);
  });
  const after = perplexity(model, validation);
  const plain = unigramPerplexity(training, validation, vocabulary);
  console.log(`${(training.inputs.length / seconds).toFixed(0)} sentences a second`);
  console.log(`perplexity on unseen reviews: ${before.toFixed(0)} before, ${after.toFixed(0)} after`);
  console.log(`the plainest guess, how often each word occurs: ${plain.toFixed(0)}`);
  return wordModelOf(model, vocabulary.words);
}

async function main() {
  tf.enableProdMode(); // without it TensorFlow.js advertises its native package
  const { values } = parseArgs({ options });
  const model = values.weights
    ? readModel(JSON.parse(readFileSync(values.weights, "utf8")))
    : await train(values);
  const found = model.guess(values.text).map(({ word, p }) => `${word} ${(100 * p).toFixed(1)} %`);
  console.log(`${values.text} ... ${found.join(", ")}`);
}

main().catch((error) => {
  console.error(`next_word_node: ${error.message}`);
  process.exitCode = 1;
});
