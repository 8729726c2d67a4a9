"""Series: two file formats, read strictly, and three series to forecast."""

import pathlib

import numpy as np
import pandas as pd

__all__ = ["co2_by_month", "el_nino", "load_series", "load_values", "mackey_glass"]


def load_series(path):
    """Read labeled series from a .ts file.

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
    path, number = pathlib.Path(path), 0
    header, series, labels = {}, [], []
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, text in enumerate(file, start=1):  # noqa: B007 (the message names it)
                line = text.strip()
                if not line or line.startswith("#"):
                    continue
                if "data" in header:
                    *features, label = line.split(":")
                    series.append(_values(features, header, series))
                    labels.append(_known(label, header))
                else:
                    _set(line, header)
        if not series:
            raise ValueError("the file ends without a series")
    except ValueError as error:
        remedy = "Fetch the file again, or repair that line."
        raise ValueError(f"{path.name}, line {number}: {error}. {remedy}") from None
    lengths = {len(one) for one in series}
    return (np.stack(series) if len(lengths) == 1 else series), np.array(labels)


def _set(line, header):
    """Take one of the settings before the data, ``@name value ...``, into the header."""
    key, *values = line.split()
    if not key.startswith("@"):
        raise ValueError(f"expected '@data' before the first series, found {line[:30]!r}")
    key = key[1:].lower()
    if key in ("timestamps", "missing") and values != ["false"]:
        raise ValueError(f"'@{key}' must be 'false' here")
    header[key] = values


def _values(features, header, before):
    """One series (timesteps, features), of its features' texts."""
    try:
        with np.errstate(over="ignore"):  # 1e39 becomes infinite, which is refused below
            rows = [np.array(feature.split(","), np.float32) for feature in features]
    except ValueError:
        raise ValueError("a value is not a number") from None
    dimensions = header.get("dimensions", ["1"] if _true(header, "univariate") else None)
    if not rows or (dimensions and [str(len(rows))] != dimensions):
        raise ValueError(f"{len(rows)} features where the header says {dimensions}")
    if len({len(row) for row in rows}) > 1:
        raise ValueError("its features are not equally long")
    if not np.isfinite(np.concatenate(rows)).all():
        raise ValueError("a value is not finite")
    length = header.get("serieslength", [str(len(one)) for one in before[:1]])
    if _true(header, "equallength") and length not in ([], [str(len(rows[0]))]):
        raise ValueError(f"{len(rows[0])} timesteps where {length[0]} are announced")
    return np.stack(rows, axis=1)


def _known(label, header):
    if label not in header.get("classlabel", [])[1:]:
        raise ValueError(f"the label {label[:20]!r} is not one that the header lists")
    return label


def _true(header, key):
    return header.get(key, [""])[0].lower() == "true"


def el_nino():
    """The sea temperature of the El Nino region 1+2, degrees Celsius, monthly from 1950 to 2010.

    Returns:
        pandas.Series: the values by month, none missing; from statsmodels, public domain.
    """
    from statsmodels.datasets import elnino

    table = elnino.load_pandas().data.set_index("YEAR")
    months = pd.date_range("1950-01", periods=table.size, freq="MS")
    return pd.Series(table.to_numpy().ravel(), months, name="sea temperature")


def co2_by_month():
    """The monthly means of the weekly CO2 record of Mauna Loa, ppm, 1958 to 2001.

    Returns:
        pandas.Series: the means by month, NaN for a month without a measured week; from
        statsmodels, public domain (Keeling and Whorf 2004).
    """
    from statsmodels.datasets import co2

    return co2.load_pandas().data["co2"].resample("MS").mean()


def mackey_glass(samples, every=6.0, step=0.1, delay=17.0):
    """Integrate dx/dt = 0.2 x(t - delay) / (1 + x(t - delay)^10) - 0.1 x(t), a chaotic series.

    Mackey and Glass 1977, doi:10.1126/science.267326. The classical Runge-Kutta method, with the
    delayed value in the middle of a step taken halfway between its ends. It begins with
    x = 1.2 and leaves out the first 1,000 units of time. Only sums, products and quotients, so
    that every machine makes the same values: in chaos the last bit matters.

    Args:
        samples: how many values.
        every: units of time between two values.
        step: of the integration; ``delay`` and ``every`` are multiples of it.
        delay: units of time.

    Returns:
        float array (samples,).

    Raises:
        ValueError: ``delay`` or ``every`` is no multiple of ``step``.
    """
    if not step > 0 or any(
        x < step or abs(x / step - round(x / step)) > 1e-6 for x in (delay, every)
    ):
        raise ValueError(f"mackey_glass: {delay} and {every} must be multiples of the step {step}")
    lag, apart, skip = round(delay / step), round(every / step), round(1000 / step)
    x = [1.2] * (lag + 1)

    def slope(now, late):
        fifth = late * late * late * late * late
        return 0.2 * late / (1 + fifth * fifth) - 0.1 * now

    for t in range(skip + (samples - 1) * apart):
        late, later = x[t], x[t + 1]
        middle = (late + later) / 2
        a = slope(x[-1], late)
        b = slope(x[-1] + step / 2 * a, middle)
        c = slope(x[-1] + step / 2 * b, middle)
        d = slope(x[-1] + step * c, later)
        x.append(x[-1] + step / 6 * (a + 2 * b + 2 * c + d))
    return np.array(x[lag + skip :: apart])


