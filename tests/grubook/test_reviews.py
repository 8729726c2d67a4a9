import csv
import gzip
import json
import string
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grubook.data import fetch
from grubook.data.reviews import load_reviews

ROWS = [
    {"stars": 5, "text": 'Great, "really" great\nbox', "title": "Love it"},
    {"stars": 1, "text": "café — Müll 💖", "title": ""},
    {"stars": 4, "text": "fine", "title": "ok"},
]
FRAME = pd.DataFrame(ROWS)


def as_csv(frame, **settings):
    return frame.to_csv(index=False, lineterminator="\n", **settings).encode()


def as_jsonl(frame):
    rows = frame.to_dict("records")
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_parquet(frame):
    return frame.to_parquet(index=False)


WRITERS = {
    "r.csv": as_csv,
    "r.tsv": lambda frame: as_csv(frame, sep="\t"),
    "r.jsonl": as_jsonl,
    "r.json": as_jsonl,
    "r.parquet": as_parquet,
}


def written(folder, name, content):
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


@pytest.mark.parametrize("zipped", ["", ".gz"])
@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_reviews(tmp_path, name, zipped):
    frame = load_reviews(written(tmp_path, name + zipped, WRITERS[name](FRAME)))
    assert frame[["stars", "text", "title"]].to_dict("records") == ROWS
    assert frame["product"].tolist() == ["", "", ""]
    assert "3 rows read; left out: 0 without stars, 0 without text" in frame.attrs["report"]


@pytest.mark.parametrize(
    "names",
    [
        ("star_rating", "review_body", "review_title"),
        ("overall", "reviewText", "summary"),
        ("Score", "Text", "Summary"),
        ("rating", "text", "title"),
        ("stars", "review_body", "review_title"),
    ],
)
def test_the_published_column_names_are_known(tmp_path, names):
    renamed = FRAME.set_axis(list(names), axis=1).assign(user_id="someone", asin="B01")
    for name, writer in WRITERS.items():
        frame = load_reviews(written(tmp_path, name, writer(renamed)))
        assert frame["text"].tolist() == [row["text"] for row in ROWS]
        assert frame["product"].tolist() == ["B01"] * 3
        assert "someone" not in frame.to_string()


def test_other_columns_delimiters_and_encodings_can_be_given(tmp_path):
    renamed = FRAME.set_axis(["note", "Meinung", "Kopf"], axis=1)
    content = as_csv(renamed.replace("💖", "", regex=True), sep=";").decode().encode("cp1252")
    columns = {"stars": "note", "text": "Meinung"}
    path = written(tmp_path, "r.csv", content)
    frame = load_reviews(path, columns, delimiter=";", encoding="cp1252")
    assert frame["text"][1] == "café — Müll"
    assert frame["title"].tolist() == ["", "", ""]


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("stars", ["star_rating", "stars", "rating", "overall", "score"]),
        ("text", ["review_body", "reviewText", "text", "body"]),
        ("title", ["review_title", "title", "summary"]),
        ("product", ["parent_asin", "product_id", "asin"]),
    ],
)
def test_of_several_usual_columns_the_likeliest_is_read(tmp_path, what, names):
    needed = dict.fromkeys({"stars", "text"} - {what}, "1")
    ranked = {name: str(k + 1) for k, name in enumerate(names)}
    while ranked:  # without the likeliest, the next one
        frame = pd.DataFrame([needed | dict(reversed(ranked.items()))])
        found = load_reviews(written(tmp_path, "r.csv", as_csv(frame)))
        assert found[what].astype(str).tolist() == [ranked.pop(min(ranked, key=ranked.get))]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["r.csv", "r.tsv.gz", "r.jsonl"])
def test_unicode_is_read_with_and_without_a_byte_order_mark(tmp_path, name, encoding):
    text = WRITERS[name.removesuffix(".gz")](FRAME).decode()
    path = written(tmp_path, name, text.encode(encoding))
    found = load_reviews(path, encoding="utf-8" if "8" in encoding else encoding)
    assert found[["stars", "text", "title"]].to_dict("records") == ROWS


def test_lines_may_end_as_on_an_old_macintosh(tmp_path):
    for name in ("r.csv", "r.jsonl"):
        content = WRITERS[name](FRAME[1:]).replace(b"\n", b"\r")
        assert load_reviews(written(tmp_path, name, content))["stars"].tolist() == [1, 4]


def test_a_quote_may_be_a_character_like_any_other(tmp_path):
    path = written(tmp_path, "r.tsv", b'stars\ttext\n5\t"so" good\n4\t"well\n3\tthen"\n')
    with pytest.raises(ValueError, match=r"line 2: .* say quoting=csv\.QUOTE_NONE"):
        load_reviews(path)
    found = load_reviews(path, quoting=csv.QUOTE_NONE)
    assert found["text"].tolist() == ['"so" good', '"well', 'then"']


