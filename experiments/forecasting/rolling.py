"""Who forecasts which series best? Ten methods, three series, rolling origins, twelve steps each.

The series: the monthly means of the weekly CO2 record of Mauna Loa (its empty months interpolated;
the last of them lies decades before the validation years); the monthly sea temperature of the
El Nino region 1+2; Mackey and Glass's equation with a delay of 17, a value every 6 units of time.
Each is cut in time into a training, a validation and a test part.

Every method has its settings chosen on the same validation origins, by the same figure, and is then
fitted once to the training and validation parts together. From each origin in the test part it
forecasts the next twelve values, from all the values up to there and none after. Errors are in
units of the training part's mean seasonal change (MASE: Hyndman and Koehler 2006,
doi:10.1016/j.ijforecast.2006.03.001); for Mackey-Glass, of its mean change from value to value.

The GRU, the ridge and the trees read windows of past values in one of four forms: as they are, or
as changes against a season earlier; and with the window's last value subtracted, or not.
Settings that are a grid are all tried; those of the GRU and of the trees one after another, the
best so far staying. The number of updates of a GRU is the one with the lowest validation error;
with all of the known values it is trained for as many. The networks forecast directly (twelve
outputs), recursively (one output, fed back) or with a decoder.

Prediction intervals (90 %): three quantiles from a GRU by the quantile loss, the intervals that
SARIMAX and exponential smoothing state, and quantiles of the ridge's errors on the validation part.
"""

import functools
import itertools
import time

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

from experiments.common import Recorder, array_digest, brief, command_line, rewind
from grubook.data.series import co2_by_month, el_nino, mackey_glass

HORIZON, BATCH, EVERY = 12, 32, 100  # EVERY: updates between two looks at the validation error
SEEDS, SELECTION_SEED = [0, 1, 2, 3, 4], 100
# lengths of the parts, season, the season that scales errors, steps between origins, updates
SERIES = {
    "CO2": {
        "validation": 120,
        "test": 120,
        "season": 12,
        "scale": 12,
        "stride": 1,
        "updates": 1500,
    },
    "El Nino": {
        "validation": 120,
        "test": 132,
        "season": 12,
        "scale": 12,
        "stride": 1,
        "updates": 1500,
    },
    "Mackey-Glass": {
        "validation": 500,
        "test": 1000,
        "season": 8,
        "scale": 1,
        "stride": 8,
        "updates": 4000,
    },
}
FORMS = ["level", "last", "season", "season last"]
GRU = {"form": FORMS, "lags": [24, 12, 48], "units": [32, 16, 64], "rate": [3e-3, 1e-3, 1e-2]}
TREES = {
    "form": FORMS,
    "lags": [24, 12, 48],
    "loss": ["squared_error", "absolute_error"],
    "max_iter": [100, 50, 200],
    "learning_rate": [0.1, 0.05],
    "min_samples_leaf": [20, 5],
}
RIDGE = {"form": FORMS, "lags": [12, 24, 36, 48], "alpha": [1e-3, 1e-2, 0.1, 1, 10, 100]}
SMOOTHING = {"trend": [None, "add", "damped"], "seasonal": [None, "add"]}
SARIMAX_ORDERS = [
    [[0, 1, 1], [0, 1, 1]],
    [[1, 1, 1], [0, 1, 1]],
    [[1, 0, 0], [0, 1, 1]],
    [[2, 0, 1], [0, 1, 1]],
    [[2, 0, 0], [1, 0, 1]],
    [[12, 0, 0], [0, 0, 0]],
    [[4, 0, 4], [0, 0, 0]],
]
LEVEL = 0.9  # of the intervals
QUANTILES = [0.05, 0.5, 0.95]


@functools.cache
def load(name):
    """The values of a series, as one array of floats."""
    if name == "Mackey-Glass":
        return mackey_glass(3000)
    values = {"CO2": co2_by_month, "El Nino": el_nino}[name]()
    return values.interpolate().to_numpy()


