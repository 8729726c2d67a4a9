"""What was trained loads, is rounded and is written for JavaScript, or it is said why not."""

import base64
import json

import numpy as np
import pytest

from grubook.data import load_mnist
from grubook.reference import gru_forward
from grubook.results import load_results
from grubook.weights import dequantize, export_weights, load_weights, quantize


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
    """The file as JavaScript reads it: arrays and, of rounded ones, the scales on their axis."""
    arrays = {}
    for name, entry in json.loads(path.read_text("utf-8"))["arrays"].items():
        array = np.frombuffer(base64.b64decode(entry["data"]), entry["dtype"])
        arrays[name] = array.reshape(entry["shape"])
        if entry["dtype"] == "int8":
            scale = np.frombuffer(base64.b64decode(entry["scale"]), "<f4")
            arrays[f"{name}_scale"] = np.expand_dims(scale, 1 - entry["axis"])
    return arrays


def same(found, expected):
    return found.keys() == expected.keys() and all(
        np.array_equal(found[name], expected[name]) and found[name].dtype == expected[name].dtype
        for name in expected
    )


def test_quantize_by_hand():
    tall = np.array([[0.5, -1], [0, 0], [0.254, 0.127]], np.float32)
    weights = {"embedding": tall, "wide": -tall.T, "gru_bias": tall.T, "words": np.array(["a"])}
    found = quantize(weights)
    assert found["embedding"].tolist() == [[64, -127], [0, 0], [127, 64]]  # 63.5 to the even 64
    assert found["wide"].tolist() == [[-64, 0, -127], [127, 0, -64]]
    np.testing.assert_allclose(found["embedding_scale"], [[1 / 127], [1 / 127], [0.002]])
    np.testing.assert_allclose(found["wide_scale"], [[1 / 127, 1 / 127, 0.002]])
    assert np.array_equal(found["gru_bias"], tall.T) and "gru_bias_scale" not in found
    assert same(quantize(found), found)  # what is rounded already stays
    back = dequantize(found)
    assert back.keys() == weights.keys() and back["wide"].dtype == np.float32
    np.testing.assert_allclose(back["wide"], [[-64 / 127, 0, -0.254], [1, 0, -0.128]], rtol=1e-6)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ({"k": np.array([[1, np.nan]])}, ValueError, "k holds a number that is not finite"),
        ({"k": np.array([[1], [np.inf]])}, ValueError, "k holds a number that is not finite"),
        ([np.ones((2, 2))], TypeError, "must be a dict of arrays by name, .*; got list"),
    ],
)
def test_what_cannot_be_rounded_is_said(weights, error, message):
    for function in (quantize, lambda weights: export_weights(weights, "nowhere", bits=8)):
        with pytest.raises(error, match=message):
            function(weights)


@pytest.mark.parametrize("reset_after", [True, False])
def test_plain_arrays_come_back_as_they_were(tmp_path, reset_after):
    weights = network(reset_after=reset_after)
    path = export_weights(weights, tmp_path / "new" / "folder" / "w.json")
    assert path == tmp_path / "new" / "folder" / "w.json"
    assert same(read_back(path), weights)
    assert same(read_back(export_weights(weights, path, bits=8)), quantize(weights))


def test_the_book_s_own_rounded_weights_are_written_as_they_are(tmp_path):
    weights = load_weights("next_word", rounded=True)
    whole = load_weights("next_word")
    assert weights["embedding"].dtype == np.int8 and whole["embedding"].dtype == np.float32
    assert np.array_equal(whole["embedding"], weights["embedding"] * weights["embedding_scale"])
    with pytest.raises(ValueError, match="words holds no numbers but <U16; leave it out"):
        export_weights(weights, tmp_path / "w.json")
    del weights["words"]
    assert same(read_back(export_weights(weights, tmp_path / "w.json")), weights)


def test_the_weights_and_results_that_there_are_are_named():
    with pytest.raises(
        FileNotFoundError, match="no weights 'digit'; there are: dates, digits, digits_res"
    ):
        load_weights("digit")
    with pytest.raises(
        FileNotFoundError, match=r"no results 'best'; there are: .*digits/article, "
    ):
        load_results("best")


