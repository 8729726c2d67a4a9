/* Article 096 in the browser: the sample of reviews that the book's build embeds, or an own file. */

import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backends.js";
import { readCsv, reviewsOf } from "../csv.js";
import { byId, on, say } from "../page.js";
import { buildModel, perplexity, sentencesOf, trainModel, wordModelOf } from "../next_word.js";
import { readModel } from "../../gru/word_model.js";
import { buildVocabulary, makeWindows, unigramPerplexity, wordsOf } from "../../gru/words.js";

const TIMESTEPS = 20;
let guesser;

on("train", "click", async () => {
  await useBackend(byId("backend").value);
  const [file] = byId("files").files;
  const all = file ? reviewsOf(readCsv(await file.text())) : globalThis.grubook.reviews;
  const reviews = all.slice(0, Number(byId("reviews").value));
  const sentences = reviews.map((review) => sentencesOf(review).map(wordsOf));
  const held = Math.ceil(reviews.length / 10); // whole reviews: the last tenth is never trained on
  const vocabulary = buildVocabulary(sentences.slice(0, -held).flat(), Number(byId("words").value));
  const [training, validation] = [sentences.slice(0, -held), sentences.slice(-held)].map((part) =>
    makeWindows(part.flat(), vocabulary, TIMESTEPS),
  );
  const model = buildModel(vocabulary.words.length);
  say(`${reviews.length} reviews, ${training.inputs.length} sentences to train on`);
  say(`${vocabulary.words.length} words, ${model.countParams()} weights, backend ${tf.getBackend()}`);
  const before = perplexity(model, validation);
  const seconds = await trainModel(model, training, (batch, now) => {
    if (batch % 10 === 0) say(`batch ${batch}: perplexity ${now.toFixed(0)}`);
  });
  const after = perplexity(model, validation);
  say(`${(training.inputs.length / seconds).toFixed(0)} sentences a second`);
  say(`perplexity on unseen reviews: ${before.toFixed(0)} before, ${after.toFixed(0)} after`);
  const plain = unigramPerplexity(training, validation, vocabulary);
  say(`the plainest guess, how often each word occurs: ${plain.toFixed(0)}`);
  guesser = wordModelOf(model, vocabulary.words);
  answer();
});

on("load", "click", async () => {
  guesser = readModel(globalThis.grubook.nextWordModel);
  say("the network that Python trained is loaded");
  answer();
});

on("guess", "click", async () => {
  if (!guesser) throw new Error("there is no network yet: train one, or load the trained one");
  answer();
});

function answer() {
  const text = byId("text").value;
  const found = guesser.guess(text).map(({ word, p }) => `${word} ${(100 * p).toFixed(1)} %`);
  say(`${text} ... ${found.join(", ")}`);
}

// The word model is a part of the book's build; without it there is nothing to load.
byId("trained").hidden = !globalThis.grubook.nextWordModel;
