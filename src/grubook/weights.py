"""The book's trained weights: load them, round them to 8 bits, write them for JavaScript."""

import base64
import importlib.resources
import json
import pathlib

import numpy as np

from grubook.layouts import convert_weights

__all__ = ["dequantize", "export_weights", "load_weights", "quantize"]

_GRU = ["gru_kernel", "gru_recurrent_kernel", "gru_bias"]


def load_weights(name, rounded=False):
    """Read a network that the book has trained.

    Args:
        name: ``"digits"`` (GRU(64) and Dense(10), 18,698 weights), ``"digits_reset_before"`` (the
            variant that TensorFlow.js knows, 18,506 weights) or ``"next_word"`` (one matrix for the
            embedding and the output, 256 units).
        rounded: leave matrices that are stored with 8 bits as they are: int8, each beside its
            ``<name>_scale``. Otherwise every array of numbers comes back as float32.

    Returns:
        dict: arrays by name, in the order of ``get_weights()`` where it is a Keras network:
        gru_kernel (f, 3u), gru_recurrent_kernel (u, 3u), gru_bias (2, 3u) or (3u,), dense_kernel
        and dense_bias. ``next_word`` has embedding (words, f), output_bias (words,), the scale by
        which the embedding's rows enter the GRU, and words (words,), the vocabulary.

    Raises:
        FileNotFoundError: there is no such network; the message names those that there are.
    """
    stored = importlib.resources.files("grubook") / "stored" / "weights"
    if not (stored / f"{name}.npz").is_file():
        known = sorted(path.name.removesuffix(".npz") for path in stored.iterdir())
        raise FileNotFoundError(f"There are no weights {name!r}; there are: {', '.join(known)}")
    with (stored / f"{name}.npz").open("rb") as file:
        arrays = dict(np.load(file, allow_pickle=False))
    return arrays if rounded else dequantize(arrays)


def quantize(weights):
    """Round each matrix to 8 bits a number: int8 rows, and beside them a float32 scale a row.

    Args:
        weights: mapping of names to float32 arrays.

    Returns:
        dict: matrices as int8, each with ``<name>_scale`` (rows, 1); everything else unchanged.
    """
    found = {}
    for name, array in weights.items():
        if array.ndim == 2 and len(array) > 2:  # a GRU's two bias vectors are small enough as is
            scale = np.abs(array).max(1, keepdims=True) / 127
            found[f"{name}_scale"] = scale.astype("float32")
            array = np.round(array / np.where(scale > 0, scale, 1)).astype("int8")
        found[name] = array
    return found


def dequantize(arrays):
    """Undo `quantize`: 8-bit codes times their scale; the scales are left out.

    Args:
        arrays: mapping of names to arrays, as `quantize` returns it.

    Returns:
        dict: arrays by name, the rounded ones float32.
    """
    names = [name for name in arrays if f"{name.removesuffix('_scale')}_scale" != name]
    return {
        name: arrays[name] * arrays[f"{name}_scale"]
        if arrays[name].dtype == np.int8
        else arrays[name]
        for name in names
    }


def export_weights(weights, path, *, layers_model=False, bits=32):
    """Write the weights of a GRU network, as this book's .npz files hold them, for JavaScript.

    Plain arrays carry either variant of the unit; ``web/gru/weights.js`` reads the file. With 8
    bits a matrix becomes integers from -127 to 127, and a scale for each slice across its longer
    axis (of an embedding or an output layer: for each word); biases stay float32. An int8 matrix
    that has its scales beside it (``<name>_scale``, (rows, 1) or (1, columns)) is written as it is.

    A layers model is what ``tf.loadLayersModel`` reads. Its unit must reset before the recurrent
    product (``GRU(..., reset_after=False)``): TensorFlow.js knows no other. Its outputs are logits;
    a network with an embedding masks zeros and answers at every step.

    Args:
        weights: mapping of names to arrays: gru_kernel (f, 3u), gru_recurrent_kernel (u, 3u) and
            gru_bias (2, 3u) or (3u,), which tells the two variants apart; perhaps embedding
            (words, f), and dense_kernel (u, outputs) with dense_bias (outputs,).
        path: the JSON file; with ``layers_model`` the folder for model.json and weights.bin.
        layers_model: write a layers model instead of plain arrays.
        bits: 32, or 8 for plain arrays.

    Returns:
        pathlib.Path: the JSON file that was written.

    Raises:
        ValueError: an array is missing or does not have its shape, a weight is not finite, the
            reset gate acts in the other place, or the bits cannot be had.
    """
    weights = {name: np.asarray(array) for name, array in weights.items()}
    path, layout = pathlib.Path(path), _check(weights)
    if bits not in (8, 32) or (layers_model and bits != 32):
        raise ValueError(f"bits must be 32, or 8 for plain arrays; got {bits}")
    if layers_model:
        gru = convert_weights([weights[name] for name in _GRU], layout, "tensorflowjs")
        return _write_layers_model(weights | dict(zip(_GRU, gru, strict=True)), path)
    arrays = {
        name: _entry(array, weights.get(f"{name}_scale"), 32 if name.endswith("bias") else bits)
        for name, array in weights.items()
        if not name.endswith("_scale")
    }
    path.write_text(json.dumps({"format": "grubook-weights", "arrays": arrays}) + "\n", "utf-8")
    return path