@pytest.mark.parametrize("rounded", [True, False])
def test_a_layers_model_lists_what_its_file_holds_as_numbers(tmp_path, rounded):
    weights = network(reset_after=False)
    given = quantize(weights) if rounded else weights
    path = export_weights(given, tmp_path / "model", layers_model=True)
    model = json.loads(path.read_text("utf-8"))
    specs = model["weightsManifest"][0]["weights"]
    content = np.frombuffer((path.parent / "weights.bin").read_bytes(), "<f4")
    sizes = np.cumsum([np.prod(spec["shape"], dtype=int) for spec in specs])
    found = {
        spec["name"].replace("embedding/embeddings", "embedding").replace("/", "_"): part.reshape(
            spec["shape"]
        )
        for spec, part in zip(specs, np.split(content, sizes[:-1]), strict=True)
    }
    assert same(found, dequantize(given))
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    assert [layer["class_name"] for layer in layers] == ["InputLayer", "Embedding", "GRU", "Dense"]
    assert layers[2]["config"]["recurrent_activation"] == "sigmoid"
    assert layers[1]["config"]["mask_zero"] and layers[2]["config"]["return_sequences"]
    # That it loads, and computes the same as Keras, is shown by web/test/parity.test.mjs.


def broken(**changes):
    weights = network(reset_after=changes.pop("reset_after", False))
    return {k: v for k, v in (weights | changes).items() if v is not None}


CODES = np.ones((11, 4), np.int8)


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        (broken(reset_after=True), {"layers_model": True}, "resets after the recurrent product"),
        (broken(gru_bias=None), {}, "the weights lack gru_bias; there are embedding"),
        (broken(dense_bias=None), {}, "the weights lack dense_bias"),
        (broken(gru_kernel=np.zeros((4, 14))), {}, r"W \(f, 3u\) .* must have the shape \(4, 15\)"),
        (network(units=0), {}, r"must have the shape .* for u = 0 \(at least 1\)"),
        (broken(embedding=np.zeros((11, 3))), {}, r"embedding must be \(11, 4\) here"),
        (broken(output_bias=np.zeros(12)), {}, r"output_bias must be \(11,\) here"),
        (broken(dense_kernel=np.zeros((6, 11))), {}, r"dense_kernel must be \(5, 11\) here"),
        (broken(dense_bias=np.zeros(10)), {}, r"dense_bias must be \(11,\) here"),
        (
            broken(dense_bias=np.full(11, np.nan)),
            {},
            "dense_bias holds a number that is not finite",
        ),
        (
            broken(dense_bias=np.full(11, np.inf)),
            {},
            "dense_bias holds a number that is not finite",
        ),
        (broken(dense_bias=np.full(11, 1e39)), {}, "dense_bias holds a number that is not finite"),
        (broken(words=np.array(["a"])), {}, "words holds no numbers but <U1; leave it out"),
        (
            broken(embedding=CODES),
            {},
            r"embedding is int8, and embedding_scale does not fit.* \(\)",
        ),
        (
            broken(embedding=CODES, embedding_scale=np.ones(11)),
            {},
            r"not fit: its shape is \(11,\)",
        ),
        (
            broken(embedding=CODES, embedding_scale=np.ones((4, 1))),
            {},
            "embedding_scale does not fit",
        ),
        (
            broken(dense_bias=np.ones(11, np.int8)),
            {},
            "dense_bias is int8, and dense_bias_scale does",
        ),
        (broken(output_bias=np.ones(11)), {"layers_model": True}, "has no place for output_bias"),
        (broken(), {"bits": 4}, "bits must be 32, or 8 for plain arrays; got 4"),
        (broken(), {"bits": 8, "layers_model": True}, "bits must be 32, or 8 for plain arrays"),
    ],
)
def test_what_cannot_be_written_is_said_and_not_written(tmp_path, weights, options, message):
    with pytest.raises(ValueError, match=message):
        export_weights(weights, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OSError, match=f"{tmp_path} cannot be written"):
        export_weights(network(), tmp_path)
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OSError, match=r"weights\.bin cannot be written"):
        export_weights(network(reset_after=False), tmp_path / "file", layers_model=True)


@pytest.mark.parametrize(
    ("name", "reset_after", "experiment"),
    [("digits", True, "digits/best"), ("digits_reset_before", False, "digits/reset_before")],
)
def test_the_digits_networks_reach_the_accuracy_that_was_recorded(name, reset_after, experiment):
    W, U, b, V, c = load_weights(name).values()
    *_, (images, labels) = load_mnist()
    images = np.divide(images, 255, dtype="float32")
    logits = [
        gru_forward(part, W, U, b, reset_after=reset_after).h[:, -1] @ V + c
        for part in np.split(images, 10)
    ]
    accuracy = np.mean(np.concatenate(logits).argmax(1) == labels)
    run = next(run for run in load_results(experiment)["runs"] if run["seed"] == 0)
    assert accuracy == pytest.approx(run["test_accuracy"], abs=2e-4)
    assert sum(array.size for array in (W, U, b, V, c)) == run["parameters"]
