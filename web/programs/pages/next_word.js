/* Article 096 in the browser: the sample of reviews that the book's build writes, or an own file. */

import { readModel } from "../../gru/word_model.js";
import { loadChunks } from "../../data/chunks.js";
import { answerLine, trainWordModel } from "../next_word.js";
import { byId, bytesOf, chosen, fillForm, onSubmit, say, show } from "../page.js";
import { readReviews } from "../reviews.js";

let model;

const loading = (share) => show(share, "loading");
const answer = () => say(answerLine(model, byId("text").value));

onSubmit("train", async (signal) => {
  const settings = await chosen("next_word");
  const [file] = byId("files").files;
  const reviews = file ? readReviews(await bytesOf(file), file.name) : await loadChunks("reviews_sample", loading);
  model = await trainWordModel(reviews, settings, { say, show, signal });
  answer();
});

onSubmit("load", async () => {
  model = readModel(await loadChunks("next_word", loading));
  say("the network that Python trained is loaded");
  answer();
});

onSubmit("ask", async () => {
  if (!model) throw new Error("there is no network yet: train one, or load the trained one");
  answer();
});

fillForm("next_word");