def parts(name):
    """(end of what may be fitted, origins) of the validation and of the test part.

    An origin is the number of values that are known when the forecast is made.
    """
    plan, n = SERIES[name], len(load(name))
    ends = [n - plan["test"] - plan["validation"], n - plan["test"], n]
    return [
        (start, np.arange(start, stop - HORIZON + 1, plan["stride"])[: brief(None, 5)])
        for start, stop in itertools.pairwise(ends)
    ]


def rows(y, origins, before, after=0):
    """From each origin, the values `before` and `after` it: (origins, before + after)."""
    return y[np.asarray(origins)[:, None] + np.arange(-before, after)]


class Windows:
    """Past values as a learner reads them, and its answers as values again.

    The scale comes from the windows of the values that may be fitted.
    """

    def __init__(self, y, end, form, lags, season, steps=HORIZON):
        self.form, self.lags, self.season, self.steps = form, lags, season, steps
        known = rows(y[:end], np.arange(lags + season, end - steps + 1), lags + season, steps)
        past, future = known[:, :-steps], known[:, -steps:]
        self.middle = 0.0 if "last" in form else self._changes(past).mean()
        x, base = self._raw(past)
        self.spread = x.std(), (future - base).std()
        self.x, self.y = x / self.spread[0], (future - base) / self.spread[1]

    def _changes(self, past):
        if "season" in self.form:
            return (past[:, self.season :] - past[:, : -self.season])[:, -self.lags :]
        return past[:, -self.lags :]

    def _raw(self, past):
        x = self._changes(past)
        base = x[:, -1:] if "last" in self.form else np.full((len(x), 1), self.middle)
        x = x - base
        if "season" in self.form:  # the newest known value of the same season
            ahead = np.arange(self.steps) % self.season
            base = base + past[:, ahead - self.season]
        return x, base

    def read(self, past):
        """The windows (origins, lags) of the last `lags + season` values or more."""
        return self._raw(past)[0] / self.spread[0]

    def write(self, past, answers):
        """The answers (origins, steps) as values; quantiles stand on a third axis."""
        base = self._raw(past)[1]
        return answers * self.spread[1] + (base[..., None] if answers.ndim == 3 else base)


def ridge(y, end, origins, season, form, lags, alpha):
    w = Windows(y, end, form, lags, season)
    past = rows(y, origins, lags + season)
    return w.write(past, Ridge(alpha * len(w.x) / 100).fit(w.x, w.y).predict(w.read(past)))


def trees(y, end, origins, season, form, lags, **setting):
    w = Windows(y, end, form, lags, season)
    past = rows(y, origins, lags + season)
    setting |= {"max_iter": brief(setting["max_iter"], 2)}
    models = [HistGradientBoostingRegressor(random_state=0, **setting).fit(w.x, c) for c in w.y.T]
    return w.write(past, np.stack([model.predict(w.read(past)) for model in models], axis=1))


def smoothing(y, end, origins, season, trend, seasonal, level=None):
    """Exponential smoothing: fitted once (its first states too), then smoothed to each origin."""
    model = functools.partial(
        ETSModel,
        trend=trend and "add",
        damped_trend=trend == "damped",
        seasonal=seasonal,
        seasonal_periods=season if seasonal else None,
    )
    fitted = model(y[:end]).fit(disp=False, maxiter=2000)
    found = []
    for origin in origins:
        ahead = model(pd.Series(y[:origin])).smooth(fitted.params)  # intervals want an index
        if level is None:
            found.append(ahead.forecast(HORIZON).to_numpy())
        else:
            span = ahead.get_prediction(origin, origin + HORIZON - 1)
            found.append(span.pred_int(alpha=1 - level).to_numpy())
    return np.stack(found)


def sarimax(y, end, origins, season, order, seasonal, level=None):
    """SARIMAX: parameters fitted once, then filtered to an origin, by differences from the mean."""
    middle, spread = y[:end].mean(), y[:end].std()
    constant = "c" if order[1] + seasonal[1] == 0 else None
    known = (y - middle) / spread
    model = SARIMAX(
        known[:end],
        order=order,
        seasonal_order=(*seasonal, season if any(seasonal) else 0),
        trend=constant,
    )
    fitted = model.fit(disp=False, maxiter=500, low_memory=True)
    found = []
    for origin in origins:
        ahead = fitted.apply(known[:origin]).get_forecast(HORIZON)
        found.append(ahead.predicted_mean if level is None else ahead.conf_int(alpha=1 - level))
    return np.stack(found) * spread + middle


