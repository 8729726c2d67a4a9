"""A small, strict reader of the .ts text format, in which the time-series archive is published."""

import pathlib

import numpy as np

__all__ = ["load_series"]


def load_series(path):
    """Read labelled series from a .ts file.

    The format (Bagnall et al. 2018, arXiv:1811.00075): comments after ``#``, settings after ``@``,
    then after ``@data`` one series a line, its features separated by ``:``, the values of a
    feature by ``,``, the class label last. Time stamps and missing values are refused: no set in
    this book has them.

    Args:
        path: the file.

    Returns:
        tuple: the series, as a float32 array (series, timesteps, features) where all are equally
        long and as a list of (timesteps, features) arrays where they are not; and the labels, an
        array of str (series,).

    Raises:
        ValueError: the file is not such a file, or contradicts its own header; the message names
            the line.
    """
    path = pathlib.Path(path)
    header, series, labels, in_data = {}, [], [], False

    def fail(number, problem):
        raise ValueError(
            f"{path.name}, line {number}: {problem}. Fetch the file again, or repair that line."
        )

    number = 0
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, start=1):
            line = text.strip()
            if not line or line.startswith("#"):
                continue
            if not in_data:
                key, *values = line.split()
                if not key.startswith("@"):
                    fail(number, f"expected '@data' before the first series, found {line[:30]!r}")
                header[key[1:].lower()] = values
                in_data = key.lower() == "@data"
                for key in ("timestamps", "missing"):
                    if header.get(key, ["false"])[:1] != ["false"]:
                        fail(number, f"'@{key} true' is not read here")
                continue
            *features, label = line.split(":")
            try:
                with np.errstate(over="ignore"):  # 1e39 becomes infinite, which is refused below
                    rows = [np.array(feature.split(","), np.float32) for feature in features]
            except ValueError:
                fail(number, "a value is not a number")
            dimensions = header.get("dimensions", ["1"] if _true(header, "univariate") else None)
            if not rows or (dimensions and [str(len(rows))] != dimensions):
                fail(number, f"{len(rows)} features where the header says {dimensions}")
            if len({len(row) for row in rows}) > 1:
                fail(number, "its features are not equally long")
            if not all(np.isfinite(row).all() for row in rows):
                fail(number, "a value is not finite")
            if label not in header.get("classlabel", ["true"])[1:]:
                fail(number, f"the label {label[:20]!r} is not one that the header lists")
            if _true(header, "equallength") and series and len(series[0]) != len(rows[0]):
                fail(
                    number, f"{len(rows[0])} timesteps where the first series has {len(series[0])}"
                )
            series.append(np.stack(rows, axis=1))
            labels.append(label)
    if not series:
        fail(number, "the file ends without a series")
    lengths = {len(one) for one in series}
    return (np.stack(series) if len(lengths) == 1 else series), np.array(labels)


def _true(header, key):
    return header.get(key, [""])[0].lower() == "true"
