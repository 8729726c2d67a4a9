/* The trained digits networks, computed in each way there is in JavaScript: scores and times as JSON.

   node web/programs/ways.mjs FOLDER [--images 50] [--only "before, plain JavaScript"]
   FOLDER, from grubook.weights: before/ (a layers model), before.json and after.json (plain arrays). */

import { join } from "node:path";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { dense, gruForward, makeCell } from "../gru/gru.js";
import { gruCore, makeCoreCell } from "../gru/gru_core.js";
import { loadModel } from "../gru/layers_model.js";
import { pixelsOf } from "../gru/mnist.js";
import { readWeights } from "../gru/weights.js";
import { loadMnist, readJson, readWhole } from "./node.js";
import { upTo } from "./training.js";

const REPEATS = 51;
const { values, positionals } = parseArgs({
  options: { images: { type: "string", default: "50" }, only: { type: "string" } },
  allowPositionals: true,
});
const place = (name) => join(positionals[0], name);

/** Each way as a function from one image, 784 numbers, to ten scores. */
async function waysFor(reset) {
  const weights = readWeights(readJson(place(`${reset}.json`)));
  const gru = { W: weights.gru_kernel, U: weights.gru_recurrent_kernel, b: weights.gru_bias };
  const { dense_kernel: V, dense_bias: c } = weights;

  const cell = makeCell(gru, reset === "after");
  const plain = (image) => {
    const rows = Array.from({ length: 28 }, (_, t) => image.subarray(28 * t, 28 * (t + 1)));
    return dense(gruForward(rows, cell).at(-1).h, V, c);
  };

  const coreCell = makeCoreCell(gru, reset === "after");
  const [kernel, bias] = [V, c].map((array) => tf.tensor(array.values, array.shape));
  const core = (image) =>
    tf.tidy(() => {
      const states = gruCore(tf.tensor3d(image, [1, 28, 28]), coreCell);
      const last = tf.slice(states, [0, 27, 0], [1, 1, -1]);
      return tf.add(tf.matMul(tf.reshape(last, [1, -1]), kernel), bias).dataSync();
    });
  if (reset === "after") return { "plain JavaScript": plain, core };

  const model = await loadModel(readJson(place("before/model.json")), readWhole(place("before/weights.bin")));
  const layers = (image) =>
    tf.tidy(() => model.predict(tf.tensor3d(image, [1, 28, 28])).dataSync());
  return { "plain JavaScript": plain, core, layers };
}

function medianTime(way, image) {
  const times = Array.from({ length: REPEATS }, () => {
    const start = performance.now();
    way(image);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[(REPEATS - 1) / 2];
}

tf.enableProdMode();
const digits = loadMnist("t10k", Number(values.images));
const images = upTo(digits.n).map((i) => pixelsOf(digits, [i]));
const found = [];
for (const reset of ["before", "after"]) {
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    for (const [way, run] of Object.entries(await waysFor(reset))) {
      if (way === "plain JavaScript" && backend === "wasm") continue; // it uses no backend
      const name = way === "plain JavaScript" ? way : `${way}, ${backend}`;
      if (values.only && values.only !== `${reset}, ${name}`) continue;
      const scores = images.map((image) => [...run(image)]); // and every function is warm now
      found.push({ reset, way: name, ms: medianTime(run, images[0]), scores });
    }
  }
}
console.log(JSON.stringify(found));
