"""Who writes a GRU's weights how: carry them from one layout to another, or say why not."""

import numpy as np

__all__ = ["LAYOUTS", "convert_weights", "swap_update_gate"]

#: For each layout: the arrays it consists of, and where its reset gate acts. In every one of them
#: the update gate weights the old state; f is the number of features, u the number of units.
LAYOUTS = {
    # keras.layers.GRU, its default: get_weights(); gates z, r, h; the bias's rows: input, recurrent
    "keras": (("W (f, 3u)", "U (u, 3u)", "b (2, 3u)"), "after"),
    # keras.layers.GRU(reset_after=False)
    "keras_reset_before": (("W (f, 3u)", "U (u, 3u)", "b (3u)"), "before"),
    # tf.layers.gru, which knows no other variant
    "tensorflowjs": (("kernel (f, 3u)", "recurrent_kernel (u, 3u)", "bias (3u)"), "before"),
    # a cell written with one bias a gate, which resets after the product; gates z, r, h
    "one_bias": (("W (f, 3u)", "U (u, 3u)", "b (3u)"), "after"),
    # torch.nn.GRU; gates r, z, n
    "pytorch": (
        ("weight_ih_l0 (3u, f)", "weight_hh_l0 (3u, u)", "bias_ih_l0 (3u)", "bias_hh_l0 (3u)"),
        "after",
    ),
    # ONNX operator GRU with linear_before_reset=1, and with 0; gates z, r, h
    "onnx_reset_after": (("W (1, 3u, f)", "R (1, 3u, u)", "B (1, 6u)"), "after"),
    "onnx_reset_before": (("W (1, 3u, f)", "R (1, 3u, u)", "B (1, 6u)"), "before"),
}


def convert_weights(arrays, source, target):
    """Carry weights from one layout to another, so that the unit computes the same.

    Args:
        arrays: the weights, in the order and shapes of ``LAYOUTS[source]``.
        source, target: names in `LAYOUTS`.

    Returns:
        tuple: new arrays, in the order and shapes of ``LAYOUTS[target]``.

    Raises:
        ValueError: a layout is unknown, an array does not have its shape, or the unit cannot be
            carried: the reset gates act in different places, or the target has one bias and the
            candidate's recurrent bias is not zero.
    """
    for layout in (source, target):
        if layout not in LAYOUTS:
            raise ValueError(f"the layout {layout!r} is not known; known are: {', '.join(LAYOUTS)}")
    arrays = [np.asarray(array) for array in arrays]
    _check(arrays, source)
    reset, wanted = LAYOUTS[source][1], LAYOUTS[target][1]
    if reset != wanted:
        raise ValueError(
            f"cannot carry weights from {source!r} to {target!r}: the first resets {reset} the "
            f"recurrent product, the second {wanted} it. r * (h U) and (r * h) U are different "
            "functions, and no choice of U makes them equal in general; train the variant you need"
        )
    return _unpack(*_pack(arrays, source), target)


def swap_update_gate(W, U, b):
    """Turn z's direction: sigmoid(-a) = 1 - sigmoid(a), so negated weights give 1 - z.

    Args:
        W, U, b: weights in one of Keras's two layouts.

    Returns:
        tuple: new W, U and b; the unit computes the same where z weights the other state.
    """
    units = len(U)
    sign = np.concatenate([-np.ones(units), np.ones(2 * units)]).astype(U.dtype)
    return W * sign, U * sign, b * sign


def _pack(arrays, source):
    """Bring any layout to W (f, 3u), U (u, 3u), b and c (3u), the gates in the order z, r, h."""
    if source == "pytorch":
        z_r_h = [_swap_first_two(array) for array in arrays]
        return z_r_h[0].T, z_r_h[1].T, z_r_h[2], z_r_h[3]
    if source.startswith("onnx"):
        W, R, B = (array[0] for array in arrays)
        return W.T, R.T, *np.split(B, 2)
    W, U, b = arrays
    return W, U, *(b if source == "keras" else (b, np.zeros_like(b)))


def _unpack(W, U, b, c, target):
    if target == "keras":
        new = W, U, np.stack([b, c])
    elif target == "pytorch":
        new = tuple(_swap_first_two(array) for array in (W.T, U.T, b, c))
    elif target.startswith("onnx"):
        new = W.T[None], U.T[None], np.concatenate([b, c])[None]
    else:  # One bias: b and c are added anyway, save where the reset gate comes between them.
        units = len(U)
        if LAYOUTS[target][1] == "after" and c[2 * units :].any():
            raise ValueError(
                f"cannot carry these weights to {target!r}: the candidate's recurrent bias c_h is "
                f"not zero (largest {np.abs(c[2 * units :]).max():.3g}). The reset gate scales c_h "
                "but not b_h, so one bias cannot stand for both; use a layout with two biases"
            )
        new = W, U, b + c
    return tuple(np.array(array, order="C") for array in new)  # copies, never views


def _swap_first_two(array):
    """Exchange the first two of the three gates along the first axis: z, r, h <-> r, z, n."""
    first, second, third = np.split(array, 3)
    return np.concatenate([second, first, third])


def _check(arrays, source):
    names = LAYOUTS[source][0]
    if len(arrays) != len(names):
        raise ValueError(
            f"the layout {source!r} has {len(names)} arrays ({'; '.join(names)}), "
            f"but {len(arrays)} were given"
        )
    inputs, recurrent = (a[0] if a.ndim == 3 else a for a in arrays[:2])
    by_gate = source == "pytorch" or source.startswith("onnx")
    sizes = {
        "u": min(recurrent.shape, default=0),
        "f": inputs.shape[by_gate] if inputs.ndim == 2 else 0,
    }
    for name, array in zip(names, arrays, strict=True):
        axes = name[name.index("(") + 1 : -1].split(", ")
        shape = tuple(int(a[:-1] or 1) * sizes[a[-1]] if a[-1] in sizes else int(a) for a in axes)
        if array.shape != shape or not sizes["u"]:
            raise ValueError(
                f"{name} of the layout {source!r} must have the shape {shape} for u = {sizes['u']} "
                f"(at least 1) and f = {sizes['f']}, but its shape is {array.shape}"
            )
