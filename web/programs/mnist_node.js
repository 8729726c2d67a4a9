/* MNIST in Node.js, from the book's cache: data/cache, or the folder that GRUBOOK_DATA names. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { readIdx, takeDigits } from "../gru/mnist.js";

/** Load n digits from the given one on. part: "train" or "t10k", as the files are called. */
export function loadMnist(part, start, n) {
  const beside = fileURLToPath(new URL("../../data/cache", import.meta.url));
  const cache = process.env.GRUBOOK_DATA || beside;
  const [images, labels] = ["images-idx3", "labels-idx1"].map((kind) => {
    const path = join(cache, "mnist", `${part}-${kind}-ubyte.gz`);
    if (!existsSync(path)) {
      throw new Error(`MNIST is not in ${cache}: fetch it with \`make data\`, or set GRUBOOK_DATA`);
    }
    return readIdx(gunzipSync(readFileSync(path)), path);
  });
  return takeDigits(images, labels, start, n);
}