def test_two_stray_quotes_do_not_swallow_the_rows_between_them(tmp_path):
    path = written(tmp_path, "r.tsv", b'stars\ttext\n4\t"well\n3\tso\n2\tthen"\n')
    with pytest.raises(
        ValueError, match=r"line 4: a field holds tabs and line breaks; .*QUOTE_NONE"
    ):
        load_reviews(path)


def test_every_row_of_jsonl_is_asked_for_its_own_columns(tmp_path):
    rows = [{"stars": 5, "text": "a"}, {"rating": 4, "text": "b", "title": "t", "asin": "B1"}]
    rows += [{"rating": 3}, {"headline": "h", "stars": 2, "text": "c"}]
    path = written(tmp_path, "r.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
    found = load_reviews(path)
    assert found.to_numpy().tolist() == [[5, "a", "", ""], [4, "b", "t", "B1"], [2, "c", "", ""]]
    assert "left out: 0 without stars, 1 without text" in found.attrs["report"]
    assert load_reviews(path, {"title": "headline"})["title"].tolist() == ["", "", "h"]
    with pytest.raises(ValueError, match=r"line 1: no column for the title \(head\) among"):
        load_reviews(path, {"title": "head"})


@pytest.mark.parametrize("cell", ["5", " 5 ", "5.0", 5, 5.0])
def test_five_stars_can_be_written_in_many_ways(tmp_path, cell):
    path = written(tmp_path, "r.jsonl", json.dumps({"stars": cell, "text": "a"}).encode())
    assert load_reviews(path)["stars"].tolist() == [5]


def test_rows_without_stars_or_text_are_left_out_and_counted(tmp_path):
    frame = pd.DataFrame({"stars": ["5", "", "1", "2"], "text": ["a", "b", " ", "c"]})
    nothing = pd.DataFrame({"stars": [5.0, None, 1.0, 2.0], "text": ["a", "b", None, "c"]})
    for name, writer in WRITERS.items():
        for one in (frame, nothing):
            found = load_reviews(written(tmp_path, name, writer(one)))
            assert found["stars"].tolist() == [5, 2]
            expected = f"{name}: 4 rows read; left out: 1 without stars, 1 without text."
            assert found.attrs["report"] == expected


@pytest.mark.parametrize("name", WRITERS)
def test_chunks_hold_the_same_reviews_in_the_same_order(tmp_path, name):
    many = pd.DataFrame({"stars": [k % 5 + 1 for k in range(10)], "text": list("abcdefghij")})
    path = written(tmp_path, name, WRITERS[name](many))
    chunks = list(load_reviews(path, chunk=4))
    assert [len(chunk) for chunk in chunks] == [4, 4, 2]
    assert "".join(pd.concat(chunks)["text"]) == "abcdefghij"
    assert "10 rows read" in chunks[-1].attrs["report"]
    assert [len(chunk) for chunk in load_reviews(path, chunk=5)] == [5, 5, 0]


CSV = "stars,text,title\n5,good,yes\n"
FAULTS = {
    "missing column": ("r.csv", "stars,words\n5,a\n", "line 1: no column for the text", "columns="),
    "missing JSON key": ("r.jsonl", '{"stars": 5}\n', "line 1: no column for the text", "columns="),
    "semicolons": ("r.csv", "stars;text\n5;a\n", "no column for the stars", "delimiter=';'"),
    "short row": ("r.csv", CSV + "4,fine\n", "line 3: 2 fields where the header has 3", "quotes"),
    "long row": ("r.csv", CSV + "4,fine,ok,so\n", "line 3: 4 fields", "quotes"),
    "open quote": ("r.csv", CSV + '4,"fine,ok\n', "line 3: unexpected end of data", "quote"),
    "encoding": ("r.csv", CSV.encode() + b"4,caf\xe9,ok\n", "line 3: byte 0xe9", "cp1252"),
    "JSON encoding": ("r.jsonl", b'{"stars":5,"text":"\xe9"}', "line 1: byte 0xe9", "cp1252"),
    "empty": ("r.csv", "", "line 1: the file is empty", "export"),
    "only a header": ("r.csv", "stars,text\n", "line 1: no review follows", "export"),
    "no stars": ("r.csv", CSV + "0,bad,no\n", "line 3: '0' is not a whole number", "columns="),
    "false stars": ("r.jsonl", '{"stars": 0, "text": "a"}', "line 1: '0' is not", "columns="),
    "seven stars": ("r.csv", CSV + "7,bad,no\n", "line 3: '7' is not a whole number", "columns="),
    "half a star": ("r.jsonl", '{"stars": 4.5, "text": "a"}', "line 1: '4.5' is not", "columns="),
    "a star in words": ("r.csv", CSV + "five,a,b\n", "line 3: 'five' is not", "columns="),
    "true stars": ("r.jsonl", '{"stars": true, "text": "a"}', "line 1: 'True' is not", "columns="),
    "text is a number": ("r.jsonl", '{"stars": 5, "text": 5}', "line 1: the text is", "columns="),
    "broken JSON": ("r.jsonl", '{"stars": 5, "text": "a"}\n{"st', "line 2: not one JSON", "remove"),
    "JSON of a list": (
        "r.jsonl",
        '{"stars": 5, "text": "a"}\n[]',
        "line 2: not one JSON",
        "remove",
    ),
    "deep JSON": ("r.jsonl", '{"stars":' + "[" * 100_000, "line 1: not one JSON object", "remove"),
    "a JSON array": ("r.json", '[{"stars": 5}]', "one JSON array instead", "rename"),
    "JSON called CSV": ("r.csv", '{"stars": 5}', "its first bytes say JSONL", "rename"),
    "gzip called CSV": ("r.csv", gzip.compress(b"a"), "its first bytes say gzip", "rename"),
    "Excel called CSV": ("r.csv", b"PK\x03\x04\x14", "a ZIP or Excel file", "export it as"),
    "UTF-16": ("r.csv", CSV.encode("utf-16"), "first bytes say UTF-16", "encoding='utf-16'"),
    "two cases": ("r.csv", "stars,Text,text\n5,a,b\n", "line 1: two columns are", "rename"),
    "two JSON cases": ("r.jsonl", '{"stars":5,"text":"a","Text":""}', "line 1: two", "rename"),
    "a long field": ("r.csv", CSV + '4,"' + "x" * 132_000, "line 3: field larger", "not closed"),
    "a web page": ("r.csv", "<!DOCTYPE html>", "its first bytes say a web page", "export it as"),
    "binary": ("r.jsonl", b"\x89PNG\r\n\x1a\n\0\0", "its first bytes say binary", "export it as"),
    "CSV called Parquet": ("r.parquet", CSV, "its first bytes say text", "rename"),
    "half a Parquet": ("r.parquet", b"PAR1" + b"\1" * 50, "not a whole Parquet file", "again"),
    "two columns": ("r.csv", "stars,text,text\n5,a,b\n", "two columns are called", "rename"),
    "unknown ending": ("r.xlsx", "", "does not say what the file is", "let it end in .csv"),
    "no ending": ("reviews", "", "does not say what the file is", "let it end in .csv"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_answered_in_one_sentence_with_file_row_and_remedy(tmp_path, fault):
    name, content, problem, remedy = FAULTS[fault]
    content = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(ValueError) as caught:
        load_reviews(written(tmp_path, name, content))
    sentence = str(caught.value)
    assert sentence.startswith(f"{name}, ") and sentence.endswith(".")
    assert problem in sentence and remedy in sentence
    assert "\n" not in sentence and len(sentence) < 400


def test_half_a_character_is_a_wrong_byte(tmp_path):
    path = written(tmp_path, "r.csv", CSV.encode("utf-16") + b"\x34")
    with pytest.raises(ValueError, match=r"r\.csv, line \d: not utf-16 .*0x34 .*; save the file"):
        load_reviews(path, encoding="utf-16")
    path = written(tmp_path, "r.csv", CSV.encode("utf-16-le"))
    with pytest.raises(ValueError, match=r"line 1: not utf-16 .*does not start with BOM"):
        load_reviews(path, encoding="utf-16")


def test_a_damaged_gzip_file_is_called_one(tmp_path):
    whole = gzip.compress(as_csv(FRAME))
    for content in (b"stars,text\n5,a\n", whole[:-9], whole[:30] + b"\0\0\0\0" + whole[34:]):
        path = tmp_path / "r.csv.gz"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"r\.csv\.gz, its bytes: not a whole gzip file"):
            load_reviews(path)


def test_products_may_be_numbers_and_headers_may_have_spaces(tmp_path):
    row = {"stars": 5, "text": "a", "product_id": 17}
    frame = load_reviews(written(tmp_path, "r.jsonl", json.dumps(row).encode()))
    assert frame["product"].tolist() == ["17"]
    assert len(load_reviews(written(tmp_path, "r.csv", b"stars, text\n5, a\n"))) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": {"star": "stars"}}, "columns has .'star'.; it may have"),
        ({"columns": {"text": "body"}}, r"no column for the text \(body\)"),
        ({"columns": {"title": "TITLE"}}, r"no column for the title \(TITLE\)"),
        ({"columns": ["stars"]}, "columns must be {'text': its name, ...}; got ..stars"),
        ({"chunk": 0}, "chunk must be at least 1, and whole; got 0"),
        ({"chunk": "10"}, "chunk must be at least 1, and whole; got '10'"),
        ({"chunk": 2.5}, "chunk must be at least 1, and whole; got 2.5"),
        ({"encoding": None}, "no text encoding None"),
        ({"delimiter": ";;"}, "delimiter must be one character; got ';;'"),
        ({"delimiter": '"'}, "delimiter must be one character"),
        ({"quoting": csv.QUOTE_NONNUMERIC}, "quoting must be csv.QUOTE_MINIMAL or"),
        ({"encoding": "utf-9"}, "no text encoding 'utf-9'"),
        ({"encoding": "hex"}, "no text encoding 'hex'"),
    ],
)
def test_misuse_is_answered_with_a_sentence(tmp_path, options, message):
    path = written(tmp_path, "r.csv", CSV.encode())
    with pytest.raises(ValueError, match=message):
        load_reviews(path, **options)
    with pytest.raises(FileNotFoundError, match="check the name and the folder"):
        load_reviews(tmp_path / "none.csv")


