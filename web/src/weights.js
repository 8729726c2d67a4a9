/* Read weights that grubook.export wrote as JSON: float32, or 8 bits with a scale. */

import { checkArray } from "./gru.js";

/** Decode exported weights. file: the parsed JSON.
    Returns an object of { shape, values } by name, values a Float32Array: what gru.js takes.
    8-bit codes are multiplied by their scales, one for each slice along `axis`.
    Throws an Error, in a sentence, where the file is not such a file or an array is truncated. */
export function readWeights(file) {
  if (file?.format !== "grubook-weights" || typeof file.arrays !== "object") {
    throw new Error("this is no weights file of the book: write one with grubook.export");
  }
  return Object.fromEntries(
    Object.entries(file.arrays).map(([name, entry]) => [name, decode(name, entry)]),
  );
}

function decode(name, { shape, dtype, data, axis, scale }) {
  const types = { float32: Float32Array, int8: Int8Array };
  if (!types[dtype]) throw new Error(`${name} has the type ${dtype}; known are float32 and int8`);
  const bytes = fromBase64(name, data);
  if (bytes.length % types[dtype].BYTES_PER_ELEMENT) {
    throw new Error(`${name} is truncated: it ends in the middle of a number`);
  }
  const codes = new types[dtype](bytes.buffer);
  checkArray(name, { shape, values: codes }, shape);
  if (dtype === "float32") return { shape, values: codes };
  const scales = new Float32Array(fromBase64(`the scale of ${name}`, scale).buffer);
  checkArray(`the scale of ${name}`, { shape: [shape[axis]], values: scales }, [shape[axis]]);
  const width = shape[1];
  const which = axis === 0 ? (i) => Math.floor(i / width) : (i) => i % width;
  return { shape, values: Float32Array.from(codes, (code, i) => code * scales[which(i)]) };
}

function fromBase64(name, text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Error(`${name} is damaged: it is not base64`);
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
