import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grubook.data.series import load_series

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
