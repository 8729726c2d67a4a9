/* Load a layers model that grubook.weights wrote, and say in a sentence where it does not fit. */

import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";

/** Make the model. model: the parsed model.json; bytes: weights.bin as a Uint8Array.
    Returns a promise of a LayersModel, whose outputs are logits.
    Throws an Error where it is no layers model, resets after the product, or is truncated. */
export async function loadModel(model, bytes) {
  const layers = model?.modelTopology?.model_config?.config?.layers;
  const specs = model?.weightsManifest?.[0]?.weights;
  if (!layers || !specs) throw new Error("this is no layers model: write one with grubook.weights");
  if (layers.some(({ class_name, config }) => class_name === "GRU" && config?.reset_after)) {
    throw new Error(
      "this GRU resets after the recurrent product, and TensorFlow.js's layer only before it: " +
        "train with reset_after=False, or use the step in gru_core.js",
    );
  }
  const size = ({ shape }) => shape.reduce((a, b) => a * b, 4);
  const wanted = specs.map(size).reduce((a, b) => a + b, 0);
  if (bytes.length !== wanted) {
    throw new Error(`the weights must be ${wanted} bytes, but there are ${bytes.length}: truncated?`);
  }
  return loadLayersModel(
    tf.io.fromMemory({
      modelTopology: model.modelTopology,
      weightSpecs: specs,
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    }),
  );
}
