"""The gated recurrent unit in NumPy alone, forward and backward, in the symbols of the equations.

One step, with row vectors, the state ``h`` of the step before and the gates' order z, r, h::

    z       = sigmoid(x W_z + b_z + h U_z + c_z)             update gate
    r       = sigmoid(x W_r + b_r + h U_r + c_r)             reset gate
    h_tilde = tanh(x W_h + b_h + r * (h U_h + c_h))          candidate, reset after the product
            = tanh(x W_h + b_h + (r * h) U_h)                candidate, reset before it
    h_new   = z * h + (1 - z) * h_tilde                      z weights the old state

Weights come in Keras's layout, as ``keras.layers.GRU(...).get_weights()`` returns them:
W (features, 3 units), U (units, 3 units) and a bias that is (2, 3 units) for the cell that resets
after the product (its rows are b and c), (3 units,) for the one that resets before.

Sources: Cho et al. 2014 (arXiv:1406.1078), where z weights the old state; Chung et al. 2014
(arXiv:1412.3555), where it weights the new one (``z_weights="new"``).
"""

from typing import NamedTuple

import numpy as np

__all__ = ["gru_backward", "gru_forward", "gru_step"]


class GRURun(NamedTuple):
    """What `gru_forward` computed: the states, the gates, and all that `gru_backward` needs."""

    h: np.ndarray  #: states (batch, timesteps + 1, units); ``h[:, 0]`` is the initial one
    z: np.ndarray  #: update gate (batch, timesteps, units)
    r: np.ndarray  #: reset gate (batch, timesteps, units)
    h_tilde: np.ndarray  #: candidate (batch, timesteps, units)
    x: np.ndarray  #: inputs (batch, timesteps, features), zeros where a step is padding
    mask: np.ndarray  #: (batch, timesteps), False where a step is padding
    weights: tuple  #: W, U, b
    reset_after: bool
    z_weights: str


class GRUGradients(NamedTuple):
    """Gradients of a loss, each in the shape of what it belongs to."""

    x: np.ndarray  #: (batch, timesteps, features)
    h: np.ndarray  #: for every state, through all later steps (batch, timesteps + 1, units)
    W: np.ndarray  #: (features, 3 units)
    U: np.ndarray  #: (units, 3 units)
    b: np.ndarray  #: (2, 3 units) or (3 units,)


def gru_step(x, h, W, U, b, *, reset_after=True, z_weights="old"):
    """Compute one step.

    Args:
        x: input, (batch, features).
        h: state of the step before, (batch, units).
        W, U, b: weights in Keras's layout; see the module's description.
        reset_after: the reset gate acts after the recurrent product (Keras's default) or before.
        z_weights: "old" if z is the share of the old state, "new" if it is the candidate's.

    Returns:
        tuple: h_new, z, r and h_tilde, each (batch, units).

    Raises:
        ValueError: an argument's shape does not fit; the message names the argument.
        TypeError: the arguments are not all float32 or all float64.
    """
    _check(x, h, W, U, b, reset_after, z_weights, x_axes=("batch", "features"))
    return _step(x @ W + _rows(b)[0], h, U, b, reset_after, z_weights)


def gru_forward(x, W, U, b, *, h0=None, mask=None, reset_after=True, z_weights="old"):
    """Run the unit over whole sequences.

    Args:
        x: inputs, (batch, timesteps, features).
        W, U, b, reset_after, z_weights: as for `gru_step`.
        h0: initial state, (batch, units); zeros if left out.
        mask: (batch, timesteps) of booleans; a step that is False copies the state and ignores
            its input. True everywhere if left out.

    Returns:
        GRURun: its ``h[:, 1:]`` is the output at every step, its ``h[:, -1]`` the last one.

    Raises:
        ValueError, TypeError: as for `gru_step`.
    """
    _check(x, h0, W, U, b, reset_after, z_weights, x_axes=("batch", "timesteps", "features"))
    if x.shape[1] == 0:
        raise ValueError(f"x must have at least one timestep, but its shape is {x.shape}")
    h0 = np.zeros((len(x), len(U)), x.dtype) if h0 is None else h0
    mask = np.ones(x.shape[:2], bool) if mask is None else np.asarray(mask)
    if mask.shape != x.shape[:2] or mask.dtype != bool:
        raise ValueError(
            f"mask must be booleans of shape (batch, timesteps) = {x.shape[:2]}, "
            f"but it is {mask.dtype} of shape {mask.shape}"
        )
    x = np.where(mask[..., None], x, 0)  # whatever the padding is, not a number included
    a_x = x @ W + _rows(b)[0]  # no step waits for another here: all of them in one product
    h, gates = [h0], []
    for t in range(x.shape[1]):
        h_new, *z_r_h_tilde = _step(a_x[:, t], h[-1], U, b, reset_after, z_weights)
        h.append(np.where(mask[:, t, None], h_new, h[-1]))
        gates.append(z_r_h_tilde)
    z, r, h_tilde = np.moveaxis(np.array(gates), 0, 2)
    return GRURun(np.stack(h, 1), z, r, h_tilde, x, mask, (W, U, b), reset_after, z_weights)


