"""Product reviews from the reader's own file: CSV, TSV, JSONL or Parquet, plain or gzip.

Python's csv and json modules and pyarrow do the reading. (pandas' CSV reader fills a row that is
too short with missing values, without a word: that row is what a reader must hear about.)
"""

import codecs
import collections
import csv
import gzip
import io
import itertools
import json
import numbers
import pathlib
import re
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
_LONGEST = 10_000_000  # characters in a line; what is longer is not read into memory


def load_reviews(path, columns=None, chunk=None, encoding="utf-8", delimiter=None, quoting=0):
    """Read reviews from a file of one's own.

    Args:
        path: a ``.csv``, ``.tsv``, ``.jsonl`` (one JSON object a line) or ``.parquet`` file, or
            one of these with ``.gz`` after its name. CSV and TSV have a header line.
        columns: mapping from ``stars``, ``text``, ``title`` or ``product`` to the file's own column
            name, where it is not one of the usual ones (``star_rating``, ``stars``, ``rating``,
            ``overall``, ``Score``; ``review_body``, ``reviewText``, ``text``; ``review_title``,
            ``title``, ``summary``; ``parent_asin``, ``product_id``, ``asin``). Each row of JSONL is
            asked for itself: a row may lack what is empty, or name it otherwise.
        chunk: None for one frame; or a number of reviews, for an iterator over frames of so many,
            of which only one need be in memory at a time.
        encoding: of a text file.
        delimiter: of a CSV or TSV file, where it is not a comma or a tab.
        quoting: the csv module's ``QUOTE_MINIMAL`` (0), or its ``QUOTE_NONE`` for a CSV or TSV file
            in which a quote is a character like any other, as in Amazon's own TSV files.

    Returns:
        pandas.DataFrame: columns ``stars`` (int, 1 to 5), ``text``, ``title`` and ``product``
        (empty where the file has none). A row without stars or without text is left out;
        ``frame.attrs["report"]`` is a sentence that says how many were. With ``chunk``, an
        iterator over such frames, each with the report so far; the last one may be empty.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file cannot be read as reviews; the message names file, row and remedy.
    """
    path, columns = pathlib.Path(path), columns or {}
    kind, zipped = _kind(path)
    dialect = {"delimiter": delimiter or {"TSV": "\t"}.get(kind, ","), "quoting": quoting}
    _check(chunk, columns, encoding, dialect)
    frames = _frames(_rows(path, kind, zipped, columns, encoding, dialect), path, chunk)
    return next(frames) if chunk is None else frames


def _kind(path):
    """What a file's name says that it is, and whether it is gzipped too."""
    plain_name = path.name.lower().removesuffix(".gz")
    kind = _KINDS.get(pathlib.PurePath(plain_name).suffix)
    if kind is None:
        endings = f"{', '.join(_KINDS)}, with or without .gz"
        _fail(path, "name", "it does not say what the file is", f"let it end in {endings}")
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}; check the name and the folder.")
    return kind, plain_name != path.name.lower()


def _check(chunk, columns, encoding, dialect):
    delimiter, quoting = dialect.values()
    if chunk is not None and not (isinstance(chunk, numbers.Integral) and chunk >= 1):
        raise ValueError(f"load_reviews: chunk must be at least 1, and whole; got {chunk!r}")
    if not isinstance(columns, dict):
        raise ValueError(
            f"load_reviews: columns must be {{'text': its name, ...}}; got {columns!r}"
        )
    if wrong := set(columns) - set(_ALIASES):
        raise ValueError(f"load_reviews: columns has {sorted(wrong)}; it may have {list(_ALIASES)}")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError(f"load_reviews: the delimiter must be one character; got {delimiter!r}")
    if quoting not in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        raise ValueError("load_reviews: quoting must be csv.QUOTE_MINIMAL or csv.QUOTE_NONE")
    try:
        io.TextIOWrapper(io.BytesIO(), codecs.lookup(encoding).name)
    except (LookupError, ValueError, TypeError):
        raise ValueError(
            f"load_reviews: there is no text encoding {encoding!r}; common ones are 'utf-8', "
            "'cp1252' and 'utf-16'"
        ) from None


def _frames(rows, path, chunk):
    import pandas as pd

    count = collections.Counter()

    def checked():
        for where, stars, *cells in rows:
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


def _rows(path, kind, zipped, columns, encoding, dialect):
    """Yield (where, stars, text, title, product) for each row, the cells as they are."""
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            _check_beginning(file, path, kind, encoding)
            if kind == "Parquet":
                yield from _parquet_rows(file, path, columns)
            elif kind == "JSONL":
                yield from _json_rows(_lines(file, path, encoding), path, columns)
            else:
                yield from _separated_rows(_lines(file, path, encoding), path, columns, dialect)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        remedy = "download it again, or take .gz off its name"
        _fail(path, "its bytes", f"not a whole gzip file ({error})", remedy, error)


