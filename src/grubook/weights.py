"""The book's trained weights: load them, round them to 8 bits, write them for JavaScript."""

import base64
import collections.abc
import importlib.resources
import json
import pathlib

import numpy as np

from grubook.layouts import convert_weights

__all__ = ["dequantize", "export_weights", "load_weights", "quantize"]

_GRU = ["gru_kernel", "gru_recurrent_kernel", "gru_bias"]
_DENSE = ["dense_kernel", "dense_bias"]


def load_weights(name, rounded=False):
    """Read a network that the book has trained.

    Args:
        name: ``"digits"`` (GRU(64) and Dense(10), 18,698 weights), ``"digits_reset_before"`` (the
            variant that TensorFlow.js knows, 18,506 weights), ``"next_word"`` (one matrix for the
            embedding and the output, 256 units), ``"dates"`` (a reader and a writer of 96 units
            each, and attention) or ``"race"`` (a GRU, an LSTM and a plain network of 16 units each,
            which name the first of many symbols).
        rounded: leave matrices that are stored with 8 bits as they are (see `quantize`). Otherwise
            every array of numbers comes back as float32.

    Returns:
        dict: arrays by name, in the order of ``get_weights()`` where it is a Keras network:
        gru_kernel (f, 3u), gru_recurrent_kernel (u, 3u), gru_bias (2, 3u) or (3u,), dense_kernel
        and dense_bias. ``next_word`` has embedding (words, f), output_bias (words,), the scale by
        which the embedding's rows enter the GRU, and words (words,), the vocabulary. ``dates`` has
        gru_... for its reader, decoder_... for its writer, query_kernel, key_kernel, key_bias and
        score for its attention, and alphabet, the characters; `grubook.dates.read` takes it.
        ``race`` has kernel, recurrent_kernel, bias, dense_kernel, dense_bias and seed, each with
        gru_, lstm_ or plain_ before it.

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
    """Round each matrix to 8 bits a number: integers from -127 to 127, with their scales beside.

    There is a scale for each slice across the longer axis (of an embedding or an output layer: for
    each word). Biases, and what is rounded already, stay as they are.

    Args:
        weights: mapping of names to arrays.

    Returns:
        dict: matrices as int8, each with ``<name>_scale``, float32, (rows, 1) or (1, columns).

    Raises:
        ValueError: a matrix holds a number that is not finite.
        TypeError: the arrays have no names.
    """
    found = {}
    for name, array in _named(weights).items():
        if array.ndim == 2 and array.dtype != np.int8 and not name.endswith(("bias", "_scale")):
            across = int(array.shape[0] > array.shape[1])
            largest = np.abs(array).max(axis=across, keepdims=True, initial=0)
            _check_finite(name, largest)
            scale = np.where(largest > 0, largest, 1) / np.float32(127)
            array = np.rint(array / scale).astype(np.int8)
            found[f"{name}_scale"] = scale.astype(np.float32)
        found[name] = array
    return found


def dequantize(weights):
    """Undo `quantize`: every int8 array times its scale, and no scales."""
    scales = _scales(weights)
    return {
        name: array * weights[f"{name}_scale"] if f"{name}_scale" in scales else array
        for name, array in weights.items()
        if name not in scales
    }


def _named(weights):
    if not isinstance(weights, collections.abc.Mapping):
        given = type(weights).__name__
        raise TypeError(
            f"the weights must be a dict of arrays by name, as load_weights; got {given}"
        )
    return {name: np.asarray(array) for name, array in weights.items()}


def _check_finite(name, array):
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a number that is not finite: the training diverged")


def _scales(weights):
    """The names of the scales that belong to 8-bit codes."""
    return {f"{name}_scale" for name, array in weights.items() if array.dtype == np.int8}


def export_weights(weights, path, *, layers_model=False, bits=32):
    """Write the weights of a GRU network, as this book's .npz files hold them, for JavaScript.

    Plain arrays carry either variant of the unit; ``web/gru/weights.js`` reads the file. Matrices
    that `quantize` has rounded are written as they are, with their scales.

    A layers model is what ``tf.loadLayersModel`` reads. Its unit must reset before the recurrent
    product (``GRU(..., reset_after=False)``): TensorFlow.js knows no other. Its outputs are logits;
    a network with an embedding masks zeros and answers at every step.

    Args:
        weights: mapping of names to arrays: gru_kernel (f, 3u), gru_recurrent_kernel (u, 3u) and
            gru_bias (2, 3u) or (3u,), which tells the two variants apart; perhaps embedding
            (words, f), with output_bias (words,) where it is the output's matrix too; perhaps
            dense_kernel (u, outputs) with dense_bias (outputs,).
        path: the JSON file; with ``layers_model`` the folder for model.json and weights.bin.
        layers_model: write a layers model, of float32 numbers, instead of plain arrays.
        bits: 32, or 8 to round plain arrays with `quantize`.

    Returns:
        pathlib.Path: the JSON file that was written.

    Raises:
        ValueError: an array is missing, has no place, holds no numbers or does not have its shape,
            a number is not finite as float32, the reset gate acts in the other place, or the bits
            cannot be had.
        TypeError: the arrays have no names.
        OSError: the file cannot be written there.
    """
    if bits not in (8, 32) or (layers_model and bits != 32):
        raise ValueError(f"bits must be 32, or 8 for plain arrays; got {bits!r}")
    path, numbers = pathlib.Path(path), _numbers(weights)
    plain = dequantize(numbers)
    gru = _gru_for(plain, layers_model)
    _check_shapes(plain)
    if not layers_model:
        arrays = _entries(quantize(plain) if bits == 8 else numbers)
        text = json.dumps({"format": "grubook-weights", "arrays": arrays})
        return _write(path, text.encode() + b"\n")
    if stray := plain.keys() - {"embedding", *_GRU, *_DENSE}:
        raise ValueError(f"a layers model has no place for {', '.join(sorted(stray))}")
    model, content = _layers_model(plain | dict(zip(_GRU, gru, strict=True)))
    _write(path / "weights.bin", content)
    return _write(path / "model.json", json.dumps(model, indent=1).encode() + b"\n")


def _numbers(weights):
    """The arrays as float32, or as int8 beside a scale that fits; all of them finite."""
    found = {}
    for name, array in _named(weights).items():
        if array.dtype.kind not in "fiu":
            raise ValueError(f"{name} holds no numbers but {array.dtype}; leave it out")
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
            found[name] = array if array.dtype == np.int8 else array.astype(np.float32)
        _check_finite(name, found[name])
    for name, array in found.items():
        scale = np.shape(found.get(f"{name}_scale"))
        fits = array.ndim == 2 and scale in {(len(array), 1), (1, array.shape[1])}
        if array.dtype == np.int8 and not fits:
            raise ValueError(f"{name} is int8, and {name}_scale does not fit: its shape is {scale}")
    return found


def _gru_for(plain, layers_model):
    """The unit's weights in the layout that is to be written, if they can be carried there."""
    dense = _DENSE if plain.keys() & _DENSE else []
    if missing := [name for name in _GRU + dense if name not in plain]:
        raise ValueError(f"the weights lack {', '.join(missing)}; there are {', '.join(plain)}")
    gru = [plain[name] for name in _GRU]
    layout = "keras" if gru[2].ndim == 2 else "keras_reset_before"
    return convert_weights(gru, layout, "tensorflowjs" if layers_model else layout)


