import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grubook.data.splits import duplicate_groups, split_groups
from grubook.ngrams import KneserNey
from grubook.text import EOS, PAD, UNK, Vocabulary, clean, tokenize, windows


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("Great!<BR />Would<br>buy", "great! would buy"),
        ("I <3 this & 5 < 6 > 4", "i <3 this & 5 < 6 > 4"),
        ("Fish &amp; chips &lt;b&gt;now&lt;/b&gt;", "fish & chips now"),
        ("It’s GOOD, isnʼt ‘it´?", "it's good, isn't 'it'?"),
        ("[[VIDEOID:3ab566b5d19c5ad26b1e491a4189ffec]] The box", "the box"),
        ("the [[ASIN:B00TF8ZF94 Kindle cover]] fits", "the kindle cover fits"),
        ("[[ASIN:B00TF8ZF94]] fits", "fits"),
        ("a [[note]] stays", "a [[note]] stays"),
        ("cafe\u0301\xa0\n now", "café now"),
        ("", ""),
    ],
)
def test_clean_removes_the_shops_markup_and_keeps_the_writers_words(raw, cleaned):
    assert clean(raw) == cleaned


@settings(deadline=None)
@given(st.text())
def test_clean_takes_any_text_and_cleaned_tokens_are_stable(text):
    once = clean(text)
    assert once == " ".join(once.split())
    assert tokenize(" ".join(tokenize(once))) == tokenize(once)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't stop, now!", ["don't", "stop", ",", "now", "!"]),
        ("rock 'n' roll's 90's", ["rock", "n", "roll's", "90's"]),
        ("well-made (5/5) :-) wow...", ["well", "made", "5", "5", "wow", ".", ".", "."]),
        ("¿qué tamaño?", ["qué", "tamaño", "?"]),
        ("snake_case 💖", ["snake", "case"]),
        ("x'2 x'y2 2'x 'x' x''y", ["x", "2", "x'y", "2", "2'x", "x", "x", "y"]),
        ("हिन्दी में, தமிழ் மொழி", ["हिन्दी", "में", ",", "தமிழ்", "மொழி"]),
        ("สวัสดีครับ", ["สวัสดีครับ"]),  # written without spaces: one token, not segmented
        ("مُحَمَّدٌ كِتَاب", ["مُحَمَّدٌ", "كِتَاب"]),
        ("می\u200cخواهم ක්\u200dරමය", ["می\u200cخواهم", "ක්\u200dරමය"]),
        ("x\u200d \u200cy \u0301z", ["x", "y", "z"]),  # a mark or joiner without a letter
        ("i\u0307stanbul d'i\u0307s", ["i\u0307stanbul", "d'i\u0307s"]),
        ("", []),
    ],
)
def test_tokens_are_words_and_four_marks(text, expected):
    assert tokenize(text) == expected


def naive_groups(token_lists, shingle, jaccard, over):
    """The definition, pair by pair."""
    words = [tuple(t for t in one if t not in ".!?,") for one in token_lists]
    sets = [{w[k : k + shingle] for k in range(len(w) - shingle + 1)} for w in words]
    group = list(range(len(words)))
    for i, j in itertools.combinations(range(len(words)), 2):
        long = min(len(words[i]), len(words[j])) > over and sets[i] and sets[j]
        near = long and len(sets[i] & sets[j]) >= jaccard * len(sets[i] | sets[j]) - 1e-9
        if words[i] == words[j] or near:
            low, high = sorted((group[i], group[j]))
            group = [low if g == high else g for g in group]
    return group


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abc."), min_size=0, max_size=14), max_size=12),
    st.sampled_from([1, 2, 3, 5]),
    st.sampled_from([0.3, 0.5, 0.75, 0.8, 1.0]),
    st.sampled_from([0, 4, 8]),
)
def test_duplicate_groups_agree_with_the_definition_pair_by_pair(texts, shingle, jaccard, over):
    found = duplicate_groups(texts, shingle, jaccard, over)
    assert found.tolist() == naive_groups(texts, shingle, jaccard, over)


def test_a_review_with_one_word_changed_is_a_near_duplicate_and_a_short_one_is_not():
    words = [f"w{k}" for k in range(60)]
    changed = [*words[:59], "other"]
    mostly = [*words[:30], *(f"v{k}" for k in range(30))]
    assert duplicate_groups([words, mostly, changed, words[:21]]).tolist() == [0, 1, 0, 3]
    assert duplicate_groups([words[:20], [*words[:19], "other"]]).tolist() == [0, 1]
    assert duplicate_groups([["so", "good"], *([["so", m, "good"] for m in ".!?,"])]).max() == 0


@pytest.mark.parametrize("wrong", [{"jaccard": 0}, {"jaccard": 1.1}, {"shingle": 0}])
def test_duplicate_groups_refuse_settings_without_a_meaning(wrong):
    with pytest.raises(ValueError, match="jaccard must be above 0"):
        duplicate_groups([["a"]], **wrong)


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=120), st.integers(0, 5))
def test_no_group_is_on_two_sides_of_a_split_and_nothing_is_lost(groups, seed):
    sides = split_groups(groups, (0.7, 0.2, 0.1), seed)
    assert sorted(itertools.chain.from_iterable(sides)) == list(range(len(groups)))
    seen = [{groups[i] for i in side} for side in sides]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])