CELL = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just([])
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_rubbish_is_read_or_refused_in_one_sentence(tmp_path, data):
    name = data.draw(st.sampled_from([n + z for n in WRITERS for z in ("", ".gz")]))
    if data.draw(st.booleans()):  # a good beginning
        content = WRITERS[name.removesuffix(".gz")](FRAME)
        cut = data.draw(st.integers(0, len(content)))
        content = content[:cut] + data.draw(st.binary(max_size=40)) + content[cut:]
    else:
        content = data.draw(st.binary(max_size=200))
    read_or_refused(written(tmp_path, name, content))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"stars": CELL, "text": CELL, "title": CELL}), min_size=1))
def test_any_json_values_are_read_or_refused_in_one_sentence(tmp_path, rows):
    lines = "\n".join(json.dumps(row) for row in rows)
    read_or_refused(written(tmp_path, "r.jsonl", lines.encode()))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=string.printable + "é💖\x00", max_size=80))
def test_any_text_survives_a_csv_file(tmp_path, text):
    content = as_csv(pd.DataFrame({"stars": [3, 4], "text": [text, "end"]}))
    frame = read_or_refused(written(tmp_path, "r.csv", content))
    if frame is not None and "\r" not in text:
        expected = [text.strip(), "end"] if text.strip() else ["end"]
        assert frame["text"].tolist() == expected


