"""Reviews in many files: which files there are, one file in pieces, and what went wrong in words.

An engine such as Ray runs these in many processes at once; nothing here knows which engine.
"""

import contextlib
import errno
import pathlib

from grubook.data.reviews import load_reviews

__all__ = ["find_shards", "plainly", "read_shard"]

_ENDINGS = (".csv", ".tsv", ".jsonl", ".json", ".parquet")


def find_shards(folder):
    """List the files of a folder, and of the folders in it, that hold reviews.

    What an engine itself leaves there, whose name begins with a dot or an underscore (``_SUCCESS``,
    ``.part-0.crc``), is no shard. Any other file that `load_reviews` cannot read is an error: left
    out in silence, its reviews would be missing without a word.

    Args:
        folder: path of the folder.

    Returns:
        list of pathlib.Path, sorted by their place in the folder

    Raises:
        FileNotFoundError: there is no such folder, or no shard in it.
        ValueError: a file is there whose name does not say how it is to be read.
    """
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}; check the name.")
    files = [path for path in folder.rglob("*") if path.is_file()]
    own = [f for f in files if not any(p[0] in "._" for p in f.relative_to(folder).parts)]
    for path in own:
        if not path.name.lower().removesuffix(".gz").endswith(_ENDINGS):
            raise ValueError(
                f"{path.relative_to(folder)} in {folder.name} is no shard: its name ends in none "
                f"of {', '.join(_ENDINGS)}, with or without .gz; move it elsewhere or rename it."
            )
    if not own:
        raise FileNotFoundError(
            f"The folder {folder} has no shard: no file whose name ends in {', '.join(_ENDINGS)}."
        )
    return sorted(own, key=lambda path: path.relative_to(folder).as_posix() + "#")


def read_shard(path, folder, chunk=1000, **options):
    """Read one shard in pieces, of which only one need be in memory at a time.

    Args:
        path: the shard.
        folder: the folder that it was found in; its reviews are named by their place there.
        chunk: reviews in a piece.
        options: more of `load_reviews`, such as ``columns``.

    Yields:
        pandas.DataFrame: the columns of `load_reviews`, and first ``id``, the shard and the number
        of the review in it (``day-1.csv#000000017``): sorted by it, all reviews are in the order of
        `find_shards`; and last ``report``, empty but in the shard's last row. That row is no
        review: it has the shard as its id, no text, and the loader's sentence on what was left out.

    Raises:
        FileNotFoundError, ValueError: as `load_reviews` does; the message names the shard.
    """
    import pandas as pd

    name, row = path.relative_to(folder).as_posix(), 0
    for frame in load_reviews(path, chunk=chunk, **options):
        report = frame.attrs["report"]
        numbers = range(row, row + len(frame))
        frame.insert(0, "id", pd.Series([f"{name}#{i:09d}" for i in numbers], dtype=object))
        row += len(frame)
        yield frame.assign(report="")
    empty = {"id": name, "stars": 0, "text": "", "title": "", "product": "", "report": report}
    yield pd.DataFrame([empty])


@contextlib.contextmanager
def plainly(doing):
    """Say in one sentence what stopped the processes of an engine, instead of their tracebacks.

    Args:
        doing: str, what is being done, for the sentence about a full disk.

    Raises:
        ValueError, OSError: what a process raised of these kinds, with its own message and without
            what the engine put around it; any other error is left as it is.
    """
    try:
        yield
    except Exception as error:
        cause = error
        # Engines wrap an error, some twice; below the book's own ValueError is a library's.
        while inner := getattr(cause, "cause", None) or _wrapped(cause):
            cause = inner
        if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
            message = f"The disk is full while {doing}; make room, and start again from there."
            raise OSError(errno.ENOSPC, message) from None
        if isinstance(cause, ValueError | OSError):
            # Ray adds lines about its retries to what was said in one.
            first, *others = cause.args or ("",)
            raise type(cause)(str(first).partition("\nFailed to ")[0], *others) from None
        raise


def _wrapped(error):
    return None if isinstance(error, ValueError | OSError) else error.__cause__
