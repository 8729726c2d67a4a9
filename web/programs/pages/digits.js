/* Article 011 in the browser: the sample of MNIST that the book's build writes, or own files. */

import { useBackend } from "../backends.js";
import { loadModel } from "../../gru/layers_model.js";
import { pixelsOf, readIdx, takeDigits } from "../../gru/mnist.js";
import { toMnist } from "../../gru/picture.js";
import { fromBase64 } from "../../gru/weights.js";
import { loadChunks } from "../../data/chunks.js";
import { answersOf, examine, trainModel } from "../digits.js";
import { byId, bytesOf, chosen, fillForm, onSubmit, say, show } from "../page.js";
import { dispose } from "../training.js";

const [TRAIN, TEST] = [2000, 1000]; // images in the sample
let model;

/** Take a new network in place of the old one, once it has answered. */
async function take(found, n) {
  try {
    const test = await sample("test", n);
    const answers = await examine(found, test, { say, show });
    showDigits(test, answers.slice(0, 10));
  } catch (error) {
    dispose(found);
    throw error;
  }
  dispose(model);
  model = found;
}

async function sample(part, n) {
  const parts = await loadChunks("digits_sample", (share) => show(share, "loading images"));
  const [images, labels] = ["images", "labels"].map((name) => fromBase64(name, parts[part][name]));
  return takeDigits({ shape: [labels.length, 28, 28], values: images }, { shape: [labels.length], values: labels }, n);
}

/** Read two files in MNIST's format, the images being the one with more axes. */
async function ownDigits(files, n) {
  if (files.length !== 2) throw new Error("choose two files at once: the images and their labels");
  const read = await Promise.all([...files].map(async (file) => readIdx(await unpacked(file), file.name)));
  const [images, labels] = read.sort((a, b) => b.shape.length - a.shape.length);
  return takeDigits(images, labels, Math.min(n, labels.shape[0]));
}

async function unpacked(file) {
  const bytes = await bytesOf(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new Error(`${file.name} is not a whole gzip file: download it again`);
  }
}

function showDigits(digits, said) {
  const items = said.map((answer, i) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 28;
    const image = canvas.getContext("2d").createImageData(28, 28);
    pixelsOf(digits, [i]).forEach((ink, k) => image.data.set([1, 1, 1].map((white) => 255 * (white - ink)).concat(255), 4 * k));
    canvas.getContext("2d").putImageData(image, 0, 0);
    const item = document.createElement("li");
    item.append(canvas, digits.labels ? `${digits.labels[i]}: says ${answer}` : `says ${answer}`);
    return item;
  });
  byId("shown").replaceChildren(...items);
}

/** Read a picture of any size as gray shares from 0 to 1, at most 200 pixels wide and high. */
async function grayOf(file) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is no picture that this browser can read, or it is damaged`);
  });
  const scale = Math.min(1, 200 / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((size) => Math.max(3, Math.round(size * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.fillStyle = "white"; // under a transparent picture
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const gray = Float32Array.from({ length: width * height }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 765);
  return { gray, width, height };
}

onSubmit("train", async (signal) => {
  const { images, epochs, test } = await chosen("digits");
  const { files } = byId("files");
  const digits = await (files.length ? ownDigits(files, images) : sample("train", Math.min(images, TRAIN)));
  if (digits.n < images) say(`there are only ${digits.n} images to train on`);
  await take(await trainModel(digits, epochs, { say, show, signal }), Math.min(test, TEST));
});

onSubmit("load", async () => {
  await useBackend("wasm");
  const { model: json, weights } = await loadChunks("digits_layers_model");
  const found = await loadModel(json, fromBase64("weights.bin", weights));
  say("the network that Python trained is loaded");
  await take(found, TEST);
});

onSubmit("ask", async () => {
  const [file] = byId("picture").files;
  if (!model) throw new Error("there is no network yet: train one, or load the trained one");
  if (!file) throw new Error("choose a picture first");
  const { gray, width, height } = await grayOf(file);
  const digits = { n: 1, images: toMnist(gray, width, height).map((ink) => 255 * ink) };
  const [answer] = await answersOf(model, digits);
  say(`${file.name}: a ${answer}`);
  showDigits(digits, [answer]);
});

fillForm("digits");
