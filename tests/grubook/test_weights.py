"""What grubook.weights writes for JavaScript, and what the committed weights reach."""

import base64
import json
import pathlib

import numpy as np
import pytest

from grubook.data import load_mnist
from grubook.reference import gru_forward
from grubook.results import load_results
from grubook.weights import export_weights

WEIGHTS = pathlib.Path(__file__).resolve().parents[2] / "weights"


def network(*, units=5, features=4, words=11, reset_after=True, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {
        "embedding": (words, features),
        "gru_kernel": (features, 3 * units),
        "gru_recurrent_kernel": (units, 3 * units),
        "gru_bias": (2, 3 * units) if reset_after else (3 * units,),
        "dense_kernel": (units, words),
        "dense_bias": (words,),
    }
    return {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}


def read_back(path):
    arrays = {}
    for name, entry in json.loads(path.read_text("utf-8"))["arrays"].items():
        array = np.frombuffer(base64.b64decode(entry["data"]), entry["dtype"])
        arrays[name] = array.reshape(entry["shape"])
        if entry["dtype"] == "int8":
            scale = np.frombuffer(base64.b64decode(entry["scale"]), "<f4")
            arrays[name] = arrays[name] * np.expand_dims(scale, 1 - entry["axis"])
    return arrays


@pytest.mark.parametrize("reset_after", [True, False])
def test_plain_arrays_come_back_as_they_were(tmp_path, reset_after):
    weights = network(reset_after=reset_after)
    found = read_back(export_weights(weights, tmp_path / "w.json"))
    assert found.keys() == weights.keys()
    assert all(np.array_equal(found[name], weights[name]) for name in weights)


def test_eight_bits_move_a_weight_by_half_a_step_at_most(tmp_path):
    weights = network()
    weights["embedding"][3] = 0  # a row without any size
    found = read_back(export_weights(weights, tmp_path / "w.json", bits=8))
    for name, array in weights.items():
        if name.endswith("bias"):
            assert np.array_equal(found[name], array)
            continue
        across = int(array.shape[0] > array.shape[1])
        step = np.abs(array).max(axis=across, keepdims=True) / 127
        assert (np.abs(found[name] - array) <= 0.51 * step).all()
    small, large = (
        export_weights(network(words=999), tmp_path / "w", bits=b).stat() for b in (8, 32)
    )
    assert small.st_size < 0.6 * large.st_size


def test_what_is_eight_bits_already_is_written_as_it_is(tmp_path):
    weights = network()
    codes = np.arange(-22, 22, dtype=np.int8).reshape(11, 4)
    scale = np.linspace(0.1, 1, 11, dtype="float32")[:, None]
    quantized = weights | {"embedding": codes, "embedding_scale": scale}
    found = read_back(export_weights(quantized, tmp_path / "w.json"))
    assert np.array_equal(found["embedding"], codes * scale)
    assert "embedding_scale" not in found


def test_a_layers_model_lists_what_its_file_holds(tmp_path):
    path = export_weights(network(reset_after=False), tmp_path / "model", layers_model=True)
    model = json.loads(path.read_text("utf-8"))
    specs = model["weightsManifest"][0]["weights"]
    assert (tmp_path / "model" / "weights.bin").stat().st_size == sum(
        4 * int(np.prod(spec["shape"])) for spec in specs
    )
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    assert [layer["class_name"] for layer in layers] == ["InputLayer", "Embedding", "GRU", "Dense"]
    assert layers[2]["config"]["recurrent_activation"] == "sigmoid"
    # That it loads, and computes the same as Keras, is shown by web/test/parity.test.mjs.


def broken(**changes):
    weights = network(reset_after=changes.pop("reset_after", False))
    return {k: v for k, v in (weights | changes).items() if v is not None}


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        (broken(reset_after=True), {"layers_model": True}, "resets after the recurrent product"),
        (broken(gru_bias=None), {}, "the weights lack gru_bias; there are embedding"),
        (broken(gru_kernel=np.zeros((4, 14))), {}, r"W \(f, 3u\) .* must have the shape \(4, 15\)"),
        (broken(embedding=np.zeros((11, 3))), {}, r"embedding must be \(11, 4\) here"),
        (broken(dense_kernel=np.zeros((6, 11))), {}, r"dense_kernel must be \(5, 11\) here"),
        (broken(dense_bias=np.full(11, np.nan)), {}, "dense_bias holds a number that is not"),
        (broken(), {"bits": 4}, "bits must be 32, or 8 for plain arrays; got 4"),
        (broken(), {"bits": 8, "layers_model": True}, "bits must be 32, or 8 for plain arrays"),
    ],
)
def test_what_cannot_be_written_is_said_and_not_written(tmp_path, weights, options, message):
    with pytest.raises(ValueError, match=message):
        export_weights(weights, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_the_digits_network_for_tensorflow_js_reaches_its_recorded_accuracy():
    with np.load(WEIGHTS / "mnist_rows_reset_before.npz", allow_pickle=False) as file:
        W, U, b, V, c = (file[name] for name in file.files)
    *_, (images, labels) = load_mnist()
    images = np.divide(images, 255, dtype="float32")
    logits = [
        gru_forward(part, W, U, b, reset_after=False).h[:, -1] @ V + c
        for part in np.split(images, 10)
    ]
    accuracy = np.mean(np.concatenate(logits).argmax(1) == labels)
    run = next(run for run in load_results("digits/reset_before")["runs"] if run["seed"] == 0)
    assert accuracy == pytest.approx(run["test_accuracy"], abs=2e-4)
    assert W.size + U.size + b.size + V.size + c.size == run["parameters"] == 18_506