def _check_shapes(plain):
    features, units = (len(plain[name]) for name in _GRU[:2])
    words, outputs = plain.get("embedding"), plain.get("dense_kernel")
    words, outputs = np.shape(words)[:1], np.shape(outputs)[-1:]
    wanted = {
        "embedding": (*words, features),
        "output_bias": words,
        "dense_kernel": (units, *outputs),
        "dense_bias": outputs,
    }
    for name, shape in wanted.items():
        if name in plain and plain[name].shape != shape:
            raise ValueError(f"{name} must be {shape} here, but its shape is {plain[name].shape}")


def _entries(arrays):
    """Each array as JSON: its shape, type and bytes; with 8 bits, the scales and their axis."""
    entries = {}
    scales = _scales(arrays)
    for name, array in arrays.items():
        if name in scales:
            continue
        entry = {"shape": array.shape, "dtype": array.dtype.name, "data": _base64(array)}
        if array.dtype == np.int8:
            scale = arrays[f"{name}_scale"]
            entry |= {"axis": int(scale.shape[0] == 1), "scale": _base64(scale)}
        entries[name] = entry
    return entries


def _base64(array):
    little_endian = array.astype(array.dtype.newbyteorder("<"))
    return base64.b64encode(little_endian.tobytes()).decode("ascii")


def _write(path, content):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _layers_model(weights):
    """The model.json and the weights.bin of a layers model."""
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
    return model, b"".join(array.astype("<f4").tobytes() for array in named.values())
