import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grubook.data.series import (
    co2_by_month,
    el_nino,
    load_series,
    load_values,
    mackey_glass,
)

HEADER = """#A comment
@problemName Toy
@timeStamps false
@missing false
@univariate true
@equalLength true
@seriesLength 3
@classLabel true 1 2
@data
"""
EQUAL = HEADER.replace("@seriesLength 3\n", "")
RAGGED = """@dimensions 2
@equalLength false
@classLabel true a b
@data
1,2,3:4,5,6:a
7:8:b
"""


def written(folder, text):
    path = folder / "Toy.ts"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_series_of_equal_length_become_one_array(tmp_path):
    x, y = load_series(written(tmp_path, HEADER + "1,2,3:1\n-4,5e-1,6:2\n"))
    assert (x.shape, x.dtype) == ((2, 3, 1), np.float32)
    assert x[1, :, 0].tolist() == [-4, 0.5, 6]
    assert y.tolist() == ["1", "2"]


def test_series_of_other_lengths_become_a_list_with_features_last(tmp_path):
    x, y = load_series(written(tmp_path, RAGGED))
    assert [one.tolist() for one in x] == [[[1, 4], [2, 5], [3, 6]], [[7, 8]]]
    assert y.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "1,2:2\n", "line 10: 2 timesteps where 3 are announced"),
        (EQUAL + "1,2:2\n1,2,3:1\n", "line 10: 3 timesteps where 2 are announced"),
        (HEADER + "1,?,3:1\n", "line 10: a value is not a number"),
        (HEADER + "1,nan,3:1\n", "line 10: a value is not finite"),
        (HEADER + "1,1e39,3:1\n", "line 10: a value is not finite"),
        (HEADER + "1,2,3:9\n", "line 10: the label '9'"),
        (HEADER + "1,2,3:true\n", "line 10: the label 'true'"),
        (HEADER + "1,2,3:4,5,6:1\n", "line 10: 2 features"),
        (HEADER + "1,2,3\n", "line 10: 0 features"),
        (HEADER, "line 9: the file ends without a series"),
        ("", "line 0: the file ends"),
        ("1,2,3:1\n", "line 1: expected '@data'"),
        ("@timeStamps true\n@data\n(0,1):1\n", "line 1: '@timestamps' must be 'false' here"),
        ("@missing\n@data\n0,1:1\n", "line 1: '@missing' must be 'false' here"),
        (RAGGED + "1,2:3:a\n", "line 7: its features are not equally long"),
        (b"\x1f\x8b\x08\x00\xff\xfe", "line 1: expected '@data'"),
    ],
)
def test_a_fault_is_answered_with_the_line_and_the_remedy(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_series(written(tmp_path, text))
    assert "Fetch the file again" in str(caught.value)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="@data#\n\t:,.0123456789-ene? \x00classLabeltrue"))
def test_rubbish_is_refused_with_a_sentence_or_read(tmp_path, text):
    for whole in (text, HEADER + text):
        try:
            x, y = load_series(written(tmp_path, whole))
        except ValueError as error:
            assert "Toy.ts, line" in str(error)
        else:
            assert len(x) == len(y) > 0


def csv(folder, *lines, head="date,value"):
    path = folder / "mine.csv"
    path.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return path


def test_values_in_order_need_no_word(tmp_path):
    lines = ["2026-01-01,1", "2026-01-02,2.5", "2026-01-03,-3"]
    series, notes = load_values(csv(tmp_path, *lines, head="\ufeffdate,value"))
    assert series.tolist() == [1, 2.5, -3] and notes == []


@pytest.mark.parametrize("freq", ["h", "D", "B", "W", "MS", "ME", "QS", "YS", "15min"])
def test_gaps_and_disorder_are_found_in_every_step(freq, tmp_path):
    dates = pd.date_range("2024-01-01", periods=30, freq=freq)
    kept = [d for i, d in enumerate(dates) if i not in (7, 8)][::-1]
    series, notes = load_values(csv(tmp_path, *(f"{d},{d.month}" for d in kept)))
    assert series.index.equals(pd.DatetimeIndex(list(dates)))
    assert np.flatnonzero(series.isna()).tolist() == [7, 8]
    assert "not in order" in notes[0] and "2 of 30 values are missing, the first at" in notes[1]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["2026-01-01,1", "2026-01-02,2", "2026-01-02,3"], "the date 2026-01-02 more than once"),
        (["2026-01-01,1", "03/04/2026,2", "2026-01-03,3"], "'03/04/2026' is no date: write"),
        (["2026-01-01,1", ",2", "2026-01-03,3"], "'' is no date"),
        (["2026-01-01,1", "2026-01-02,two", "2026-01-03,3"], "'two' is no number"),
        (["2026-01-01,1", "2026-01-02,inf", "2026-01-03,3"], "'inf' is no number"),
        (["2026-01-01,1"], "has 1 values"),
        ([f"2026-01-0{d},1" for d in "1234"] + ["2026-01-05 06:00,2"], "2026-01-05 06:00 lies"),
        (["a,b,c,d"] * 3, r"is no table"),
        (["2026-01-01,1,5", "2026-01-02,2,5", "2026-01-03,3,5"], "is no table"),
        (["1926-01-01,1", *(f"2026-01-01 00:0{m},1" for m in "123")], "is a date wrong?"),
    ],
)
def test_a_fault_of_a_readers_file_is_answered_in_a_sentence(lines, message, tmp_path):
    with pytest.raises(ValueError, match=message) as caught:
        load_values(csv(tmp_path, *lines))
    assert "mine.csv" in str(caught.value) and "\n" not in str(caught.value)


def test_a_month_may_be_shorter_than_its_day(tmp_path):
    days = ["2026-01-30", "2026-02-28", "2026-03-30", "2026-05-30"]
    series, notes = load_values(csv(tmp_path, *(f"{day},1" for day in days)))
    assert len(series) == 5 and "the first at 2026-04-30" in notes[0]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("day,value", "no column 'date'; it has: 'day'"),
        ("date,value,value", "two columns 'value'"),
    ],
)
def test_a_missing_column_is_named_beside_those_that_there_are(head, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load_values(csv(tmp_path, "2026-01-01,1" + ",1" * (head.count(",") - 1), head=head))


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "mine.csv"
    for content in (b"", b"\xff\xfe\x00\x81\x00"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"no table|no column"):
            load_values(path)


def test_the_monthly_records_are_whole_but_for_five_months():
    warm = el_nino()
    assert len(warm) == 732 and warm.between(15, 32).all()
    by_month = warm.groupby(warm.index.month).mean()  # south of the equator, March is summer
    assert (
        by_month.idxmax() == 3 and by_month.idxmin() == 9 and warm["1983-06":"1983-06"].item() > 26
    )
    co2 = co2_by_month()
    assert co2.index.freqstr == "MS" and int(co2.isna().sum()) == 5


def test_halving_the_step_of_mackey_glass_halves_its_error_at_least():
    coarse, fine, finer = (mackey_glass(50, step=step) for step in (0.2, 0.1, 0.05))
    assert 2 * np.abs(fine - finer).max() < np.abs(coarse - fine).max() < 0.05
    assert 0.2 < fine.min() < fine.max() < 1.4
    for wrong in ({"every": 0.25}, {"delay": 0}, {"step": 0}):
        with pytest.raises(ValueError, match="must be multiples of the step"):
            mackey_glass(3, **wrong)
