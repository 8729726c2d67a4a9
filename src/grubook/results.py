"""What the long trainings found: the stored results, and how to describe runs over seeds."""

import importlib.resources
import json

import numpy as np

__all__ = ["load_results", "mean_and_spread"]


def load_results(name):
    """Read the stored results of a training that is too long for a chapter.

    Args:
        name: chapter and experiment, ``"digits/best"`` for what ``experiments.digits.best`` found.

    Returns:
        dict: ``runs`` (one entry a run: what was chosen, its seed, what was measured),
        ``settings``, ``tolerance``, ``data`` (a digest of the arrays), ``versions`` and ``commit``.

    Raises:
        FileNotFoundError: there is no such results file; the message names those that there are.
        ValueError: the file is not complete JSON.
    """
    stored = importlib.resources.files("grubook") / "stored" / "results"
    path = stored / f"{name}.json"
    if not path.is_file():
        known = sorted(f"{d.name}/{f.name[:-5]}" for d in stored.iterdir() for f in d.iterdir())
        raise FileNotFoundError(f"There are no results {name!r}; there are: {', '.join(known)}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        remedy = f"make it again: make results NAME={name}"
        raise ValueError(f"The results {name} are damaged ({error}); {remedy}") from error


def mean_and_spread(values, digits=2):
    """Describe runs over seeds as text: ``"98.35 ± 0.14 (n = 3)"``.

    Args:
        values: one figure for each seed.
        digits: decimals to show.

    Returns:
        str: the mean, the sample standard deviation (n - 1 in the denominator) and the number of
        runs; a single run is given without a spread, because it has none.

    Raises:
        ValueError: there is no value, or one is no number.
    """
    values = np.asarray(list(values))
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        raise ValueError(f"mean_and_spread: one number a run, not {str(values.tolist())[:60]}")
    if values.size == 0:
        raise ValueError("mean_and_spread: there is no value to describe")
    if values.size == 1:
        return f"{values[0]:.{digits}f} (n = 1)"
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1):.{digits}f} (n = {values.size})"