def test_the_sides_have_their_shares_and_the_seed_decides():
    sides = split_groups(range(1000), (0.8, 0.1, 0.1), seed=0)
    assert [len(side) for side in sides] == [800, 100, 100]
    again, other = (split_groups(range(1000), seed=seed) for seed in (0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(sides, again, strict=True))
    assert not np.array_equal(sides[1], other[1])
    assert (np.diff(sides[1]) > 0).all()


@pytest.mark.parametrize("parts", [(0.5, 0.6), (1.1, -0.1), (0.5, 0.5, 0.0)])
def test_a_split_refuses_shares_that_are_not_shares(parts):
    with pytest.raises(ValueError, match="sum to 1"):
        split_groups([0, 1, 2], parts)


def test_a_vocabulary_ranks_by_frequency_then_by_the_alphabet():
    vocabulary = Vocabulary.from_tokens([["b", "aa", "c"], ["c", "d", "a"]], size=7)
    assert vocabulary.words == ["<pad>", "<unk>", "<eos>", "c", "a", "aa", "b"]
    assert len(vocabulary) == 7
    assert vocabulary.encode(["c", "d", "b"], end=True).tolist() == [3, UNK, 6, EOS]
    assert vocabulary.encode([]).dtype == np.int32
    assert vocabulary.encode(["A", "a", "C"]).tolist() == [UNK, 4, UNK]  # as it is written
    assert vocabulary.decode([PAD, 3, EOS]) == ["<pad>", "c", "<eos>"]
    assert Vocabulary(vocabulary.words).encode(["a"]).tolist() == [4]


def test_a_vocabulary_answers_misuse_with_a_sentence():
    with pytest.raises(ValueError, match="above 3"):
        Vocabulary.from_tokens([["a"]], size=3)
    with pytest.raises(ValueError, match="begins with"):
        Vocabulary(["a", "b", "c"])
    with pytest.raises(ValueError, match="'a' twice"):
        Vocabulary(["<pad>", "<unk>", "<eos>", "a", "a"])
    vocabulary = Vocabulary(["<pad>", "<unk>", "<eos>"])
    for misread in (
        Vocabulary.encode,
        lambda _, text: Vocabulary.from_tokens([text]),
        lambda _, text: duplicate_groups([text]),
    ):
        with pytest.raises(TypeError, match=r"'not cut' is one text; .*tokenize"):
            misread(vocabulary, "not cut")
    for outside in (-1, 3):
        with pytest.raises(IndexError):
            vocabulary.decode([outside])


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(["x", "y", "z", "don't", "!"]))))
def test_words_of_the_vocabulary_survive_the_way_there_and_back(token_lists):
    vocabulary = Vocabulary.from_tokens(token_lists)
    for token_list in token_lists:
        assert vocabulary.decode(vocabulary.encode(token_list)) == token_list


def test_windows_by_hand():
    # The second text does not end in <eos>, and the third begins anew all the same.
    inputs, targets = windows([[5, 6, 7, EOS], [9], [8, EOS]], 3)
    assert inputs.tolist() == [[EOS, 5, 6], [7, PAD, PAD], [EOS, PAD, PAD], [EOS, 8, PAD]]
    assert targets.tolist() == [[5, 6, 7], [EOS, PAD, PAD], [9, PAD, PAD], [8, EOS, PAD]]
    assert inputs.dtype == targets.dtype == np.int32


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), max_size=12), max_size=8), st.integers(1, 6))
def test_windows_lose_no_token_and_add_nothing_but_padding(texts, length):
    texts = [np.array([*ids, EOS], np.int32) for ids in texts] + [np.array([3, EOS])]
    inputs, targets = windows(texts, length)
    assert inputs.shape == targets.shape == (sum(-(-len(ids) // length) for ids in texts), length)
    real = targets != PAD
    assert np.array_equal(targets[real], np.concatenate(texts))
    assert np.array_equal(real, inputs != PAD)  # the mask is the same on both sides
    assert (real[:, :-1] >= real[:, 1:]).all(), "padding is at the end only"
    assert np.array_equal(inputs[real], np.concatenate([np.r_[EOS, ids[:-1]] for ids in texts]))


def test_texts_may_be_generated_and_must_be_arrays_of_integers():
    texts = [[5, 6, EOS], [7, EOS]]
    for found, expected in zip(windows(iter(texts), 3), windows(texts, 3), strict=True):
        assert np.array_equal(found, expected)
    for wrong in ([5, 6, EOS], [["a", "b"]], [[5.5, 2]]):
        for reader in (windows, KneserNey):
            with pytest.raises(TypeError, match="an array of integers for each text"):
                reader(wrong, *(9, 9)[: 1 + (reader is KneserNey)])
    for missing in (None, float("nan")):
        with pytest.raises(TypeError, match="is no text; leave out"):
            clean(missing)
    assert sorted(np.concatenate(split_groups(iter("aabc")))) == [0, 1, 2, 3]


@pytest.mark.parametrize(("texts", "length"), [([np.array([EOS])], 0), ([], 4), ([[]], 4)])
def test_windows_without_a_length_or_a_token_are_refused(texts, length):
    with pytest.raises(ValueError, match="length must be at least 1"):
        windows(texts, length)
