import collections
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grubook.ngrams import KneserNey, count_ngrams, mix_cache
from grubook.text import EOS, PAD

A, B, C = 3, 4, 5
TOY = [np.array([A, B, EOS]), np.array([A, C, EOS]), np.array([A, B, B, EOS])]


def perplexity(model, texts):
    log_p = np.concatenate([model.log_probabilities(ids) for ids in texts])
    return math.exp(-log_p.mean())


def test_a_unigram_by_hand():
    # Ten tokens: a 3, b 3, c 1, <eos> 3. n1 = 1 (c), n2 = 0, so D = 1 / (1 + 0) = 1, and four kinds
    # leave 4/10 for the uniform over five entries (all six but <pad>), 0.08 for each:
    #   a, b, <eos>: (3 - 1)/10 + 0.08 = 0.28    c: (1 - 1)/10 + 0.08 = 0.08    <unk>: 0.08
    model = KneserNey(TOY, 1, 6)
    np.testing.assert_allclose(model.distribution(), [0, 0.08, 0.28, 0.28, 0.28, 0.08])
    # "a c <eos>": 0.28 * 0.08 * 0.28 = 0.006272, to the power of -1/3: 5.4227
    assert perplexity(model, [np.array([A, C, EOS])]) == pytest.approx(0.006272 ** (-1 / 3))


def test_a_bigram_by_hand():
    # Bigrams and counts: <eos>a 3, ab 2, ac 1, bb 1, b<eos> 2, c<eos> 1.
    # Order 2: n1 = 3 (ac, bb, c<eos>), n2 = 2 (ab, b<eos>), so D = 3 / (3 + 4) = 3/7.
    # Order 1 counts how many different words each word follows:
    #   a 1 (<eos>), b 2 (a, b), c 1 (a), <eos> 2 (b, c): total 6; n1 = 2, n2 = 2, D = 2/6 = 1/3.
    #   four kinds leave (4 * 1/3) / 6 = 2/9 for the uniform over five: 2/45 each.
    #   a, c: (1 - 1/3)/6 + 2/45 = 1/9 + 2/45 = 7/45    b, <eos>: (2 - 1/3)/6 + 2/45 = 29/90
    #   <unk>: 2/45
    # After a (b twice, c once, total 3): left for order 1 is 2 * 3/7 / 3 = 2/7.
    #   P(b | a) = (2 - 3/7)/3 + 2/7 * 29/90 = 11/21 + 29/315 = 194/315
    #   P(c | a) = (1 - 3/7)/3 + 2/7 * 7/45 = 4/21 + 2/45 = 74/315
    # After <eos> (a three times): left 3/7 / 3 = 1/7.
    #   P(a | <eos>) = (3 - 3/7)/3 + 1/7 * 7/45 = 6/7 + 1/45 = 277/315
    # After c (<eos> once): left 3/7.  P(<eos> | c) = 4/7 + 3/7 * 29/90 = 149/210
    model = KneserNey(iter(TOY), 2, 6)
    after_a = model.distribution([A])
    assert after_a[B] == pytest.approx(194 / 315)
    assert after_a[C] == pytest.approx(74 / 315)
    # <unk> was never seen: P(<unk> | a) = 2/7 * 2/45, and after <unk> only order 1 is left.
    assert after_a[1] == pytest.approx(2 / 7 * 2 / 45)
    assert model.distribution([1])[B] == pytest.approx(29 / 90)
    # "a c <eos>" costs the cube root of its inverse probability:
    p = 277 / 315 * 74 / 315 * 149 / 210  # = 0.14657
    assert perplexity(model, [np.array([A, C, EOS])]) == pytest.approx(p ** (-1 / 3))
    assert p ** (-1 / 3) == pytest.approx(1.8966, abs=1e-4)


def test_three_discounts_by_hand():
    # Unigrams: a 5, b 3, c 2, d 1, <eos> 1, 12 tokens of 9 entries. n1 = 2, n2 = n3 = 1, n4 = 0, so
    #   Y = 2/4 = 1/2    D1 = 1 - 2 * 1/2 * 1/2 = 1/2    D2 = 2 - 3 * 1/2 * 1/1 = 1/2
    #   D3 = 3 - 4 * 1/2 * 0/1 = 3, taken of b's 3 and of a's 5.
    # Left for the uniform over eight: (3 + 3 + 1/2 + 1/2 + 1/2) / 12 = 7.5/12, 7.5/96 for each.
    text = np.array([A] * 5 + [B] * 3 + [C] * 2 + [6, EOS])
    p = KneserNey([text], 1, 9, discounts=3).distribution()
    seen = np.array([0, 0, 0.5, 2, 0, 1.5, 0.5, 0, 0]) / 12
    np.testing.assert_allclose(p, np.r_[0, seen[1:] + 7.5 / 96])


def slow_discount(counts, count, largest):
    """D of Chen and Goodman 1999 for one count; of one discount, that of Ney and others."""
    n1, n2, n3, n4 = (sum(c == n for c in counts.values()) for n in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2) if n1 else 0.5
    d = {1: y, 2: 2 - 3 * y * n3 / n2 if n2 else y, 3: 3 - 4 * y * n4 / n3 if n3 else y}
    chosen = d[min(count, largest)]
    return chosen if chosen > 0 else y


