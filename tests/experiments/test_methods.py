"""What the experiments choose by, and what they measure with: no few steps of a run show that."""

import numpy as np
import pytest

from experiments.browser_and_node.backends import rate_in
from experiments.common import Recorder
from experiments.dates.models import DateReader
from experiments.digits import article, longer, select
from experiments.forecasting import rolling
from experiments.instruments import strokes
from experiments.next_word import best, compare
from experiments.yes_or_no import italy, reviews
from grubook.dates import START, STEPS
from grubook.ngrams import KneserNey

RNG = np.random.default_rng


def test_a_batch_s_labels_are_those_of_its_images():
    x, y = np.arange(12.0)[:, None, None] * np.ones((1, 2, 2)), np.arange(12)
    batches = select.batches(x, y, {"batch": 4, "warp": None}, RNG(0))
    epoch = [next(batches) for _ in range(3)]
    assert all((images[:, 0, 0] == labels).all() for images, labels in epoch)
    assert sorted(np.concatenate([labels for _, labels in epoch])) == [*range(12)]


def test_the_rate_with_the_best_validation_accuracy_is_trained(tmp_path, monkeypatch):
    monkeypatch.setenv("GRUBOOK_RESULTS", str(tmp_path))
    recorder = Recorder(article.__file__, {}, {}, "made here")
    for rate, accuracy in zip(article.RATES, (0.90, 0.92, 0.91), strict=True):
        tried = article.key("selection", "LSTM", rate, article.SELECTION_SEED)
        recorder.add(**tried, rate=rate, val_accuracy=accuracy)
    for seed in article.SEEDS:
        recorder.add(**article.key("result", "LSTM", article.RATES[1], seed))
    article.tune(recorder, [None] * 3, "LSTM")  # all is there: with another rate it would train


def test_the_threshold_comes_from_the_validation_reviews():
    y, p = np.repeat([0, 1], 50), np.r_[np.linspace(0, 0.5, 50), np.linspace(0.51, 1, 50)]
    found = reviews.figures(y, p**2, y, p**0.5)
    assert 0.24 < found["threshold"] < 0.28
    assert found["test_balanced_accuracy_at_threshold"] < 0.6 < found["test_auc"] == 1


def test_an_hour_is_standardized_by_the_training_series():
    train = RNG(0).normal(3, 2, (40, 24, 1))
    one, other = italy.standardized(train, train + 2 * train.std(0))
    np.testing.assert_allclose(one.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose([one.std(0), other.mean(0) / 2], 1)


def test_the_mixture_s_share_is_chosen_on_the_validation_reviews():
    rng, words = RNG(0), 8
    shapes = {"embedding": (words, 4), "gru_kernel": (4, 12), "gru_recurrent_kernel": (4, 12)}
    weights = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    weights |= {"gru_bias": np.zeros((2, 12)), "output_bias": np.zeros(words), "scale": 1.0}
    train, val = [2 + np.arange(30) % 6] * 9, [2 + np.arange(30) % 6]
    test = [rng.integers(2, words, 30)]  # in no order: the n-grams are of no use here
    model = KneserNey(train, 2, words)
    found = best.beside(weights, val, test, model)
    from_gru, from_n_gram = best.measure(weights, test)[0], map(model.log_probabilities, test)
    shares, by_share = best.mixtures(from_gru, np.concatenate([*from_n_gram]))
    assert found["mixed_test_perplexity"] == by_share[shares.tolist().index(found["share"])]
    assert found["mixed_test_perplexity"] > min(by_share)


def test_errors_are_scaled_by_the_training_part():
    known = rolling.load("Mackey-Glass")[:1500]  # of 3,000; 500 validate, and 1,000 test
    assert rolling.scale("Mackey-Glass") == np.abs(np.diff(known)).mean()


@pytest.mark.parametrize("kind", ["additive", "multiplicative"])
def test_padding_changes_no_answer(kind):
    model, x = DateReader(kind, 9), np.array([[1, 5, 6, 7]])
    before = np.full((1, STEPS), START)
    logits = [model((np.pad(x, [(0, 0), (0, n)]), before)).numpy() for n in (0, 3)]
    np.testing.assert_allclose(*logits, atol=1e-5)


@pytest.mark.parametrize(
    ("said", "rate"),
    [("epoch 1\n123 images a second", 123), ("47 windows of 20 words a second\nkept: 1", 47)],
)
def test_the_rate_is_the_one_that_the_page_says(said, rate):
    assert rate_in(said) == rate
    with pytest.raises(RuntimeError, match="This did not work"):
        rate_in("This did not work: 2 images")


def test_a_drawing_comes_anywhere_on_the_canvas():
    frame, rng = [np.array([[0.0, 0.0], [1.0, 1.0]])], RNG(0)
    corners = np.array([strokes.scattered(frame, rng)[0] for _ in range(2000)])
    room = corners[:, 0], 1 - corners[:, 1]
    assert np.mean(room[0]) == pytest.approx(np.mean(room[1]), abs=0.01)
    assert np.max(room) > 0.35 and np.min(room) < 0.02


def test_changes_of_a_recipe_stand_beside_each_other_and_the_last_of_a_kind_stays():
    both = longer.changed(["bending 1.4", "8 images share a warp", "bending 0.6"])
    assert both["warp"] == select.RECIPE["warp"] | {"elastic": 0.6, "group": 8}


@pytest.mark.parametrize("model", longer.LAYERS)
def test_every_layer_can_be_built_with_every_change(model):
    names = ["gate biased to keep", "peak rate x 2"]
    assert select.build(longer.changed(names), longer.LAYERS[model]()).count_params() > 18_000


def test_a_search_ends_where_no_neighbor_is_better(monkeypatch):
    def tried(recorder, sides, network, how):
        return abs(np.log2(how["rate"] / 1e-3)) + abs(how["drop"] - 0.3) + abs(how["window"] - 64)

    monkeypatch.setattr(compare, "tried", tried)
    found = compare.choose(None, None, "LSTM")
    assert found == {"network": "LSTM", "window": 64, "rate": 1e-3, "drop": 0.3}
    monkeypatch.setattr(compare, "tried", lambda *key: np.inf if key[-1]["drop"] else 1.0)
    assert compare.choose(None, None, "LSTM")["drop"] == 0.1  # nothing to go by
