"""Lines of a file that may be compressed, never more of one line in memory than a record may have."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from streams.gateway.file_error import FileError


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, uncompressed. Raises FileError for everything that reading can meet."""
    try:
        with path.open("rb") as plain:
            if path.suffix == ".gz":
                with gzip.open(plain) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield plain
    except (OSError, EOFError, zlib.error) as error:  # gzip.BadGzipFile is an OSError
        raise FileError(path, None, None, str(error), "a file that can be read") from None


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """The same as UTF-8 text, with or without a byte order mark."""
    with open_bytes(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        try:
            yield text
        except UnicodeDecodeError as error:
            raise FileError(path, None, None, f"byte {error.object[error.start]:#04x}", "text in UTF-8") from None


def numbered_lines(path: Path, limit: int) -> Iterator[tuple[int, bytes]]:
    """Each line that is not blank with its number. Raises FileError for one beyond the limit."""
    with open_bytes(path) as file:
        number = 0
        while line := file.readline(limit + 2):
            number += 1
            if len(line.rstrip(b"\r\n")) > limit:
                expected = f"at most {limit:,} bytes, what a record of the topic may have"
                raise FileError(path, number, None, f"a line of more than {limit:,} bytes", expected, "too large")
            if line.strip():
                yield number, line.rstrip(b"\r\n")
