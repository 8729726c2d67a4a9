"""Product reviews from the reader's own file: CSV, TSV, JSONL or Parquet, plain or gzip.

Python's csv and json modules and pyarrow do the reading. (pandas' CSV reader fills a row that is
too short with missing values, without a word: that row is what a reader must hear about.)
"""

import collections
import csv
import gzip
import itertools
import json
import pathlib
import shutil
import tempfile
import zlib

__all__ = ["load_reviews"]

# The names that published review sets give to what is needed, the likeliest first, compared
# without regard to case. Everything else, a reviewer's identity above all, is dropped on loading.
_ALIASES = {
    "stars": ["star_rating", "stars", "rating", "overall", "score"],
    "text": ["review_body", "reviewText", "text", "review_text", "body"],
    "title": ["review_title", "title", "summary"],
    "product": ["parent_asin", "product_id", "productId", "asin"],
}
_KINDS = {".csv": "CSV", ".tsv": "TSV", ".jsonl": "JSONL", ".json": "JSONL", ".parquet": "Parquet"}
_SIGNS = {
    b"PAR1": "Parquet",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a ZIP or Excel file",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"<": "a web page",
    b"[": "one JSON array instead of one object a line",
    b"{": "JSONL",
}


def load_reviews(path, columns=None, chunk=None, encoding="utf-8", delimiter=None):
    """Read reviews from a file of one's own.

    Args:
        path: a ``.csv``, ``.tsv``, ``.jsonl`` (one JSON object a line) or ``.parquet`` file, or
            one of these with ``.gz`` after its name. CSV and TSV have a header line.
        columns: mapping from ``stars``, ``text``, ``title`` or ``product`` to the file's own column
            name, where it is not one of the usual ones (``star_rating``, ``stars``, ``rating``,
            ``overall``, ``Score``; ``review_body``, ``reviewText``, ``text``; ``review_title``,
            ``title``, ``summary``; ``parent_asin``, ``product_id``, ``asin``).
        chunk: None for one frame; or a number of reviews, for an iterator over frames of so many,
            of which only one need be in memory at a time.
        encoding: of a text file.
        delimiter: of a CSV or TSV file, where it is not a comma or a tab.

    Returns:
        pandas.DataFrame: columns ``stars`` (int, 1 to 5), ``text``, ``title`` and ``product``
        (empty where the file has none). A row without stars or without text is left out;
        ``frame.attrs["report"]`` is a sentence that says how many were. With ``chunk``, an
        iterator over such frames, each with the report so far; the last one may be empty.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file cannot be read as reviews; the message names file, row and remedy.
    """
    if chunk is not None and chunk < 1:
        raise ValueError(f"load_reviews: chunk must be at least 1; got {chunk}")
    frames = _frames(pathlib.Path(path), columns or {}, chunk, encoding, delimiter)
    return next(frames) if chunk is None else frames


def _frames(path, columns, chunk, encoding, delimiter):
    import pandas as pd

    count = collections.Counter()

    def checked():
        for where, stars, *cells in _rows(path, columns, encoding, delimiter):
            count["rows"] += 1
            stars = _stars(stars, path, where)
            named = zip(("text", "title", "product"), cells, strict=True)
            text, title, product = (_text(cell, what, path, where) for what, cell in named)
            if stars and text:
                yield stars, text, title, product
            else:
                count["text" if stars else "stars"] += 1

    reviews, more = checked(), True
    while more:
        found = list(itertools.islice(reviews, chunk))
        more = chunk is not None and len(found) == chunk
        if not count["rows"]:
            _fail(path, "line 1", "no review follows", "export the file again")
        frame = pd.DataFrame(found, columns=list(_ALIASES)).astype({"stars": int})
        frame.attrs["report"] = (
            f"{path.name}: {count['rows']:,} rows read; left out: {count['stars']:,} without "
            f"stars, {count['text']:,} without text."
        )
        yield frame


def _fail(path, where, problem, remedy, cause=None):
    problem = " ".join(problem.split())  # a library's message may be many lines
    raise ValueError(f"{path.name}, {where}: {problem}; {remedy}.") from cause


def _missing(cell):
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def _stars(cell, path, where):
    """An int from 1 to 5; 0 where the file says nothing."""
    if _missing(cell):
        return 0
    try:
        number = -1 if isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number not in (1, 2, 3, 4, 5):
        problem = f"{str(cell)[:30]!r} is not a whole number of stars from 1 to 5"
        _fail(path, where, problem, "correct it, or name the column with columns={'stars': ...}")
    return int(number)


def _text(cell, what, path, where):
    if _missing(cell):
        return ""
    if what == "product" and isinstance(cell, int):
        cell = str(cell)
    if not isinstance(cell, str):
        remedy = f"correct it, or name the column with columns={{{what!r}: ...}}"
        _fail(path, where, f"the {what} is not text but {str(cell)[:30]!r}", remedy)
    # JSON can spell half of a surrogate pair, which no encoder takes later.
    return cell.encode("utf-8", "replace").decode("utf-8").strip()


