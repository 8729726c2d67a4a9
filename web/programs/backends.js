/* The backends of TensorFlow.js that this browser has, for a page that may be opened from disk. */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"; // in the script

tf.enableProdMode(); // no messages on the console
// Threads need headers that a file on disk does not have. SIMD is in every browser since 2023.
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
tf.env().set("WASM_HAS_SIMD_SUPPORT", true);
const binaries = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
setWasmPaths(Object.fromEntries(binaries.map((name) => [name, simd])));

const NAMES = { wasm: "WASM", webgl: "WebGL", webgpu: "WebGPU", cpu: "CPU (slow)" };

/** Return the names of the backends that this browser has, by what TensorFlow.js calls them. Whether
    WebGPU has a device too, shows when it is asked: a question in vain is noted on the console. Not
    for words: version 4.22 cannot turn their mask (integers) over on WebGPU, and computes on. */
export function findBackends(program) {
  const { webgl, webgpu, ...found } = NAMES;
  const gpu = navigator.gpu && program !== "next_word";
  return { ...found, ...(hasWebGL() && { webgl }), ...(gpu && { webgpu }) };
}

/* As TensorFlow.js asks: a drawing context that is not computed by the processor. It would say on
   the console that there is none, and so it is asked only where there is one. */
function hasWebGL() {
  const software = tf.env().getBool("SOFTWARE_WEBGL_ENABLED");
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: !software });
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
}

/** Compute with one of them from now on. Throws a sentence where the browser cannot. */
export async function useBackend(name) {
  const there = await tf.setBackend(name).catch(() => false);
  if (!there) throw new Error(`this browser cannot run the ${NAMES[name]} backend; take another one`);
}
