/* Article 011 in Node.js: train on MNIST from the book's cache, or load the model that Python trained.

   node web/src/programs/digits_node.mjs [--backend wasm|cpu] [--images 2000] [--epochs 3] [--test 1000]
   node web/src/programs/digits_node.mjs --model FOLDER     a folder from grubook.weights */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import { loadModel } from "../gru/layers_model.js";
import { loadMnist } from "./mnist_node.js";
import { accuracy, answers, buildModel, trainModel } from "./digits.js";

const options = {
  backend: { type: "string", default: "wasm" },
  images: { type: "string", default: "2000" },
  epochs: { type: "string", default: "3" },
  test: { type: "string", default: "1000" },
  model: { type: "string" },
};

async function main() {
  const { values } = parseArgs({ options });
  tf.enableProdMode(); // without it TensorFlow.js advertises its native package
  await tf.setBackend(values.backend);
  let model;
  if (values.model) {
    const read = (name) => readFileSync(join(values.model, name));
    model = await loadModel(JSON.parse(read("model.json")), read("weights.bin"));
  } else {
    model = buildModel();
    const digits = loadMnist("train", 0, Number(values.images));
    console.log(`${model.countParams()} weights, ${digits.n} images, backend ${tf.getBackend()}`);
    const atStart = process.cpuUsage();
    const seconds = await trainModel(model, digits, Number(values.epochs), (epoch, logs) =>
      console.log(`epoch ${epoch + 1}: loss ${logs.loss.toFixed(3)}, accuracy ${logs.acc.toFixed(3)}`),
    );
    const { user, system } = process.cpuUsage(atStart); // microseconds
    const seen = digits.n * Number(values.epochs);
    const each = ((user + system) / 1000 / seen).toFixed(1);
    console.log(`${Math.round(seen / seconds)} images a second, ${each} ms of the processor for each`);
  }
  const test = loadMnist("t10k", 0, Number(values.test));
  console.log(`accuracy on ${test.n} test images: ${accuracy(model, test).toFixed(3)}`);
  const first = takeFirst(test, 10);
  console.log(`labels  ${first.labels.join(" ")}\nanswers ${answers(model, first).join(" ")}`);
}

function takeFirst({ images, labels }, n) {
  return { n, images: images.slice(0, n * 784), labels: labels.slice(0, n) };
}

main().catch((error) => {
  console.error(`digits_node: ${error.message}`);
  process.exitCode = 1;
});
