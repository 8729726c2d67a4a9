"""The cheat sheet's code runs from top to bottom as it stands."""

import pathlib
import re
import runpy

import keras
import numpy as np
import pytest

SHEET = pathlib.Path(__file__).resolve().parents[2] / "chapters/cheat_sheet.md"


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """What the lines of the cheat sheet have defined when the last of them has run."""
    blocks = re.findall(r"^```python\n(.*?)^```", SHEET.read_text(encoding="utf-8"), re.M | re.S)
    script = tmp_path_factory.mktemp("sheet") / "sheet.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    return runpy.run_path(str(script))


def test_the_optimizer_clips_the_whole_gradient(names):
    optimizer = names["model"].optimizer
    assert (optimizer.global_clipnorm, optimizer.clipnorm) == (1.0, None)
    x, y = np.zeros((1600, 28, 28), "float32"), np.zeros(1600, int)
    assert np.isfinite(names["model"].fit(x, y, verbose=0).history["loss"][0])


def test_the_network_for_text_starts_as_the_unigram(names):
    inputs, targets = names["inputs"], names["targets"]
    assert np.array_equal(inputs[0, 1:4], targets[0, :3])  # one step apart
    model, shares = names["text_model"], names["frequencies"] / names["frequencies"].sum()
    model.layers[1].set_weights([np.zeros_like(model.layers[1].get_weights()[0])])
    np.testing.assert_allclose(keras.ops.softmax(model(inputs))[0, 0], shares, rtol=1e-5)


def test_the_bigram_has_a_perplexity_within_the_vocabulary(names):
    assert 1 < names["perplexity"] < len(names["vocabulary"])


def test_the_update_gates_remember_up_to_k_steps(names):
    z = 1 / (1 + np.exp(-names["layer"].get_weights()[2][0, :64]))
    assert z.min() >= 0.5 and z.max() < names["k"] / (names["k"] + 1) and z.std() > 0.01


def test_the_weights_fit_pytorch(names):
    assert names["weight_ih"].shape == (192, 28) and names["bias_hh"].shape == (192,)
