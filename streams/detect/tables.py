"""Tables in files: text with separators, and arrays."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import numpy as np

from detectors.base import Floats
from streams.detect.cells import as_numbers, first_wrong, is_missing, is_number, mostly_numbers
from streams.gateway.file_error import FileError
from streams.gateway.lines import open_bytes

ARRAY = "data"  # the name of the array in an npz file
_ZIP = b"PK\x03\x04"


class Table(Protocol):
    """Columns by name or number, and which line of the file each row is."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def names(self) -> Sequence[str]:
        """Of the columns."""

    @property
    def lines(self) -> Sequence[int]:
        """Of the rows."""

    def texts(self, column: int) -> list[str]:
        """The cells as they stand there."""

    def numbers(self, column: int) -> Floats:
        """The cells as numbers, NaN = missing. Raises FileError for any other."""

    def numeric(self, column: int) -> bool:
        """Whether the column is one of numbers."""


class TextTable:
    """CSV, or text with runs of blanks between the cells. Cells of columns that nobody asks for are not looked at."""

    def __init__(self, path: Path, separator: str) -> None:
        self.path = path
        self._rows: list[list[str]] = []
        self.lines: list[int] = []
        for line, cells in _rows(path, separator):
            if not self._rows and _is_blank(cells):
                continue
            self._rows.append(cells)
            self.lines.append(line)
        if not self._rows:
            raise FileError(path, None, None, "no rows", "a table")
        self.header = not all(is_number(cell) or (cell.strip() and is_missing(cell)) for cell in self._rows[0])
        width = len(self._rows[0])
        self.names: list[str] = (
            [name.strip() for name in self._rows[0]] if self.header else list(map(str, range(width)))
        )
        if self.header:
            del self._rows[0], self.lines[0]
        self._keep_blank_rows(alone=width == 1)

    def _keep_blank_rows(self, *, alone: bool) -> None:
        """A blank line is no row, but among the values of a single column it is a missing one."""
        while self._rows and _is_blank(self._rows[-1]):
            del self._rows[-1], self.lines[-1]
        if not alone:
            kept = [row for row, cells in enumerate(self._rows) if not _is_blank(cells)]
            self._rows, self.lines = [self._rows[row] for row in kept], [self.lines[row] for row in kept]

    def texts(self, column: int) -> list[str]:
        """The cells as they stand there."""
        short = next((row for row, cells in enumerate(self._rows) if len(cells) <= column), None)
        if short is not None:
            found = f"{len(self._rows[short])} columns"
            raise FileError(self.path, self.lines[short], self.names[column], found, f"at least {column + 1}")
        return [cells[column] for cells in self._rows]

    def numbers(self, column: int) -> Floats:
        """The cells as numbers."""
        texts = self.texts(column)
        wrong = first_wrong(texts)
        if wrong is not None:
            expected = "a number, or nothing, NA, NaN or null where one is missing"
            raise FileError(self.path, self.lines[wrong], self.names[column], repr(texts[wrong]), expected)
        return as_numbers(texts)

    def numeric(self, column: int) -> bool:
        """Whether the column is one of numbers."""
        return mostly_numbers([cells[column] for cells in self._rows if len(cells) > column])


def _is_blank(cells: list[str]) -> bool:
    return len(cells) == 1 and not cells[0].strip()


class ArrayTable:
    """The array `data` of an npz file: [n], or [n, columns]. A row's line is its number from 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._array = _array(path)
        self.names = list(map(str, range(self._array.shape[1])))
        self.lines = range(1, len(self._array) + 1)

    def texts(self, column: int) -> list[str]:
        """The numbers in their shortest form."""
        return [repr(one) for one in self.numbers(column).tolist()]

    def numbers(self, column: int) -> Floats:
        """The numbers of a column."""
        return self._array[:, column].astype(np.float64)

    def numeric(self, column: int) -> bool:  # noqa: ARG002 - all of them are
        """All columns are."""
        return True


def is_npz(path: Path) -> bool:
    """Whether a file is one of arrays, whatever it is called, or is called so."""
    with open_bytes(path) as file:
        return file.read(len(_ZIP)) == _ZIP or path.suffix == ".npz"


def _array(path: Path) -> Floats:
    with open_bytes(path) as file:
        content = file.read()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            names = list(arrays)
            found = arrays[ARRAY] if ARRAY in names else None
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise FileError(path, None, None, str(error), "an npz file") from None
    if found is None:
        raise FileError(path, None, None, f"arrays {', '.join(names)}", f"an array {ARRAY!r}")
    if found.ndim not in {1, 2} or found.dtype.kind not in "fiub":
        raise FileError(path, None, ARRAY, f"{found.dtype} of shape {found.shape}", "numbers in rows and columns")
    return cast("Floats", found if found.ndim > 1 else found[:, None])


def _utf8(path: Path, raw: BinaryIO) -> BinaryIO:
    """The same file from its beginning, if it does not say that it is something else."""
    first = raw.read(2)
    raw.seek(0)
    if first in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\0" in first:
        raise FileError(path, 1, None, "a file in UTF-16", "UTF-8: save it again as that")
    return raw


def _rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells. Bytes that are no UTF-8 stay what they are: they may be in a column that nobody asks for."""
    with (
        open_bytes(path) as raw,
        io.TextIOWrapper(_utf8(path, raw), encoding="utf-8-sig", errors="surrogateescape", newline="") as text,
    ):
        if separator == " ":
            yield from ((line, cells) for line, row in enumerate(text, start=1) if (cells := row.split()))
            return
        reader = csv.reader(text, delimiter=separator)
        try:
            yield from ((reader.line_num, cells or [""]) for cells in reader)
        except csv.Error as error:
            raise FileError(path, reader.line_num, None, str(error), f"CSV with {separator!r} between cells") from None
