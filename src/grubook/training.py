"""Training with a fair, repeatable frame around it: progress, results files, summaries."""

import json
import pathlib
import time

import numpy as np

__all__ = ["epoch_lines", "load_results", "mean_and_spread", "warp_images"]

_RESULTS = pathlib.Path(__file__).resolve().parents[2] / "experiments" / "results"


def mean_and_spread(values, digits=2):
    """Describe runs over seeds as text: ``"98.35 ± 0.14 (n = 3)"``.

    Args:
        values: one figure for each seed.
        digits: decimals to show.

    Returns:
        str: the mean, the sample standard deviation (n - 1 in the denominator) and the number of
        runs; a single run is given without a spread, because it has none.

    Raises:
        ValueError: there is no value.
    """
    values = np.asarray(list(values), float)
    if values.size == 0:
        raise ValueError("mean_and_spread: there is no value to describe")
    if values.size == 1:
        return f"{values[0]:.{digits}f} (n = 1)"
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1):.{digits}f} (n = {values.size})"


def load_results(name):
    """Read the results of a training too long for a chapter.

    Args:
        name: the experiment, as in ``experiments/<name>.py``.

    Returns:
        dict: the results file's content: ``runs`` (one entry a run), ``settings``, ``versions``.

    Raises:
        FileNotFoundError: there is no such results file; the message says how to make it.
        ValueError: the file is not complete JSON.
    """
    path = _RESULTS / f"{name}.json"
    remedy = f"make it with: python experiments/{name}.py"
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no results file experiments/results/{name}.json; {remedy}"
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"experiments/results/{name}.json is damaged ({error}); {remedy}"
        ) from error


def epoch_lines(every=1):
    """Make a Keras callback that prints one short line an epoch (``fit(..., verbose=0)``).

    Keras's own progress bar redraws itself hundreds of times, which a stored notebook keeps as
    clutter; one line an epoch shows the same and stays readable.

    Args:
        every: print each ``every``-th epoch, and always the last one.

    Returns:
        keras.callbacks.Callback
    """
    import keras

    class EpochLines(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            last = self.params["epochs"]
            if (epoch + 1) % every and epoch + 1 != last:
                return
            figures = "  ".join(f"{name} {float(value):.4f}" for name, value in logs.items())
            seconds = time.perf_counter() - self.start
            print(f"epoch {epoch + 1:>{len(str(last))}}/{last}  {figures}  ({seconds:.0f} s)")

    return EpochLines()


def warp_images(images, rng, degrees=10, zoom=0.1, shift=1.5, elastic=0.0, group=16):
    """Turn, scale, move and bend images at random, so that a network never sees one twice.

    Each output pixel is read from a warped place of the input (bilinear interpolation). One random
    warp is drawn for each group of images: neighbours in memory are then read together, which is
    several times faster than a warp an image, and shuffled batches mix the groups anyway.

    Args:
        images: float32 array of shape (n, rows, columns); beyond its edge it repeats the edge.
        rng: ``numpy.random.Generator``.
        degrees, zoom, shift: the largest turn, relative scaling and displacement (pixels), each
            drawn uniformly from both directions.
        elastic: root mean square, in pixels, of a smooth random bending (Simard 2003,
            doi:10.1109/ICDAR.2003.1227801), smoothed with a Gaussian of 4 pixels.
        group: how many images share one warp.

    Returns:
        numpy.ndarray: float32, of the same shape.
    """
    n, rows, columns = images.shape
    warps = -(-n // group)
    angle, size, down, right = (
        rng.uniform(-limit, limit, (warps, 1, 1)).astype("float32")
        for limit in (np.deg2rad(degrees), zoom, shift, shift)
    )
    y, x = np.mgrid[:rows, :columns].astype("float32")
    middle_y, middle_x = np.float32((rows - 1) / 2), np.float32((columns - 1) / 2)
    y, x = y - middle_y, x - middle_x
    cosine, sine = np.cos(angle) / (1 + size), np.sin(angle) / (1 + size)
    from_y = cosine * y - sine * x + middle_y + down
    from_x = sine * y + cosine * x + middle_x + right
    if elastic:
        noise = rng.standard_normal((2, warps, rows, columns), dtype="float32")
        bend_y, bend_x = elastic * (_smoother(rows) @ noise @ _smoother(columns).T)
        from_y, from_x = from_y + bend_y, from_x + bend_x
    from_y = np.clip(from_y, 0, rows - 1.001)  # the neighbours below and to the right exist
    from_x = np.clip(from_x, 0, columns - 1.001)
    top, left = np.floor(from_y), np.floor(from_x)
    below, beside = from_y - top, from_x - left

    # (warps, pixels, group): the pixels that one index reads for a whole group lie in one row.
    stack = np.zeros((warps * group, rows * columns), "float32")
    stack[:n] = images.reshape(n, -1)
    stack = np.ascontiguousarray(stack.reshape(warps, group, -1).transpose(0, 2, 1))
    corner = (top * columns + left).astype(np.int64).reshape(warps, -1)
    warped = np.float32(0)
    for offset, weight in (
        (0, (1 - below) * (1 - beside)),
        (1, (1 - below) * beside),
        (columns, below * (1 - beside)),
        (columns + 1, below * beside),
    ):
        read = stack[np.arange(warps)[:, None], corner + offset]
        warped = warped + weight.reshape(warps, -1, 1) * read
    return warped.transpose(0, 2, 1).reshape(-1, rows, columns)[:n]


def _smoother(length, sigma=4.0):
    """Square matrix that smooths white noise with a Gaussian and keeps its variance."""
    distance = np.arange(length)[:, None] - np.arange(length)
    kernel = np.exp(-(distance**2) / (2 * sigma**2))
    return (kernel / np.sqrt((kernel**2).sum(1, keepdims=True))).astype("float32")
