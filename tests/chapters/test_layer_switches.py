"""The chapter's table names every switch of the installed GRU layer, and its cells compute."""

import inspect
import pathlib
import re
import runpy

import keras
import nbformat
import numpy as np
import pytest

from grubook.reference import gru_forward

NOTEBOOK = pathlib.Path(__file__).resolve().parents[2] / "chapters" / "layer_switches.ipynb"
CELLS = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
ROWS = re.findall(r"^\| (.+?) \| (.*?) \| (.*?) \|$", CELLS["every"], re.MULTILINE)[1:]


def named(call):
    """The switches of the table: of the layer, or of a call."""
    cells = [cell for cell, _, _ in ROWS if cell.startswith("in a call") == call]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_switch_of_the_signature_is_in_the_table_and_nothing_else_is():
    layer = set(inspect.signature(keras.layers.GRU).parameters) - {"kwargs"}
    passed_on = set(inspect.signature(keras.layers.RNN).parameters) - {"cell", "kwargs"} - layer
    every_layer = {"name", "dtype", "trainable"}
    assert named(call=False) == layer | passed_on | every_layer
    of_a_call = inspect.signature(keras.layers.GRU.call).parameters
    assert named(call=True) == set(of_a_call) - {"self", "sequences"}


def test_every_row_says_what_for_and_where():
    assert len(ROWS) == len({name for name, _, _ in ROWS})
    for name, what_for, where in ROWS:
        assert what_for and where, name


def test_a_section_of_this_chapter_that_the_table_names_is_there():
    text = "\n".join(CELLS.values())
    headings = re.findall(r"^###? (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}
    linked = set(re.findall(r"\]\(#([^)]+)\)", CELLS["every"]))
    assert linked and linked <= anchors


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The chapter's own layers and cells, made from their cells as they stand."""
    cells = [CELLS[name] for name in ("learned-code", "mingru-code", "lngru-code")]
    script = tmp_path_factory.mktemp("layer_switches") / "cells.py"
    script.write_text("\n".join(["import keras", "from keras import ops", *cells]), "utf-8")
    return runpy.run_path(str(script))


@pytest.mark.parametrize("features", [1, 3])
def test_the_cell_without_normalization_is_the_reference(own, features):
    rng = np.random.default_rng(features)
    x = rng.normal(size=(2, 7, features)).astype("float32")
    shapes = [(features, 12), (4, 12), (2, 12)]
    weights = [rng.normal(size=shape).astype("float32") for shape in shapes]
    cell = own["NormalizedGRUCell"](4, norm=keras.layers.Identity())
    layer = keras.layers.RNN(cell, return_sequences=True)
    layer.build(x.shape)
    layer.set_weights(weights)
    h0 = rng.normal(size=(2, 4)).astype("float32")
    expected = gru_forward(x, *weights, h0=h0).h[:, 1:]
    np.testing.assert_allclose(layer(x, initial_state=h0), expected, atol=1e-5)


def test_the_normalization_is_in_force(own):
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    layer = keras.layers.RNN(own["NormalizedGRUCell"](4))
    layer.build(x.shape)
    W, U, b, *scale_and_shift = layer.get_weights()
    answers = []
    for size in (100, 1000):  # far above the epsilon, what is normalized has no size
        layer.set_weights([W, size * U, b, *scale_and_shift])
        answers.append(np.array(layer(x)))
    np.testing.assert_allclose(*answers, atol=1e-3)
    assert len(scale_and_shift) == 2


def test_a_learned_start_is_trained_and_serves_every_sequence(own):
    inputs = keras.Input((2, 1))
    start = own["LearnedStart"](3)
    h = keras.layers.GRU(3)(inputs, initial_state=start(inputs))
    model = keras.Model(inputs, keras.layers.Dense(1)(h))
    model.compile("sgd", "mse", jit_compile=False)
    model.fit(np.zeros((8, 2, 1)), np.ones((8, 1)), verbose=0)
    assert start.h0.shape == (1, 3) and np.abs(start.h0).max() > 0
