"""Small networks of real Keras with their inputs and outputs, for the parity tests in JavaScript.

python web/test/make_vectors.py OUT.json
"""

import base64
import json
import pathlib
import sys
import tempfile

import keras
import numpy as np

from grubook.reference import gru_forward
from grubook.weights import dequantize, export_weights, quantize

GRU = ["gru_kernel", "gru_recurrent_kernel", "gru_bias"]
DENSE = ["dense_kernel", "dense_bias"]


def digits_like(reset_after):
    gru = keras.layers.GRU(9, reset_after=reset_after)
    return keras.Sequential([keras.Input((7, 5)), gru, keras.layers.Dense(4)]), GRU + DENSE


def words_like(reset_after):
    embedding = keras.layers.Embedding(23, 8, mask_zero=True)
    gru = keras.layers.GRU(6, return_sequences=True, reset_after=reset_after)
    layers = [keras.Input((None,)), embedding, gru, keras.layers.Dense(23)]
    return keras.Sequential(layers), ["embedding", *GRU, *DENSE]


def reference(weights, x, mask=None):
    """The network's logits by grubook.reference: at every step with a mask, else after the last."""
    W, U, b = (weights[name] for name in GRU)
    h = gru_forward(x, W, U, b, mask=mask, reset_after=b.ndim == 2).h[:, 1:]
    return (h if mask is not None else h[:, -1]) @ weights[DENSE[0]] + weights[DENSE[1]]


def network(name, build, reset_after, bits, folder, rng):
    model, names = build(reset_after)
    # Keras starts with biases of zero, which would hide a bias in the wrong place.
    model.set_weights([rng.normal(0, 0.5, w.shape).astype("float32") for w in model.get_weights()])
    weights = dict(zip(names, model.get_weights(), strict=True))
    file = export_weights(weights, folder / "weights.json", bits=bits)
    if bits == 8:
        weights = dequantize(quantize(weights))
        model.set_weights([weights[name] for name in names])
    inputs, mask = rng.normal(size=(3, 7, 5)).astype("float32"), None
    features = inputs
    if "embedding" in weights:
        inputs = rng.integers(1, 23, (4, 7))
        # Padding after, before, between and everywhere.
        inputs[0, 5:] = inputs[1, :3] = inputs[2, 2:4] = inputs[3] = 0
        features, mask = weights["embedding"][inputs], inputs != 0
    result = {
        "name": name,
        "resetAfter": reset_after,
        "weights": json.loads(file.read_text("utf-8")),
        "ids" if mask is not None else "x": inputs.tolist(),
        "expected": {
            "keras": np.asarray(model(inputs)).ravel().tolist(),
            "numpy": reference(weights, features, mask).ravel().tolist(),
        },
    }
    if not reset_after and bits == 32:
        path = export_weights(weights, folder / "model", layers_model=True)
        content = (path.parent / "weights.bin").read_bytes()
        text = base64.b64encode(content).decode()
        result["layersModel"] = {"model": json.loads(path.read_text("utf-8")), "weights": text}
    return result


def main():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        networks = [
            network(
                f"{kind}, reset {'after' if reset_after else 'before'}, {bits} bits",
                build,
                reset_after,
                bits,
                pathlib.Path(folder),
                rng,
            )
            for kind, build in [("images", digits_like), ("masked words", words_like)]
            for reset_after in (False, True)
            for bits in (32, 8)
        ]
    pathlib.Path(sys.argv[1]).write_text(json.dumps(networks), "utf-8")


if __name__ == "__main__":
    main()
