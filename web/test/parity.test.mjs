import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import { compare } from "./parity.js";

tf.enableProdMode();

// Through pytest, the networks come fresh from Keras: tests/test_web.py makes the file.
test("every way agrees with Keras and NumPy to 1e-5", async (t) => {
  const path = process.env.PARITY_VECTORS;
  if (!path) throw new Error("PARITY_VECTORS is not set: run pytest tests/test_web.py");
  const found = await compare(JSON.parse(readFileSync(path, "utf8")), ["cpu", "wasm"]);
  assert.equal(found.length, 8 + 16 + 4);
  for (const { name, way, keras, numpy } of found) {
    t.diagnostic(`${name}, ${way}: ${keras.toExponential(1)} from Keras, ${numpy.toExponential(1)} from NumPy`);
    assert.ok(keras <= 1e-5, `${name}, ${way}: ${keras} from Keras`);
    assert.ok(numpy <= 1e-5, `${name}, ${way}: ${numpy} from NumPy`);
  }
});