def persistence(y, end, origins, season):
    return np.repeat(rows(y, origins, 1), HORIZON, axis=1)


def seasonal(y, end, origins, season, drift=False):
    """The newest known value of the same season; with drift, moved by the last season's change."""
    past = rows(y, origins, season + 1)
    found = past[:, 1:][:, np.arange(HORIZON) % season]
    return found + (past[:, -1:] - past[:, :1]) * (1 + np.arange(HORIZON) // season) * drift


def build(strategy, lags, units):
    """A GRU and what it answers with: `HORIZON` values, one, or three quantiles of each."""
    x = keras.Input((lags, 1))
    if strategy == "decoder":
        h = keras.layers.GRU(units)(x)
        told = keras.layers.RepeatVector(HORIZON)(h)
        told = keras.layers.GRU(units, return_sequences=True)(told, initial_state=h)
        a = keras.layers.Reshape((HORIZON,))(keras.layers.Dense(1)(told))
    else:
        h = keras.layers.GRU(units)(x)
        a = keras.layers.Dense(
            {"direct": HORIZON, "recursive": 1, "quantiles": 3 * HORIZON}[strategy]
        )(h)
        if strategy == "quantiles":
            a = keras.layers.Reshape((HORIZON, 3))(a)
    return keras.Model(x, a)


def quantile_loss(y, a):
    """The pinball loss: an answer below y costs q a unit, one above it 1 - q."""
    miss = y[..., None] - a
    q = tf.constant(QUANTILES)
    return tf.reduce_mean(tf.maximum(q * miss, (q - 1) * miss), axis=(-2, -1))


@functools.lru_cache(maxsize=1)
def compiled(strategy, lags, units):
    """One compiled network serves all runs of its shape: compiling takes seconds."""
    keras.utils.clear_session()
    model = build(strategy, lags, units)
    model.compile(
        keras.optimizers.Adam(global_clipnorm=1.0),
        quantile_loss if strategy == "quantiles" else "mae",
        jit_compile=brief(True, False),
        steps_per_execution=EVERY,
    )
    model.optimizer.build(model.trainable_variables)
    return model


class Network:
    """A GRU with one setting and seed, trained on the windows of what may be fitted."""

    def __init__(self, strategy, y, end, season, seed, form, lags, units, rate):
        self.strategy = strategy
        steps = 1 if strategy == "recursive" else HORIZON
        self.w, self.past = Windows(y, end, form, lags, season, steps), lags + season
        keras.utils.set_random_seed(seed)
        start = [v.numpy() for v in build(strategy, lags, units).weights]
        self.model = compiled(strategy, lags, units)
        self.model.set_weights(start)
        rewind(self.model.optimizer)
        self.model.optimizer.learning_rate = rate
        self.x, self.y = (a.astype("float32") for a in (self.w.x[..., None], self.w.y))
        self.random = np.random.default_rng(seed)

    def train(self, updates):
        """Some more updates, each on windows that are drawn at random."""
        drawn = self.random.integers(len(self.x), size=updates * BATCH)
        self.model.fit(self.x[drawn], self.y[drawn], BATCH, epochs=1, shuffle=False, verbose=0)

    def forecast(self, y, origins):
        past = rows(y, origins, self.past)
        for _ in range(HORIZON if self.strategy == "recursive" else 1):
            now = past[:, -self.past :]
            answers = self.model.predict_on_batch(self.w.read(now)[..., None].astype("float32"))
            answers = self.w.write(now, answers.astype(float))
            if self.strategy == "recursive":
                past = np.concatenate([past, answers], axis=1)
        return past[:, -HORIZON:] if self.strategy == "recursive" else answers


def scale(name):
    """What errors are counted in: the training part's mean absolute seasonal change."""
    train, apart = load(name)[: parts(name)[0][0]], SERIES[name]["scale"]
    return np.abs(train[apart:] - train[:-apart]).mean()


def errors(name, origins, forecasts):
    """The error of each forecast value, in units of `scale`: above 0, the forecast was too low."""
    truth = rows(load(name), origins, 0, HORIZON)
    return ((truth[..., None] if forecasts.ndim == 3 else truth) - forecasts) / scale(name)


def error(name, origins, forecasts):
    """The mean scaled error (MASE); for quantiles, twice their mean quantile loss."""
    miss = errors(name, origins, forecasts)
    if forecasts.ndim == 2:
        return float(np.abs(miss).mean())
    q = np.array(QUANTILES)
    return float(2 * np.maximum(q * miss, (q - 1) * miss).mean())


def one_by_one(choices):
    """Settings to try: a generator that is sent each one's error; the best so far stays."""
    best = {key: values[0] for key, values in choices.items()}
    lowest = yield best
    for key, values in choices.items():
        for value in values[1:]:
            error = yield best | {key: value}
            if error < lowest:
                lowest, best = error, best | {key: value}


def grid(choices):
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


CLASSICAL = {
    "persistence": (persistence, lambda: grid({})),
    "seasonal persistence": (seasonal, lambda: grid({"drift": [False, True]})),
    "exponential smoothing": (smoothing, lambda: grid(SMOOTHING)),
    "SARIMAX": (sarimax, lambda: ({"order": o, "seasonal": s} for o, s in SARIMAX_ORDERS)),
    "ridge on lags": (ridge, lambda: grid(RIDGE)),
    "trees on lags": (trees, lambda: one_by_one(TREES)),
}
STRATEGIES = {
    "GRU, direct": "direct",
    "GRU, recursive": "recursive",
    "GRU, decoder": "decoder",
    "GRU, quantiles": "quantiles",
}


def tried(settings, error_of):
    """Try all settings; return them with their errors, the best first."""
    found, setting = [], next(settings, None)
    while setting is not None:
        found.append((error_of(setting), setting))
        if len(found) == brief(None, 2):
            break
        try:
            setting = settings.send(found[-1][0])
        except StopIteration:
            break
    return sorted(found, key=lambda one: one[0])


def validate(strategy, name, setting):
    """Train with one setting; the lowest validation error, and the updates that gave it."""
    (end, origins), _ = parts(name)
    y = load(name)
    network = Network(strategy, y, end, SERIES[name]["season"], SELECTION_SEED, **setting)
    errors = []
    for _ in range(brief(SERIES[name]["updates"], 2 * EVERY) // EVERY):
        network.train(EVERY)
        errors.append(error(name, origins, network.forecast(y, origins)))
    return min(errors), EVERY * (int(np.argmin(errors)) + 1)


def choose(recorder, name, model):
    """Try a model's settings on the validation part: [(error, setting)] and each one's updates."""
    (end, origins), _ = parts(name)
    updates = {}
    if model in CLASSICAL:
        method, settings = CLASSICAL[model]

        def error_of(setting):
            found = method(load(name), end, origins, SERIES[name]["season"], **setting)
            return error(name, origins, found)

        return tried(settings(), error_of), updates

    settings = one_by_one(GRU)
    if model != "GRU, direct":  # the same network: only its updates are chosen anew
        direct = recorder.runs(stage="selection", series=name, model="GRU, direct")[0]
        settings = (one for one in [direct["setting"]])

    def error_of(setting):
        lowest, updates[str(setting)] = validate(STRATEGIES[model], name, setting)
        return lowest

    return tried(settings, error_of), updates


def select(recorder, name, model):
    """Choose a model's settings on the validation part, record and return them."""
    key = {"stage": "selection", "series": name, "model": model, "seed": SELECTION_SEED}
    for missing in recorder.todo([key]):
        began = time.perf_counter()
        found, updates = choose(recorder, name, model)
        recorder.add(
            **missing,
            validation_mase=found[0][0],
            setting=found[0][1],
            updates=updates.get(str(found[0][1]), 0),
            tried=[[round(one, 4), setting] for one, setting in found],
            seconds=round(time.perf_counter() - began, 1),
        )
    run = recorder.runs(**key)[0]
    return run["setting"], run["updates"]


def forecaster(name, model, setting, updates, seed, end, **level):
    """A function from origins to forecasts, fitted to the values before `end`."""
    y, season = load(name), SERIES[name]["season"]
    if model in CLASSICAL:
        method = CLASSICAL[model][0]
        return lambda origins: method(y, end, origins, season, **setting, **level)
    network = Network(STRATEGIES[model], y, end, season, seed, **setting)
    network.train(brief(updates, EVERY))
    return lambda origins: network.forecast(y, origins)


def report(recorder, name, model, setting, updates):
    """Fit to all that is known before the test part, and forecast from each of its origins."""
    end, origins = parts(name)[1]
    keys = [
        {"stage": "result", "series": name, "model": model, "seed": seed}
        for seed in (SEEDS if model in STRATEGIES else SEEDS[:1])
    ]
    for key in recorder.todo(keys):
        forecasts = forecaster(name, model, setting, updates, key["seed"], end)(origins)
        miss = np.abs(errors(name, origins, forecasts))
        recorder.add(
            **key,
            mase=float(miss.mean()),
            by_step=[round(float(one), 4) for one in miss.mean(axis=0)],
            by_origin=[round(float(one), 4) for one in miss.mean(axis=1)],
        )


def intervals(recorder, name, model, setting, updates):
    """Low and high ends of intervals from each origin of the test part, and what they are worth."""
    (before, tried_on), (end, origins) = parts(name)
    keys = [
        {"stage": "interval", "series": name, "model": model, "seed": seed}
        for seed in (SEEDS if model in STRATEGIES else SEEDS[:1])
    ]
    for key in recorder.todo(keys):
        if model == "ridge on lags":  # the forecast, and how far it missed on the validation part
            fitted = functools.partial(forecaster, name, model, setting, updates, key["seed"])
            missed = rows(load(name), tried_on, 0, HORIZON) - fitted(before)(tried_on)
            ends = (
                fitted(end)(origins)[..., None]
                + np.quantile(missed, [QUANTILES[0], QUANTILES[-1]], axis=0).T
            )
        elif model in CLASSICAL:
            ends = forecaster(name, model, setting, 0, 0, end, level=LEVEL)(origins)
        else:
            ends = forecaster(name, model, setting, updates, key["seed"], end)(origins)[..., ::2]
        truth = rows(load(name), origins, 0, HORIZON)
        low, high = (ends[..., side] for side in range(2))
        outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        inside, width = (low <= truth) & (truth <= high), (high - low) / scale(name)
        score = width + 2 / (1 - LEVEL) * outside / scale(name)
        recorder.add(
            **key,
            coverage=float(inside.mean()),
            width=float(width.mean()),
            interval_score=float(score.mean()),
            coverage_by_step=[round(float(one), 3) for one in inside.mean(axis=0)],
        )


def main():
    recorder = Recorder(
        __file__,
        {
            "horizon": HORIZON,
            "series": SERIES,
            "batch": BATCH,
            "seeds": SEEDS,
            "choices": {
                "GRU": GRU,
                "trees on lags": TREES,
                "ridge on lags": RIDGE,
                "exponential smoothing": SMOOTHING,
                "SARIMAX": SARIMAX_ORDERS,
            },
            "updates": f"the best on the validation origins, every {EVERY}",
            "level": LEVEL,
        },
        tolerance={
            "mase": 0.1,
            "validation_mase": 0.05,
            "updates": 3000,
            "coverage": 0.1,
            "width": 0.5,
            "interval_score": 1.0,
        },
        data=array_digest(*map(load, SERIES)),
    )
    with_intervals = ["exponential smoothing", "SARIMAX", "ridge on lags", "GRU, quantiles"]
    for name in list(SERIES)[: brief(None, 1)]:
        for model in [*CLASSICAL, *STRATEGIES]:
            setting, updates = select(recorder, name, model)
            if model != "GRU, quantiles":
                report(recorder, name, model, setting, updates)
            if model in with_intervals:
                intervals(recorder, name, model, setting, updates)


if __name__ == "__main__":
    command_line(main)