def _rows(path, columns, encoding, delimiter):
    """Yield (where, stars, text, title, product) for each row, the cells as they are."""
    plain_name = path.name.lower().removesuffix(".gz")
    zipped = plain_name != path.name.lower()
    kind = _KINDS.get(pathlib.PurePath(plain_name).suffix)
    if kind is None:
        endings = f"{', '.join(_KINDS)}, with or without .gz"
        _fail(path, "name", "it does not say what the file is", f"let it end in {endings}")
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}; check the name and the folder.")
    if wrong := set(columns) - set(_ALIASES):
        raise ValueError(f"load_reviews: columns has {sorted(wrong)}; it may have {list(_ALIASES)}")
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            start = file.read(4096)
            file.seek(0)
            if not start:
                _fail(path, "line 1", "the file is empty", "download or export it again")
            seen = _seen(start)
            if seen not in (kind, None) or (kind == "Parquet" and seen is None):
                problem = f"its name says {kind}, its first bytes say {seen or 'text'}"
                _fail(path, "line 1", problem, "rename it, or export it as what its name says")
            if kind == "Parquet":
                yield from _parquet_rows(file, path, columns, zipped)
            elif kind == "JSONL":
                yield from _json_rows(_lines(file, path, encoding), path, columns)
            else:
                comma = delimiter or {"CSV": ",", "TSV": "\t"}[kind]
                yield from _separated_rows(_lines(file, path, encoding), path, columns, comma)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        remedy = "download it again, or take .gz off its name"
        _fail(path, "its bytes", f"not a whole gzip file ({error})", remedy, error)


def _seen(start):
    """What the first bytes of a file say it is; None for some other text."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for sign, kind in _SIGNS.items():
        if start.startswith(sign) or text.startswith(sign):
            return kind
    return "binary" if b"\0" in start else None


def _choose(names, columns, path):
    """The file's own name, or None, for each of stars, text, title and product."""
    folded = {name.casefold(): name for name in reversed(names)}
    chosen = []
    for what, aliases in _ALIASES.items():
        asked = [columns[what]] if what in columns else aliases
        exact = (name if what in columns else folded.get(name.casefold()) for name in asked)
        name = next((name for name in exact if name in names), None)
        if name is None and (what in columns or what in ("stars", "text")):
            problem = f"no column for the {what} ({', '.join(asked)}) among {str(names)[:200]}"
            remedy = f"name yours with columns={{{what!r}: ...}}"
            if len(names) == 1:
                remedy += ", or the separator with delimiter=';'"
            _fail(path, "line 1", problem, remedy)
        if name is not None and names.count(name) > 1:
            _fail(path, "line 1", f"two columns are called {name!r}", "rename one of them")
        chosen.append(name)
    return chosen


def _lines(file, path, encoding):
    """Decode line by line, so that a wrong byte is found in its line."""
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode(encoding).removeprefix("\ufeff" if number == 1 else "")
        except UnicodeDecodeError as error:
            problem = f"byte {line[error.start]:#04x} is not {encoding}"
            remedy = "save the file as UTF-8, or say what it is in: encoding='cp1252', perhaps"
            _fail(path, f"line {number}", problem, remedy, error)


def _separated_rows(lines, path, columns, delimiter):
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        places = [None if n is None else names.index(n) for n in _choose(names, columns, path)]
        for cells in reader:
            where = f"line {reader.line_num}"
            if cells and len(cells) != len(names):
                problem = f"{len(cells)} fields where the header has {len(names)}"
                remedy = "put a text that holds the separator in quotes, or remove the row"
                _fail(path, where, problem, remedy)
            if cells:
                yield where, *(None if place is None else cells[place] for place in places)
    except csv.Error as error:
        remedy = "look there, and above, for a quote that is not closed"
        _fail(path, f"line {reader.line_num}", str(error), remedy, error)


def _json_rows(lines, path, columns):
    chosen = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("it is something else")
        except (ValueError, RecursionError) as error:
            problem = f"not one JSON object ({str(error)[:80]})"
            _fail(path, f"line {number}", problem, "correct or remove that line", error)
        chosen = chosen or _choose(list(row), columns, path)
        yield f"line {number}", *(row.get(name) for name in chosen)


def _parquet_rows(file, path, columns, zipped):
    import pyarrow
    import pyarrow.parquet

    with tempfile.TemporaryFile() as plain:
        if zipped:  # Parquet is read from its end, which a gzip stream cannot do
            shutil.copyfileobj(file, plain)
            file = plain
        number = 0
        try:
            parquet = pyarrow.parquet.ParquetFile(file)
            chosen = _choose(parquet.schema_arrow.names, columns, path)
            wanted = [name for name in chosen if name is not None]
            for batch in parquet.iter_batches(4096, columns=wanted):
                for row in batch.to_pylist():
                    number += 1
                    yield f"row {number}", *(row.get(name) for name in chosen)
        except (pyarrow.ArrowException, OSError) as error:
            problem = f"not a whole Parquet file ({str(error)[:80]})"
            _fail(path, f"row {number + 1}", problem, "download or export it again", error)
