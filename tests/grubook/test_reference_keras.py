"""The reference GRU against `keras.layers.GRU`: outputs and all gradients, in float32."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_reference import a_unit, distance

import grubook
from grubook.reference import gru_backward, gru_forward

grubook.ready()
keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")


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
def test_outputs_and_all_gradients_agree(
    seed, batch, timesteps, features, units, reset_after, masked
):
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
