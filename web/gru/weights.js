/* Read weights that grubook.weights wrote as JSON: float32, or 8 bits with a scale. */

import { checkArray } from "./gru.js";

/** Decode exported weights. file: the parsed JSON.
    Returns an object of { shape, values } by name, values a Float32Array: what gru.js takes.
    8-bit codes are multiplied by their scales, one for each slice along `axis`.
    Throws an Error, in a sentence, where the file is not such a file or an array is truncated. */
export const readWeights = (file) => finish(reading(file));

/** The same, as a promise, in slices of some milliseconds: the page answers in between. */
export async function readWeightsInSlices(file) {
  const steps = reading(file);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}

function finish(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A promise that waits so many milliseconds, at least until the page had a chance to do else. */
export const pause = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function* reading(file) {
  if (file?.format !== "grubook-weights" || !isObject(file.arrays)) {
    throw new Error("this is no weights file of the book: write one with grubook.weights");
  }
  const weights = {};
  for (const [name, entry] of Object.entries(file.arrays)) weights[name] = yield* decode(name, entry);
  return weights;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const NUMBERS = new Map([["float32", Float32Array], ["int8", Int8Array]]);

function* decode(name, entry) {
  if (!isObject(entry)) throw new Error(`the array ${name} is damaged: it has no shape and no data`);
  const { shape, dtype, data, axis, scale } = entry;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new Error(`the array ${name} is damaged: its shape is no list of sizes`);
  }
  if (!NUMBERS.has(dtype)) {
    throw new Error(`${name} has the type ${JSON.stringify(dtype)}; known are float32 and int8`);
  }
  const codes = yield* numbers(name, data, NUMBERS.get(dtype));
  checkArray(name, { shape, values: codes }, shape);
  if (dtype === "float32") return { shape, values: codes };
  if (shape.length !== 2 || (axis !== 0 && axis !== 1)) {
    throw new Error(`${name} is damaged: 8-bit codes stand in rows and columns, with a scale for each of one`);
  }
  const scales = yield* numbers(`the scale of ${name}`, scale, Float32Array);
  checkArray(`the scale of ${name}`, { shape: [shape[axis]], values: scales }, [shape[axis]]);
  return { shape, values: yield* scaled(codes, shape, axis, scales) };
}

const SLICE = 2 ** 16; // numbers

/* Plain loops here and below: with a function for each element, millions take seconds. */
function* scaled(codes, [rows, columns], axis, scales) {
  const values = new Float32Array(codes.length);
  for (let i = 0, k = 0; i < rows; i++) {
    if (k % SLICE < columns) yield;
    for (let j = 0; j < columns; j++, k++) values[k] = codes[k] * scales[axis === 0 ? i : j];
  }
  return values;
}

function* numbers(name, text, Type) {
  const bytes = yield* decoded(name, text);
  if (bytes.length % Type.BYTES_PER_ELEMENT) {
    throw new Error(`${name} is truncated: it ends in the middle of a number`);
  }
  const values = new Type(bytes.buffer);
  if (Type === Float32Array && !values.every(Number.isFinite)) throw new Error(`${name} holds a number that is not finite`);
  return values;
}

/** Decode base64 into a Uint8Array. Throws a sentence, with the name, where the text is none. */
export const fromBase64 = (name, text) => finish(decoded(name, text));

function* decoded(name, text) {
  yield;
  let binary;
  try {
    binary = atob(typeof text === "string" ? text : "?");
  } catch {
    throw new Error(`${name} is damaged: it is not base64`);
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) {
    if (i % SLICE === 0) yield;
    bytes[i] = binary.charCodeAt(i);
  }
  return bytes;
}