def _check_beginning(file, path, kind, encoding):
    """Refuse a file that is empty, or whose first bytes say that it is something else."""
    start = file.read(4096)
    file.seek(0)
    if not start:
        _fail(path, "line 1", "the file is empty", "download or export it again")
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")) and kind != "Parquet":
        start = start.decode(encoding, "ignore").encode()
    beginnings = start, start.removeprefix(b"\xef\xbb\xbf").lstrip()
    signs = (what for sign, what in _SIGNS.items() if any(b.startswith(sign) for b in beginnings))
    seen = next(signs, "binary" if b"\0" in start else None)
    if seen not in (kind, None) or (kind == "Parquet" and seen is None):
        problem = f"its name says {kind}, its first bytes say {seen or 'text'}"
        remedy = "rename it, or export it as what its name says"
        remedy += "; or say encoding='utf-16'" if seen == "UTF-16" else ""
        _fail(path, "line 1", problem, remedy)


def _choose(names, columns, path, where):
    """The file's own name, or None, for each of stars, text, title and product."""
    chosen = {}
    for what, aliases in _ALIASES.items():
        found = [name for name in names if name == columns.get(what)]
        for alias in aliases if what not in columns else ():
            found = found or [name for name in names if name.casefold() == alias.casefold()]
        if len(found) > 1:
            _fail(path, where, f"two columns are called {found[0]!r}", "rename one of them")
        chosen[what] = found[0] if found else None
    return chosen


def _demand(chosen, names, columns, path):
    """Refuse a file without stars, without text or without a column that was asked for."""
    for what in ("stars", "text", *columns):
        if chosen[what] is None:
            asked = columns.get(what, ", ".join(_ALIASES[what]))
            problem = f"no column for the {what} ({asked}) among {str(names)[:200]}"
            remedy = f"name yours with columns={{{what!r}: ...}}"
            remedy += ", or the separator with delimiter=';'" if len(names) == 1 else ""
            _fail(path, "line 1", problem, remedy)


def _lines(file, path, encoding):
    """Decode line by line, so that a wrong byte is found in its line."""
    # A byte that the encoding does not know becomes half of a surrogate pair, which no text holds.
    remedy = "save the file as UTF-8, or say what it is in: encoding='cp1252', perhaps"
    with io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="") as text:
        for number in itertools.count(1):
            try:
                line = text.readline(_LONGEST + 1)
            except UnicodeError as error:  # of what is read ahead: somewhere below this line
                _fail(path, f"line {number}", f"not {encoding} ({error})", remedy, error)
            if wrong := re.search("[\udc80-\udcff]", line):
                problem = f"byte {ord(wrong[0]) - 0xDC00:#04x} is not {encoding}"
                _fail(path, f"line {number}", problem, remedy)
            if len(line) > _LONGEST:
                problem = f"it has more than {_LONGEST:,} characters"
                _fail(path, f"line {number}", problem, "write one review a line")
            if not line:
                return
            yield line.removeprefix("\ufeff" if number == 1 else "")


def _separated_rows(lines, path, columns, dialect):
    reader = csv.reader(lines, strict=True, **dialect)
    remedy = "look there, and above, for a quote that is not closed"
    if dialect["quoting"] != csv.QUOTE_NONE:
        remedy += "; where a quote is a character like any other, say quoting=csv.QUOTE_NONE"
    try:
        names = [name.strip() for name in next(reader, [])]
        chosen = _choose(names, columns, path, "line 1")
        _demand(chosen, names, columns, path)
        places = [None if name is None else names.index(name) for name in chosen.values()]
        for cells in filter(None, reader):
            where = f"line {reader.line_num}"
            if len(cells) != len(names):
                problem = f"{len(cells)} fields where the header has {len(names)}"
                quote = "put a text that holds the separator in quotes, or remove the row"
                _fail(path, where, problem, quote)
            # Between two stray quotes whole rows disappear, as if they were one text.
            if dialect["delimiter"] == "\t" and any("\t" in c and "\n" in c for c in cells):
                _fail(path, where, "a field holds tabs and line breaks", remedy)
            yield where, *(None if place is None else cells[place] for place in places)
    except csv.Error as error:
        _fail(path, f"line {reader.line_num}", str(error), remedy, error)


def _json_rows(lines, path, columns):
    first, known = [], {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("it is something else")
        except (ValueError, RecursionError) as error:
            problem = f"not one JSON object ({str(error)[:80]})"
            _fail(path, where, problem, "correct or remove that line", error)
        chosen = _choose(list(row), columns, path, where)
        first = first or list(row)
        known |= {what: name for what, name in chosen.items() if name is not None}
        yield where, *(row.get(name) for name in chosen.values())
    if first:
        _demand(dict.fromkeys(_ALIASES) | known, first, columns, path)


def _parquet_rows(file, path, columns):
    import pyarrow
    import pyarrow.parquet

    number = 0
    try:
        parquet = pyarrow.parquet.ParquetFile(file)
        names = parquet.schema_arrow.names
        chosen = _choose(names, columns, path, "line 1")
        _demand(chosen, names, columns, path)
        wanted = [name for name in chosen.values() if name is not None]
        for batch in parquet.iter_batches(4096, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", *(row.get(name) for name in chosen.values())
    except (pyarrow.ArrowException, OSError) as error:
        problem = f"not a whole Parquet file ({str(error)[:80]})"
        _fail(path, f"row {number + 1}", problem, "download or export it again", error)
