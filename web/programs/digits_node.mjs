/* Article 011 in Node.js: train on MNIST from the book's cache, or load the model that Python trained.

   node web/programs/digits_node.mjs [--backend wasm|cpu] [--images 2000] [--epochs 3] [--test 1000]
   node web/programs/digits_node.mjs --model FOLDER     a folder from grubook.weights */

import { join } from "node:path";
import { loadModel } from "../gru/layers_model.js";
import { examine, trainModel } from "./digits.js";
import { loadMnist, readJson, readWhole, start } from "./node.js";

await start("digits", { model: "" }, async ({ model: folder, images, epochs, test }, hooks) => {
  const model = folder
    ? await loadModel(readJson(join(folder, "model.json")), readWhole(join(folder, "weights.bin")))
    : await train(images, epochs, hooks);
  const digits = loadMnist("t10k", test);
  const answers = await examine(model, digits, hooks);
  hooks.say(`labels  ${digits.labels.slice(0, 10).join(" ")}\nanswers ${answers.slice(0, 10).join(" ")}`);
});

async function train(images, epochs, hooks) {
  const digits = loadMnist("train", images);
  const before = process.cpuUsage();
  const model = await trainModel(digits, epochs, hooks);
  const { user, system } = process.cpuUsage(before); // microseconds
  hooks.say(`${((user + system) / 1000 / (images * epochs)).toFixed(1)} ms of the processor for each image`);
  return model;
}
