"""The reference GRU: against finite differences, itself and Keras, and in what it refuses."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grubook.reference import gru_backward, gru_forward, gru_step

VARIANTS = list(itertools.product([True, False], ["old", "new"]))


def a_unit(seed, batch, timesteps, features, units, reset_after, dtype=np.float64):
    """Random inputs, weights, state, mask (any step may be padding) and gradient of the outputs."""
    rng = np.random.default_rng(seed)
    shapes = {
        "x": (batch, timesteps, features),
        "W": (features, 3 * units),
        "U": (units, 3 * units),
        "b": (2, 3 * units) if reset_after else (3 * units,),
        "h0": (batch, units),
    }
    arrays = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    mask = rng.random((batch, timesteps)) > 0.3
    return arrays, mask, rng.normal(size=(batch, timesteps, units)).astype(dtype)


def distance(a, b):
    """max|a - b| in units of max(1, max|b|)."""
    return np.abs(a - b).max() / max(1, np.abs(b).max())


@st.composite
def cases(draw):
    """A small random unit in one of the four variants, and what it reads."""
    reset_after, z_weights = draw(st.sampled_from(VARIANTS))
    sizes = [draw(st.integers(1, most)) for most in (3, 6, 3, 4)]
    a, mask, dh = a_unit(draw(st.integers(0, 10_000)), *sizes, reset_after)
    return a, mask, dh, {"reset_after": reset_after, "z_weights": z_weights}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases())
def test_every_gradient_agrees_with_finite_differences(case):
    arrays, mask, dh, options = case

    def run():
        return gru_forward(**arrays, mask=mask, **options)

    gradients = gru_backward(dh, run())._asdict()
    gradients["h0"] = gradients.pop("h")[:, 0]
    step = 1e-5
    for name, array in arrays.items():
        numeric = np.zeros_like(array)
        for i in np.ndindex(array.shape):
            was, losses = array[i], []
            for array[i] in (was + step, was - step):
                losses.append((run().h[:, 1:] * dh).sum())
            array[i] = was
            numeric[i] = (losses[0] - losses[1]) / (2 * step)
        assert distance(gradients[name], numeric) <= 1e-6, name


@settings(max_examples=25, deadline=None, derandomize=True)
@given(cases())
def test_a_sequence_is_its_steps_and_the_gradient_of_a_state_that_of_starting_there(case):
    a, _, dh, options = case
    run = gru_forward(**a, **options)
    whole, weights = gru_backward(dh, run), (a["W"], a["U"], a["b"])
    for t in range(dh.shape[1]):
        step = gru_step(a["x"][:, t], run.h[:, t], *weights, **options)
        for one, stepped in zip((run.h[:, 1:], run.z, run.r, run.h_tilde), step, strict=True):
            np.testing.assert_allclose(one[:, t], stepped, atol=1e-14)
        rest = gru_forward(a["x"][:, t:], *weights, h0=run.h[:, t], **options)
        expected = gru_backward(dh[:, t:], rest).h[:, 0]
        direct = dh[:, t - 1] if t else 0  # what the loss sees of the state itself
        assert distance(whole.h[:, t], expected + direct) <= 1e-12


@pytest.mark.parametrize(("reset_after", "z_weights"), VARIANTS)
def test_padding_changes_nothing_but_the_length(reset_after, z_weights):
    a, _, dh = a_unit(1, 2, 5, 3, 4, reset_after)
    options = {"reset_after": reset_after, "z_weights": z_weights}
    short = gru_forward(**a, **options)
    # The same five steps, with noise that is masked before, between and after them.
    real = np.array([0, 1, 0, 0, 1, 1, 1, 0, 1, 0], bool)
    rng = np.random.default_rng(2)
    x, dh_long = rng.normal(size=(2, 10, 3)), np.zeros((2, 10, 4))
    x[:, 0], x[0, 2], x[1, 3] = np.nan, np.inf, -np.inf
    x[:, real], dh_long[:, real] = a["x"], dh
    long = gru_forward(**a | {"x": x}, mask=np.tile(real, (2, 1)), **options)
    np.testing.assert_allclose(long.h[:, 1:][:, real], short.h[:, 1:])
    np.testing.assert_array_equal(long.h[:, 0], long.h[:, 1])
    ours, expected = gru_backward(dh_long, long), gru_backward(dh, short)
    for name in ("W", "U", "b"):
        np.testing.assert_allclose(getattr(ours, name), getattr(expected, name), atol=1e-12)
    np.testing.assert_allclose(ours.x[:, real], expected.x, atol=1e-12)
    assert not ours.x[:, ~real].any()


@pytest.mark.parametrize(("reset_after", "q"), [(True, 0.25 * (0.5 * 2 + 8)), (False, 0.125 * 2)])
def test_a_step_by_hand_in_the_book_s_convention(reset_after, q):
    # One input, one unit, and gates that are not one half: z = 3/4 keeps, r = 1/4 resets.
    W, U = np.array([[np.log(3), -np.log(3), 1.0]]), np.array([[0.0, 0.0, 2.0]])
    b = np.array([[0.0, 0, 0.5], [0, 0, 8]]) if reset_after else np.array([0, 0, 0.5])
    x, h = np.array([[1.0]]), np.array([[0.5]])
    h_new, z, r, h_tilde = gru_step(
        x, h, W, U, b, **({} if reset_after else {"reset_after": False})
    )
    assert (z, r) == (pytest.approx(0.75), pytest.approx(0.25))
    assert h_tilde == pytest.approx(np.tanh(1.5 + q))
    assert h_new == pytest.approx(0.75 * 0.5 + 0.25 * h_tilde[0, 0])
    run = gru_forward(x[None], W, U, b, h0=h, reset_after=reset_after)
    assert run.h.ravel().tolist() == [0.5, h_new.item()]
    assert gru_forward(x[None], W, U, b, reset_after=reset_after).h[0, 0] == 0


@pytest.mark.parametrize("reset_after", [True, False])
def test_float32_stays_float32(reset_after):
    a, mask, dh = a_unit(6, 2, 5, 3, 4, reset_after, np.float32)
    run = gru_forward(**a, mask=mask, reset_after=reset_after)
    assert {v.dtype for v in (run.h, run.z, run.r, run.h_tilde)} == {np.dtype("float32")}
    assert {g.dtype for g in gru_backward(dh, run)} == {np.dtype("float32")}


def test_huge_sums_do_not_overflow():
    a, _, _ = a_unit(7, 1, 3, 2, 2, True)
    run = gru_forward(**a | {"x": a["x"] * 1e6})
    assert np.isfinite(run.h).all()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("x", np.zeros((2, 3))),
        ("x", np.zeros((2, 0, 3))),
        ("W", np.zeros((5, 12))),
        ("U", np.zeros((4, 9))),
        ("U", np.zeros((0, 0))),
        ("b", np.zeros(12)),
        ("h0", np.zeros((1, 4))),
        ("mask", np.ones((2, 4), bool)),
        ("mask", np.ones((2, 6), int)),
        ("z_weights", "both"),
    ],
)
def test_a_wrong_argument_is_named(name, wrong):
    a, _, _ = a_unit(8, 2, 6, 3, 4, True)
    with pytest.raises(ValueError, match=f"^{name} must "):
        gru_forward(**a | {name: wrong})


def test_mixed_precision_is_refused():
    a, _, _ = a_unit(9, 2, 6, 3, 4, True)
    with pytest.raises(TypeError, match="x is float32"):
        gru_forward(**a | {"x": a["x"].astype(np.float32)})
    with pytest.raises(TypeError, match="all float64"):
        gru_forward(**{name: array.astype(int) for name, array in a.items()})


def test_a_gradient_of_another_shape_is_refused():
    a, _, dh = a_unit(10, 2, 6, 3, 4, True)
    with pytest.raises(ValueError, match=r"^dh must have"):
        gru_backward(dh[:, -1], gru_forward(**a))


@settings(max_examples=24, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    batch=st.integers(1, 5),
    timesteps=st.integers(1, 12),
    features=st.integers(1, 9),
    units=st.integers(1, 16),
    reset_after=st.booleans(),
    masked=st.booleans(),
)
def test_outputs_and_all_gradients_agree_with_keras(
    seed, batch, timesteps, features, units, reset_after, masked
):
    keras, tf = pytest.importorskip("keras"), pytest.importorskip("tensorflow")
    a, mask, dh = a_unit(seed, batch, timesteps, features, units, reset_after, np.float32)
    if not masked:
        mask[:] = True
    # Before a row's first real step Keras puts out zeros, we the initial state: nobody reads it.
    seen = np.logical_or.accumulate(mask, axis=1)[..., None]
    dh = dh * seen

    layer = keras.layers.GRU(units, reset_after=reset_after, return_sequences=True)
    layer.build((batch, timesteps, features))
    layer.set_weights([a["W"], a["U"], a["b"]])
    x, h0 = tf.constant(a["x"]), tf.constant(a["h0"])
    with tf.GradientTape() as tape:
        tape.watch([x, h0])
        outputs = layer(x, initial_state=h0, mask=tf.constant(mask) if masked else None)
        loss = tf.reduce_sum(outputs * dh)
    theirs = tape.gradient(loss, [x, h0, *(w.value for w in layer.weights)])

    run = gru_forward(**a, mask=mask, reset_after=reset_after)
    ours = gru_backward(dh, run)
    assert distance(run.h[:, 1:] * seen, outputs.numpy() * seen) <= 1e-5
    for mine, other in zip((ours.x, ours.h[:, 0], ours.W, ours.U, ours.b), theirs, strict=True):
        assert mine.dtype == np.float32
        assert distance(mine, np.zeros_like(mine) if other is None else other.numpy()) <= 1e-5
