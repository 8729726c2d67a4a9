"""Dates are written, held out, encoded and read as the book says."""

import datetime

import numpy as np
import pytest

from grubook.dates import (
    END,
    FORMATS,
    LANGUAGES,
    NEW_FORMATS,
    START,
    DateWriter,
    decode_answers,
    encode_answers,
    read,
    tidy,
)
from grubook.results import load_results
from grubook.weights import load_weights


@pytest.fixture(scope="module")
def writer():
    return DateWriter()


def test_dates_are_written_as_people_write_them(writer):
    day = datetime.date(2026, 11, 21)
    assert writer.write(day, "CLDR full", "es") == "sábado, 21 de noviembre de 2026"
    assert writer.write(day, "CLDR short", "en") == "11/21/26"
    assert writer.write(day, "no gaps", "zh") == "20261121"
    assert writer.write(day, "month alone", "ja") == "2026年11月"
    assert tidy(" \u202f２１\t NOV. ") == "21 nov."


def test_no_day_and_no_month_is_on_two_sides(writer):
    for pools, total in [(writer.days, 36_525), (writer.months, 1200)]:
        assert len(set().union(*pools.values())) == sum(map(len, pools.values())) == total
    texts, answers, _, names = writer.draw(2000, 3, "val", FORMATS | NEW_FORMATS)
    days = {day.isoformat() for day in writer.days["val"]}
    months = {month.isoformat()[:7] for month in writer.months["val"]}
    for answer, name in zip(answers, names, strict=True):
        assert answer in (months if name == "month alone" else days)
    assert texts == writer.draw(2000, 3, "val", FORMATS | NEW_FORMATS)[0]


def test_every_text_in_a_known_format_fits_and_has_an_answer_of_its_own(writer):
    first = {}
    for i in range(366):
        day = datetime.date(2028, 1, 1) + datetime.timedelta(i)
        for name in FORMATS:
            answer = day.isoformat()[: 7 if name == "month alone" else 10]
            for language in LANGUAGES:
                text = writer.write(day, name, language)
                assert not writer.unknown(text) and len(text) < writer.timesteps
                assert first.setdefault((text, language), answer) == answer


def test_symbols_come_back(writer):
    x = writer.encode(["1/2 🎉", "1" * 99], ["en", "zh"])
    assert x.shape == (2, writer.timesteps) and (x[0] > 0).sum() == 5 and (x[1] > 0).all()
    assert writer.unknown("1/2 🎉🎉") == "🎉" and x.max() < writer.symbols
    y = encode_answers(["2026-11-21", "2026-11"])
    assert y[1, 7] == END < START and not y[1, 8:].any()
    assert decode_answers(y) == ["2026-11-21", "2026-11"]


@pytest.mark.parametrize(
    ("misuse", "message"),
    [
        (lambda w: w.write(w.days["val"][0], "iso", "de"), "no format 'iso'; there are: CLDR"),
        (lambda w: w.write("2026-11-21", "ISO", "de"), "'2026-11-21' is no datetime.date"),
        (lambda w: w.encode(["1.1.2026"], ["sv"]), "no language 'sv'; there are: de, el"),
        (lambda w: w.draw(1, 0, "tests"), "no side 'tests'; there are: test, val, train"),
        (lambda w: encode_answers(["21.11.2026"]), r"'21\.11\.2026' is no answer: at most 10 of"),
        (lambda w: encode_answers(["2026-11-210"]), "'2026-11-210' is no answer"),
        (lambda w: read(load_weights("dates"), np.zeros((1, 5), int)), "each text needs a symbol"),
        (lambda w: read(load_weights("dates"), np.array([[1, -1]])), "none is below 0"),
    ],
)
def test_misuse_is_answered_with_a_sentence(writer, misuse, message):
    with pytest.raises((ValueError, TypeError), match=message):
        misuse(writer)


def test_the_stored_network_reads_as_was_recorded(writer):
    texts, answers, languages, _ = (part[:2400] for part in writer.draw(12_000, 1, "test"))
    symbols, p, looked = read(load_weights("dates"), writer.encode(texts, languages))
    exact = np.mean(np.array(decode_answers(symbols)) == np.array(answers))
    runs = load_results("dates/readers")["runs"]
    (recorded,) = (r["exact"] for r in runs if r["model"] == "additive" and r["seed"] == 0)
    assert exact == pytest.approx(recorded, abs=0.005)  # a part of the texts, rounded weights
    assert p.min() > 1 / 13 and np.allclose(looked.sum(axis=2), 1, atol=1e-5)


def test_attention_reads_held_out_days_as_promised():
    runs = load_results("dates/readers")["runs"]
    exact = [run["exact"] for run in runs if run["model"] == "additive"]
    assert len(exact) == 3 and np.mean(exact) >= 0.995
