/* TensorFlow.js's WASM backend for a page that may be opened from disk: its binary is in the script. */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";

tf.enableProdMode(); // no messages on the console
// Threads need headers that a file on disk does not have. SIMD is in every browser since 2023.
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
tf.env().set("WASM_HAS_SIMD_SUPPORT", true);
const binaries = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
setWasmPaths(Object.fromEntries(binaries.map((name) => [name, simd])));

/** Compute with "wasm" or "cpu" from now on. Throws a sentence where the browser cannot. */
export async function useBackend(name) {
  if (!(await tf.setBackend(name))) {
    throw new Error(`this browser cannot run the ${name} backend; take the other one`);
  }
}
