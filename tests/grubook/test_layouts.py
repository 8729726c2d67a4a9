"""Weights carried between libraries: both sides run, and what cannot be carried is refused."""

import pathlib

import numpy as np
import onnx
import onnxruntime
import pytest

from grubook.layouts import LAYOUTS, convert_weights, swap_update_gate
from grubook.reference import gru_backward, gru_forward
from tests.grubook.test_reference import a_unit, distance

GOLDEN = pathlib.Path(__file__).parent / "golden"
PYTORCH = LAYOUTS["pytorch"][0]
PYTORCH_NAMES = [name.split()[0] for name in PYTORCH]


def weights_in(layout, features=5, units=4, one_bias=False):
    """Random float32 weights in a layout; with one_bias, c_h is zero where the layout has it."""
    rng = np.random.default_rng(0)
    sizes = {"1": 1, "2": 2, "f": features, "u": units, "3u": 3 * units, "6u": 6 * units}
    axes = [name[name.index("(") + 1 : -1].split(", ") for name in LAYOUTS[layout][0]]
    arrays = [rng.normal(size=[sizes[axis] for axis in one]).astype(np.float32) for one in axes]
    if one_bias and layout != "one_bias":
        arrays[-1].reshape(-1)[-units:] = 0
    return arrays


def run_onnx(arrays, x, h0, linear_before_reset):
    """What ONNX Runtime's GRU operator puts out, batch first."""
    value, names = onnx.helper.make_tensor_value_info, ["X", "W", "R", "B", "", "H0"]
    options = {"hidden_size": arrays[1].shape[-1], "linear_before_reset": linear_before_reset}
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("GRU", names, ["Y"], **options)],
        "gru",
        [value(name, onnx.TensorProto.FLOAT, None) for name in ("X", "H0")],
        [value("Y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(a, n) for a, n in zip(arrays, "WRB", strict=True)],
    )
    opset = onnx.helper.make_opsetid("", 14)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (y,) = session.run(None, {"X": x.swapaxes(0, 1), "H0": h0[None]})
    return y[:, 0].swapaxes(0, 1)


def outputs(weights, x, h0, reset):
    return gru_forward(x, *weights, h0=h0, reset_after=reset == "after").h[:, 1:]


def pytorch_vectors():
    with np.load(GOLDEN / "pytorch_gru.npz") as stored:
        return dict(stored)


def live_pytorch_vectors():
    pytest.importorskip("torch")
    from tests.grubook.golden.make_pytorch_gru import compute

    return compute(seed=1, batch=2, timesteps=9, features=3, units=6)


@pytest.mark.parametrize("vectors", [pytorch_vectors, live_pytorch_vectors])
def test_pytorch_weights_compute_the_same_here_with_the_same_gradients(vectors):
    v = vectors()
    weights = convert_weights([v[name] for name in PYTORCH_NAMES], "pytorch", "keras")
    run = gru_forward(v["x"], *weights, h0=v["h0"])
    assert distance(run.h[:, 1:], v["outputs"]) <= 1e-5
    ours = gru_backward(v["dh"], run)
    assert distance(ours.x, v["dx"]) <= 1e-5
    assert distance(ours.h[:, 0], v["dh0"]) <= 1e-5
    # Gradients have the weights' layout, so the same function carries them to PyTorch's.
    carried = convert_weights([ours.W, ours.U, ours.b], "keras", "pytorch")
    for gradient, name in zip(carried, PYTORCH_NAMES, strict=True):
        assert distance(gradient, v[f"d{name}"]) <= 1e-5, name


@pytest.mark.parametrize(("layout", "flag"), [("onnx_reset_after", 1), ("onnx_reset_before", 0)])
def test_onnx_runtime_computes_what_the_reference_computes(layout, flag):
    arrays, reset = weights_in(layout), LAYOUTS[layout][1]
    a, _, _ = a_unit(1, 3, 8, 5, 4, True, np.float32)
    expected = run_onnx(arrays, a["x"], a["h0"], flag)
    keras_layout = "keras" if reset == "after" else "keras_reset_before"
    weights = convert_weights(arrays, layout, keras_layout)
    assert distance(outputs(weights, a["x"], a["h0"], reset), expected) <= 1e-5
    back = convert_weights(weights, keras_layout, layout)
    assert distance(run_onnx(back, a["x"], a["h0"], flag), expected) <= 1e-5
    # ONNX's other variant is another function.
    assert distance(run_onnx(arrays, a["x"], a["h0"], 1 - flag), expected) > 1e-2


PAIRS = [(source, target) for source in LAYOUTS for target in LAYOUTS]
CARRIED = [(a, b) for a, b in PAIRS if LAYOUTS[a][1] == LAYOUTS[b][1]]


@pytest.mark.parametrize(("source", "target"), CARRIED)
def test_there_and_back_is_the_same_unit(source, target):
    one_bias = "one_bias" in (source, target)
    arrays, reset = weights_in(source, one_bias=one_bias), LAYOUTS[source][1]
    there = convert_weights(arrays, source, target)
    back = convert_weights(there, target, source)
    canonical = "keras" if reset == "after" else "keras_reset_before"
    a, _, _ = a_unit(3, 2, 6, 5, 4, True, np.float32)
    before, after = (
        outputs(convert_weights(weights, source, canonical), a["x"], a["h0"], reset)
        for weights in (arrays, back)
    )
    np.testing.assert_allclose(before, after, atol=1e-6)
    for original, returned in zip(arrays, back, strict=True):
        assert original.shape == returned.shape
        assert returned.dtype == np.float32
        if not one_bias and "before" not in source:  # there two biases may come back as their sum
            np.testing.assert_array_equal(original, returned)


@pytest.mark.parametrize(("source", "target"), sorted(set(PAIRS) - set(CARRIED)))
def test_the_reset_gates_place_cannot_be_carried(source, target):
    with pytest.raises(ValueError, match="r \\* \\(h U\\)"):
        convert_weights(weights_in(source), source, target)


@pytest.mark.parametrize("source", ["keras", "pytorch", "onnx_reset_after"])
def test_a_recurrent_candidate_bias_does_not_fit_into_one_bias(source):
    with pytest.raises(ValueError, match="c_h is not zero"):
        convert_weights(weights_in(source), source, "one_bias")
    convert_weights(weights_in(source, one_bias=True), source, "one_bias")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_array_of_the_wrong_shape_is_named(layout):
    names = LAYOUTS[layout][0]
    gates_axis = [axis.strip(" )").endswith("3u") for axis in names[0].split("(")[1].split(",")]
    for i, name in enumerate(names):
        arrays = weights_in(layout)
        axis = gates_axis.index(True) if i == 0 else -1  # any number of features is right
        arrays[i] = np.concatenate([arrays[i], arrays[i]], axis=axis)
        with pytest.raises(ValueError, match="must have the shape") as caught:
            convert_weights(arrays, layout, layout)
        assert any(str(caught.value).startswith(n) for n in names[: i + 1]), name
    with pytest.raises(ValueError, match=f"has {len(names)} arrays"):
        convert_weights(arrays[:-1], layout, layout)


def test_a_unit_without_units_and_an_unknown_layout_are_refused():
    with pytest.raises(ValueError, match=r"u = 0 \(at least 1\)"):
        convert_weights(weights_in("keras", units=0), "keras", "pytorch")
    with pytest.raises(ValueError, match="'jax' is not known"):
        convert_weights(weights_in("keras"), "keras", "jax")


@pytest.mark.parametrize("layout", ["keras", "keras_reset_before"])
def test_a_swapped_unit_computes_the_same_in_chungs_direction(layout):
    weights, reset_after = weights_in(layout), LAYOUTS[layout][1] == "after"
    a, _, _ = a_unit(4, 2, 6, 5, 4, True, np.float32)
    options = {"h0": a["h0"], "reset_after": reset_after}
    old = gru_forward(a["x"], *weights, **options)
    new = gru_forward(a["x"], *swap_update_gate(*weights), z_weights="new", **options)
    assert distance(new.h, old.h) <= 1e-6
    assert distance(new.z, 1 - old.z) <= 1e-6
    for once, twice in zip(weights, swap_update_gate(*swap_update_gate(*weights)), strict=True):
        np.testing.assert_array_equal(once, twice)


def test_carried_weights_do_not_share_memory_with_the_given_ones():
    arrays = weights_in("keras")
    for new in convert_weights(arrays, "keras", "keras"):
        assert not any(np.shares_memory(new, old) for old in arrays)
