/* What the programs share in Node.js: options, messages, exit codes, and MNIST from the cache. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import { readIdx, takeDigits } from "../gru/mnist.js";
import { OptionError, OPTIONS, readSettings } from "./options.js";

const BACKENDS = ["wasm", "cpu"];
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CATALOGUE = join(ROOT, "src", "grubook", "data", "catalogue.toml");

/** Run a program. texts: its options that are no numbers, with what they are where nothing is given.
    main(settings, hooks) is asynchronous; hooks: say, show, signal. Ctrl-C stops a training once, the
    program twice. Exit code 1 is a failure, 2 an option that cannot be. */
export async function start(program, texts, main) {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const show = (share, what) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${what}, ${Math.round(100 * share)} % \x1b[K\r`);
  };
  try {
    tf.enableProdMode(); // without it TensorFlow.js advertises its native package
    const given = readOptions([...Object.keys(OPTIONS[program]), "backend", ...Object.keys(texts)]);
    const settings = { ...texts, ...given, ...readSettings(program, given, BACKENDS) };
    await tf.setBackend(settings.backend);
    await main(settings, { say: console.log, show, signal: stop.signal });
  } catch (error) {
    console.error(`${program}: ${error.message.replace(/\s+/g, " ")}`);
    process.exitCode = error instanceof OptionError ? 2 : 1;
  }
}

function readOptions(names) {
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
  // A value such as -5 is to be refused as a number, not taken for an option.
  const args = process.argv.slice(2).join("\0").replace(/\0(-\d)/g, "=$1");
  try {
    return parseArgs({ args: args ? args.split("\0") : [], options }).values;
  } catch (error) {
    const known = names.map((name) => `--${name}`).join(", ");
    throw new OptionError(`${error.message.split(". ")[0]}; the options are ${known}`);
  }
}

/** Read a file whole. Throws a sentence where there is none, or where it is a folder. */
export function readWhole(path, remedy = "see that its name is right") {
  if (!existsSync(path)) throw new Error(`there is no file ${path}: ${remedy}`);
  if (statSync(path).isDirectory()) throw new Error(`${path} is a folder, not a file`);
  return readFileSync(path);
}

export function readJson(path) {
  try {
    return JSON.parse(readWhole(path));
  } catch (error) {
    throw error instanceof SyntaxError ? new Error(`${path} is no JSON: it is damaged or cut off`) : error;
  }
}

/** Unpack a file of the catalogue. Throws a sentence where it is damaged, or another set's. */
function unpack(folder, name) {
  const path = join(folder, name);
  const bytes = readWhole(path, "fetch it with `make data`, or set GRUBOOK_DATA");
  const digest = createHash("sha256").update(bytes).digest("hex");
  const known = readFileSync(CATALOGUE, "utf8").split("\n").find((line) => line.startsWith(`"${name}"`));
  if (!known.includes(digest)) {
    throw new Error(`${path} is damaged, or of another data set (SHA-256): delete it, and fetch it with \`make data\``);
  }
  return gunzipSync(bytes);
}

/** The path of a file that the book's build writes. */
export const built = (name) => join(ROOT, "_build", "web", name);

/** Load the first n digits from the book's cache, or from the folder that GRUBOOK_DATA names.
    part: "train" or "t10k", as the files are called. */
export function loadMnist(part, n) {
  const folder = join(process.env.GRUBOOK_DATA || join(ROOT, "data", "cache"), "mnist");
  const [images, labels] = ["images-idx3", "labels-idx1"].map((kind) => {
    const name = `${part}-${kind}-ubyte.gz`;
    return readIdx(unpack(folder, name), name);
  });
  return takeDigits(images, labels, n);
}