def gru_backward(dh, run):
    """Carry a loss's gradient back through time, from the last step to the first.

    Args:
        dh: the loss's direct gradient for every output ``run.h[:, 1:]``, (batch, timesteps,
            units); zero at the steps whose output the loss does not see.
        run: what `gru_forward` returned.

    Returns:
        GRUGradients

    Raises:
        ValueError: ``dh`` does not have the shape of the outputs.
    """
    (W, U, b), units = run.weights, run.h.shape[2]
    if np.shape(dh) != run.z.shape:
        raise ValueError(
            f"dh must have the outputs' shape (batch, timesteps, units) = {run.z.shape}, "
            f"but its shape is {np.shape(dh)}"
        )
    U_zr, U_h, c_h = U[:, : 2 * units], U[:, 2 * units :], _rows(b)[1][2 * units :]
    da = np.zeros((*run.z.shape[:2], 3 * units), run.x.dtype)  # before sigmoid, sigmoid, tanh
    dq = np.zeros_like(run.z)  # for the recurrent part of the candidate's sum
    dh_all = np.zeros_like(run.h)
    dh_t = dh_all[:, -1]
    for t in reversed(range(run.x.shape[1])):
        dh_t = dh_all[:, t + 1] = dh_t + dh[:, t]
        h, z, r, h_tilde = run.h[:, t], run.z[:, t], run.r[:, t], run.h_tilde[:, t]
        real = run.mask[:, t, None]
        d = np.where(real, dh_t, 0)  # a padded step computes nothing, and ...
        keep = z if run.z_weights == "old" else 1 - z
        dkeep = d * (h - h_tilde)
        da_z = (dkeep if run.z_weights == "old" else -dkeep) * z * (1 - z)
        da_h = d * (1 - keep) * (1 - h_tilde**2)
        if run.reset_after:
            dq[:, t] = da_h * r
            dr = da_h * (h @ U_h + c_h)
            dh_through_candidate = dq[:, t] @ U_h.T
        else:
            dq[:, t] = da_h
            dr = da_h @ U_h.T * h
            dh_through_candidate = da_h @ U_h.T * r
        da[:, t] = np.concatenate([da_z, dr * r * (1 - r), da_h], axis=1)
        through_gates = da[:, t, : 2 * units] @ U_zr.T
        # ... hands its gradient on as it is.
        dh_t = np.where(real, d * keep + through_gates + dh_through_candidate, dh_t)
    dh_all[:, 0] = dh_t

    h = run.h[:, :-1]
    reset_h = h if run.reset_after else run.r * h  # what U_h was multiplied with
    da_c = np.concatenate([da[..., : 2 * units], dq], axis=2)
    dU = [_outer(h, da_c[..., : 2 * units]), _outer(reset_h, dq)]
    db = np.stack([da.sum((0, 1)), da_c.sum((0, 1))]) if run.reset_after else da.sum((0, 1))
    return GRUGradients(da @ W.T, dh_all, _outer(run.x, da), np.concatenate(dU, axis=1), db)


def _step(a_x, h, U, b, reset_after, z_weights):
    """One step whose input part ``a_x = x W + b`` is already there."""
    units = h.shape[1]
    c_zr, c_h = _rows(b)[1][: 2 * units], _rows(b)[1][2 * units :]
    U_zr, U_h = U[:, : 2 * units], U[:, 2 * units :]
    z, r = np.split(_sigmoid(a_x[:, : 2 * units] + h @ U_zr + c_zr), 2, axis=1)
    q = r * (h @ U_h + c_h) if reset_after else (r * h) @ U_h
    h_tilde = np.tanh(a_x[:, 2 * units :] + q)
    h_new = z * h + (1 - z) * h_tilde if z_weights == "old" else (1 - z) * h + z * h_tilde
    return h_new, z, r, h_tilde


def _sigmoid(a):
    return (np.tanh(a / 2) + 1) / 2  # never overflows, and keeps float32


def _rows(b):
    """The input's and the recurrent bias; a single bias is the input's, the other one is zero."""
    return b if b.ndim == 2 else (b, np.zeros_like(b))


def _outer(left, right):
    """Sum of the outer products over batch and time: how weights gather their gradient."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


def _check(x, h, W, U, b, reset_after, z_weights, x_axes):
    state = "h" if len(x_axes) == 2 else "h0"
    arrays = {"x": x, "W": W, "U": U, "b": b} | ({} if h is None else {state: h})
    kinds = {name: getattr(array, "dtype", type(array)) for name, array in arrays.items()}
    if len(set(kinds.values())) > 1 or kinds["x"] not in (np.float32, np.float64):
        found = ", ".join(f"{name} is {kind}" for name, kind in kinds.items())
        raise TypeError(f"all arrays must be float32, or all float64, but {found}")
    if z_weights not in ("old", "new"):
        raise ValueError(f'z_weights must be "old" or "new", not {z_weights!r}')
    if U.ndim != 2 or U.shape[1] != 3 * U.shape[0] or not len(U):
        wanted = "the shape (units, 3 * units) and at least one unit"
        raise ValueError(f"U must have {wanted}, but its shape is {U.shape}")
    if x.ndim != len(x_axes):
        raise ValueError(f"x must have the axes ({', '.join(x_axes)}), but its shape is {x.shape}")
    units, features = len(U), x.shape[-1]
    reset = "after" if reset_after else "before"
    wanted = {
        "W": (features, 3 * units),
        "b": (2, 3 * units) if reset_after else (3 * units,),
        state: (len(x), units),
    }
    for name, shape in wanted.items():
        if name in arrays and arrays[name].shape != shape:
            raise ValueError(
                f"{name} must have the shape {shape} for {units} units, {features} features and "
                f"the reset {reset} the product, but its shape is {arrays[name].shape}"
            )