def _check(weights):
    """Return the layout of the GRU's weights, or say which array does not fit."""
    if missing := [name for name in _GRU if name not in weights]:
        raise ValueError(f"the weights lack {', '.join(missing)}; there are {', '.join(weights)}")
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds a number that is not finite: the training diverged")
    kernel, recurrent, bias = gru = [weights[name] for name in _GRU]
    layout = "keras" if bias.ndim == 2 else "keras_reset_before"
    convert_weights(gru, layout, layout)  # for its checks
    wanted = {
        "embedding": (len(weights.get("embedding", [])), len(kernel)),
        "dense_kernel": (len(recurrent), len(weights.get("dense_bias", []))),
    }
    for name, shape in wanted.items():
        if name in weights and weights[name].shape != shape:
            raise ValueError(f"{name} must be {shape} here, but its shape is {weights[name].shape}")
    return layout


def _entry(array, scale, bits):
    """One array as JSON: its shape, type and bytes; with 8 bits, the scales and their axis."""
    if scale is None and (bits == 32 or array.ndim != 2):
        array = array.astype("<f4")
        return {"shape": array.shape, "dtype": "float32", "data": _base64(array)}
    if scale is None:
        across = int(array.shape[0] > array.shape[1])
        largest = np.abs(array).max(axis=across, keepdims=True)
        scale = np.where(largest > 0, largest, 1) / np.float32(127)
        array = np.rint(array / scale).astype(np.int8)
    codes = {"shape": array.shape, "dtype": "int8", "data": _base64(array)}
    return codes | {"axis": int(scale.shape[0] == 1), "scale": _base64(scale.astype("<f4"))}


def _base64(array):
    return base64.b64encode(array.tobytes()).decode("ascii")


def _write_layers_model(weights, folder):
    features, units = len(weights["gru_kernel"]), len(weights["gru_recurrent_kernel"])
    text = "embedding" in weights
    shape = [None, None] if text else [None, None, features]
    layers = [("InputLayer", {"name": "input", "batch_input_shape": shape, "dtype": "float32"})]
    named = {}
    if text:
        sizes = {"input_dim": len(weights["embedding"]), "output_dim": features}
        layers.append(("Embedding", {"name": "embedding", "mask_zero": True} | sizes))
        named["embedding/embeddings"] = weights["embedding"]
    # TensorFlow.js's default for the gates is the hard sigmoid, Keras's is the sigmoid.
    gates = {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": False}
    layers.append(("GRU", {"name": "gru", "units": units, "return_sequences": text} | gates))
    if "dense_kernel" in weights:
        outputs = {"units": len(weights["dense_bias"]), "activation": "linear"}
        layers.append(("Dense", {"name": "dense"} | outputs))
    named |= {n.replace("_", "/", 1): w for n, w in weights.items() if n != "embedding"}
    config = {"name": "grubook", "layers": [{"class_name": c, "config": s} for c, s in layers]}
    specs = [{"name": n, "shape": w.shape, "dtype": "float32"} for n, w in named.items()]
    model = {
        "format": "layers-model",
        "generatedBy": "grubook.weights",
        "modelTopology": {"model_config": {"class_name": "Sequential", "config": config}},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": specs}],
    }
    folder.mkdir(parents=True, exist_ok=True)
    content = b"".join(array.astype("<f4").tobytes() for array in named.values())
    (folder / "weights.bin").write_bytes(content)
    (folder / "model.json").write_text(json.dumps(model, indent=1) + "\n", "utf-8")
    return folder / "model.json"