def read_or_refused(path):
    try:
        frame = load_reviews(path)
    except ValueError as error:
        assert str(error).startswith(f"{path.name}, ") and "\n" not in str(error)
        return None
    assert frame["stars"].between(1, 5).all() and frame["text"].str.len().gt(0).all()
    frame["text"].str.encode("utf-8")
    return frame


def test_the_sample_of_the_book_loads_whole():
    frame = load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])
    report = "16,216 rows read; left out: 0 without stars, 11 without text."
    assert frame.attrs["report"] == f"amazon_reviews.jsonl.gz: {report}"
    assert list(frame) == ["stars", "text", "title", "product"] and len(frame) == 16_205


MEASURE = """
import resource, sys
import pandas
from grubook.data.reviews import load_reviews
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(sum(len(frame) for frame in load_reviews(sys.argv[1], chunk=5000)))
except ValueError as error:
    print(error)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) * (1 if sys.platform == "darwin" else 1024))
"""


def measured(path):
    """What is printed on reading a file in chunks, and by how many bytes the peak memory grows."""
    command = [sys.executable, "-c", MEASURE, str(path)]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    path.unlink()
    said, growth = answer.splitlines()
    return said, int(growth)


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is read in the Unix way")
@pytest.mark.parametrize("name", ["r.jsonl", "r.csv"])
def test_in_chunks_a_large_file_takes_a_fraction_of_its_size(tmp_path, name):
    row, many = {"stars": 5, "text": "x" * 1000}, 100_000
    header, line = WRITERS[name](pd.DataFrame([row])).rpartition(b"\n")[0].rpartition(b"\n")[::2]
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(header + b"\n" if header else b"")
        for _ in range(many):
            file.write(line + b"\n")
    assert path.stat().st_size > 100e6
    said, growth = measured(path)
    assert said == str(many) and growth < 50e6


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is read in the Unix way")
def test_a_gzip_file_that_swells_is_not_read_into_memory(tmp_path):
    path = tmp_path / "r.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(200):
            file.write(b" " * 1_000_000)
    said, growth = measured(path)
    assert "line 1: it has more than 10,000,000 characters" in said and growth < 100e6