def load_values(path, date="date", value="value"):
    """Read a series from a CSV file of dates and values.

    Args:
        path: the file.
        date: name of the column of dates, written 2026-11-21 or 2026-11-21 18:00.
        value: name of the column of numbers; an empty one is missing.

    Returns:
        tuple: the values as a pandas.Series, in order of time, in equal steps (hours, days, working
        days, weeks, months, ...: the most frequent step of the file) and NaN where one is missing;
        and a list of sentences that say what was sorted and what is missing.

    Raises:
        ValueError: the file cannot be read as such a series; the message says what to mend.
    """
    path = pathlib.Path(path)
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        if not isinstance(table.index, pd.RangeIndex):  # rows with a field more than the header
            raise ValueError
    except ValueError:  # pandas' own errors are such ones
        raise ValueError(f"{path.name} is no table of values with commas between them.") from None
    for column in (date, value):
        if column not in table:
            known = ", ".join(map(repr, table))
            raise ValueError(f"{path.name} has no column {column!r}; it has: {known}.")
        if f"{column}.1" in table:  # so pandas calls the second
            raise ValueError(f"{path.name} has two columns {column!r}: rename one of them.")
    dates = pd.to_datetime(table[date], format="ISO8601", errors="coerce", utc=True)
    dates = dates.dt.tz_localize(None)
    texts = table[value].str.strip().replace(["", "NA", "NaN", "nan", "null"], "nan")
    values = pd.to_numeric(texts, errors="coerce").astype(float)
    for wrong, column, remedy in (
        (dates.isna(), date, "is no date: write dates as 2026-11-21"),
        ((values.isna() & (texts != "nan")) | np.isinf(values), value, "is no number"),
    ):
        if wrong.any():
            raise ValueError(f"{path.name}: {table[column][wrong].iloc[0]!r} {remedy}.")
    if dates.duplicated().any():
        twice = table[date][dates.duplicated()].iloc[0]
        raise ValueError(f"{path.name} has the date {twice} more than once: which is right?")
    if len(dates) < 3:
        raise ValueError(f"{path.name} has {len(dates)} values: a series needs three at least.")
    notes = []
    if not dates.is_monotonic_increasing:
        notes.append("The lines were not in order of time; now they are.")
    series = pd.Series(values.to_numpy(), pd.DatetimeIndex(dates), name=value).sort_index()
    usual, (first, *_, last) = series.index.to_series().diff().mode().iloc[0], series.index
    if (last - first) / usual > 100 * len(series):
        raise ValueError(
            f"{path.name}: from {first:%Y-%m-%d} to {last:%Y-%m-%d} in steps of {usual}, nearly "
            "all values would be missing: is a date wrong?"
        )
    steps = _equal_steps(series.index)
    strange = series.index.difference(steps)
    if len(strange):
        first = f"{strange[0]:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        raise ValueError(
            f"{path.name}: {first} lies between two steps; most dates are {usual} apart."
        )
    series = series.reindex(steps)
    if missing := int(series.isna().sum()):
        first = f"{series.index[series.isna()][0]:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        notes.append(f"{missing} of {len(series)} values are missing, the first at {first}.")
    return series, notes


def _equal_steps(dates):
    """All the dates, from the first to the last, in the most frequent step of sorted dates."""
    apart = dates.to_series().diff().dropna()
    months = pd.Series(dates.year * 12 + dates.month).diff().dropna()
    first, last = dates[0], dates[-1]
    if apart.min() >= pd.Timedelta(days=28) and months.min() >= 1:
        step = int(months.mode()[0])
        if dates.is_month_end.all():
            return pd.date_range(first, last, freq=pd.offsets.MonthEnd(step))
        if (dates.day == np.minimum(first.day, dates.days_in_month)).all():
            return pd.DatetimeIndex(
                [first + pd.DateOffset(months=m) for m in range(0, int(months.sum()) + 1, step)]
            )
    step = apart.mode()[0]
    if step == pd.Timedelta(days=1) and (dates.day_of_week < 5).all():
        return pd.bdate_range(first, last)
    return pd.date_range(first, last, freq=step)
