/* Article 096 in Node.js: train on reviews from a CSV file, then guess the next word.

   node web/programs/next_word_node.mjs [--csv FILE] [--backend wasm|cpu] [--reviews 300] [--words 1000] [--epochs 8]
   node web/programs/next_word_node.mjs --weights FILE     weights from grubook.weights, with words
   Both take --text "the words so far". */

import { readModel } from "../gru/word_model.js";
import { answerLine, trainWordModel } from "./next_word.js";
import { built, readJson, readWhole, start } from "./node.js";
import { readReviews } from "./reviews.js";

const texts = { csv: built("reviews.csv"), weights: "", text: "this is a" };

await start("next_word", texts, async ({ csv, weights, text, ...settings }, hooks) => {
  const train = () => {
    const reviews = readReviews(readWhole(csv, "`make book` writes the sample"), csv);
    return trainWordModel(reviews, settings, hooks);
  };
  const model = weights ? readModel(readJson(weights)) : await train();
  hooks.say(answerLine(model, text));
});
