/* Article 011 in the browser: the sample of MNIST that the book's build embeds, or own files. */

import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backends.js";
import { loadModel } from "../../gru/layers_model.js";
import { readIdx, takeDigits } from "../../gru/mnist.js";
import { bytesOf, byId, on, say } from "../page.js";
import { toMnist } from "../../gru/picture.js";
import { accuracy, answers, buildModel, trainModel } from "../digits.js";

let model;

function embedded(part, n) {
  const { images, labels } = globalThis.grubook.digits[part];
  const [pixels, digits] = [bytesOf(images), bytesOf(labels)];
  const shape = [digits.length, 28, 28];
  return takeDigits({ shape, values: pixels }, { shape: [digits.length], values: digits }, 0, n);
}

/** Read two files in MNIST's format, the images being the larger one. */
async function ownDigits(files, n) {
  if (files.length !== 2) throw new Error("choose two files at once: the images and their labels");
  const read = await Promise.all(
    [...files].map(async (file) => {
      const packed = file.name.endsWith(".gz");
      const stream = packed ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
      return readIdx(new Uint8Array(await new Response(stream).arrayBuffer()), file.name);
    }),
  );
  const [images, labels] = read.sort((a, b) => b.shape.length - a.shape.length);
  return takeDigits(images, labels, 0, Math.min(n, labels.shape[0]));
}

function show(digits, said) {
  const items = [...said].map((answer, i) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 28;
    const image = canvas.getContext("2d").createImageData(28, 28);
    digits.images.subarray(i * 784, (i + 1) * 784).forEach((ink, k) => {
      image.data.set([255, 255, 255, 255].map((v, c) => (c < 3 ? v * (1 - ink) : v)), 4 * k);
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
    const item = document.createElement("li");
    item.append(canvas, digits.labels ? `${digits.labels[i]}: says ${answer}` : `says ${answer}`);
    return item;
  });
  byId("shown").replaceChildren(...items);
}

function test() {
  const digits = embedded("test", 1000);
  say(`accuracy on ${digits.n} test images: ${accuracy(model, digits).toFixed(3)}`);
  show(digits, answers(model, embedded("test", 10)));
}

on("train", "click", async () => {
  await useBackend(byId("backend").value);
  const [n, epochs] = [Number(byId("images").value), Number(byId("epochs").value)];
  const files = byId("files").files;
  const digits = files.length ? await ownDigits(files, n) : embedded("train", n);
  model = buildModel();
  say(`${model.countParams()} weights, ${digits.n} images, backend ${tf.getBackend()}`);
  const seconds = await trainModel(model, digits, epochs, (epoch, logs) =>
    say(`epoch ${epoch + 1}: loss ${logs.loss.toFixed(3)}, accuracy ${logs.acc.toFixed(3)}`),
  );
  say(`${Math.round((digits.n * epochs) / seconds)} images a second`);
  test();
});

on("load", "click", async () => {
  await useBackend("wasm");
  const { model: json, weights } = globalThis.grubook.digitsModel;
  model = await loadModel(json, bytesOf(weights));
  say("the network that Python trained is loaded");
  test();
});

on("picture", "change", async ({ files }) => {
  if (!model) throw new Error("there is no network yet: train one, or load the trained one");
  const bitmap = await createImageBitmap(files[0]);
  const scale = Math.min(1, 200 / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((size) => Math.max(3, Math.round(size * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.fillStyle = "white"; // under a transparent picture
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const gray = Float32Array.from({ length: width * height }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 765);
  const digits = { n: 1, images: toMnist(gray, width, height) };
  const [answer] = answers(model, digits);
  say(`${files[0].name}: a ${answer}`);
  show(digits, [answer]);
});