def slow_distribution(texts, order, size, history, discounts):
    """The definition with dictionaries, one n-gram at a time."""
    counts = [collections.Counter() for _ in range(order)]
    padded = [[EOS] * (order - 1) + list(ids) for ids in texts]
    for ids in padded:
        for end in range(order - 1, len(ids)):
            counts[-1][tuple(ids[end - order + 1 : end + 1])] += 1
    kinds = set(counts[-1])
    for k in range(order - 2, -1, -1):
        counts[k] = collections.Counter(ngram[1:] for ngram in kinds)
        kinds = set(counts[k])
    history = [EOS] * (order - 1) + list(history)
    p = np.full(size, 1 / (size - 1))
    p[PAD] = 0
    for k in range(order):
        recent = tuple(history[len(history) - k :])
        after = {ngram[-1]: c for ngram, c in counts[k].items() if ngram[:-1] == recent}
        if total := sum(after.values()):
            taken = {word: slow_discount(counts[k], c, discounts) for word, c in after.items()}
            p = p * sum(taken.values()) / total
            for word, c in after.items():
                p[word] += (c - taken[word]) / total
    return p


SIZE = 8
TEXTS = st.lists(
    st.lists(st.integers(1, SIZE - 1), max_size=12).map(lambda ids: np.array([*ids, EOS])),
    min_size=1,
    max_size=8,
)
TEXT = st.lists(st.integers(1, SIZE - 1), max_size=6)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(1, 5), TEXT, st.sampled_from([1, 2, 3]))
def test_it_agrees_with_the_definition_and_is_a_distribution(texts, order, history, discounts):
    p = KneserNey(texts, order, SIZE, discounts).distribution(history)
    expected = slow_distribution(texts, order, SIZE, history, discounts)
    np.testing.assert_allclose(p, expected, atol=1e-12)
    assert p.sum() == pytest.approx(1) and p[PAD] == 0 and (p[1:] > 0).all()


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(1, 5), TEXT, st.sampled_from([1, 3]))
def test_the_probability_of_a_text_is_made_of_the_distributions(texts, order, ids, discounts):
    model = KneserNey(texts, order, SIZE, discounts)
    one_by_one = [model.distribution(ids[:t])[ids[t]] for t in range(len(ids))]
    np.testing.assert_allclose(np.exp(model.log_probabilities(ids)), one_by_one, rtol=1e-9)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 5), st.sampled_from([1, 3]), TEXT)
def test_counts_of_parts_add_up_to_the_model_of_all(one, other, order, discounts, ids):
    total = collections.Counter()
    for part in (one, other):
        rows, counts = count_ngrams(part, order, SIZE)
        total.update(dict(zip(map(tuple, rows), counts, strict=True)))
    kinds = np.array([*total])[::-1]  # in any order
    counts = np.array([*total.values()])[::-1]
    added = KneserNey.from_counts(kinds, counts, SIZE, discounts)
    whole = KneserNey([*one, *other], order, SIZE, discounts)
    np.testing.assert_array_equal(added.log_probabilities(ids), whole.log_probabilities(ids))


def test_a_part_that_is_missing_is_seen():
    ngrams, counts = count_ngrams(TOY, 3, 6)
    ends_in_ab = (ngrams[:, 1:] == [A, B]).all(axis=1)
    with pytest.raises(ValueError, match="begins as none ends"):
        KneserNey.from_counts(ngrams[~ends_in_ab], counts[~ends_in_ab], 6)
    with pytest.raises(ValueError, match="each n-gram's count"):
        KneserNey.from_counts(ngrams, counts[1:], 6)


def test_a_longer_history_tells_more_where_the_text_is_regular():
    rng = np.random.default_rng(0)
    text = rng.permutation(np.repeat([[A, B, C], [A, C, B], [B, B, A]], 400, axis=0)).ravel()
    texts = np.split(text, 40)
    ladder = [perplexity(KneserNey(texts[:30], n, 6), texts[30:]) for n in (1, 2, 3)]
    assert ladder == sorted(ladder, reverse=True)


@pytest.mark.parametrize(
    ("texts", "order"), [(TOY, 0), ([], 2), ([np.array([], int)], 2), ([[]], 1)]
)
def test_without_an_order_or_a_token_there_is_no_model(texts, order):
    with pytest.raises(ValueError, match="order and discounts must be at least 1"):
        KneserNey(texts, order, 6)


@pytest.mark.parametrize("wrong", [{"discounts": 0}, {"vocabulary_size": 2}])
def test_without_a_discount_or_an_end_there_is_no_model(wrong):
    with pytest.raises(ValueError, match=r"discounts must be at least 1"):
        KneserNey(**{"sequences": [[1]], "order": 2, "vocabulary_size": 6} | wrong)


def test_a_cache_gives_a_word_its_share_of_the_text_so_far():
    # Before the four tokens: nothing, then a once of one, b never of two, a twice of three.
    log_p = mix_cache(np.log([0.1, 0.2, 0.3, 0.4]), [A, A, B, A], 0.25)
    np.testing.assert_allclose(np.exp(log_p), [0.1, 0.15 + 0.25, 0.225, 0.3 + 0.25 * 2 / 3])
    np.testing.assert_allclose(mix_cache([-1.0, -2.0], [A, A], 0), [-1, -2])
    assert mix_cache([], [], 0.5).size == 0


@pytest.mark.parametrize(("weight", "tokens"), [(-0.1, 2), (1, 2), (float("nan"), 2), (0.1, 3)])
def test_a_cache_refuses_a_weight_outside_and_another_text(weight, tokens):
    with pytest.raises(ValueError, match="each token have a probability"):
        mix_cache([-1.0, -1.0], [A] * tokens, weight)


@pytest.mark.parametrize("wrong", [PAD, -1, 6])
def test_a_token_outside_is_refused_wherever_it_comes(wrong):
    model, message = KneserNey(TOY, 2, 6), "above 0 and below 6"
    with pytest.raises(ValueError, match=message):
        KneserNey([np.array([A, wrong])], 2, 6)
    with pytest.raises(ValueError, match=message):
        model.log_probabilities([wrong])
    with pytest.raises(ValueError, match=message):
        model.distribution([A, wrong])
