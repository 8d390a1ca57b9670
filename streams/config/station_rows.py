"""The rows of stations.csv, many at a time, and their cells by column."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.config.problems import Report, Words

CHUNK = 32_768
Texts = list[str]


@dataclass(slots=True)
class Chunk:
    """Some rows that follow each other, and the line where each begins."""

    rows: list[Texts]
    lines: list[int]


def chunks(text: Iterable[str], report: Report) -> Iterator[Chunk]:
    """All rows of some lines of text, the header first in the first one."""
    reader = csv.reader(text, strict=True)
    chunk, line = Chunk([], []), 1
    try:
        for cells in reader:
            chunk.rows.append(cells)
            chunk.lines.append(line)
            line = reader.line_num + 1
            if len(chunk.rows) == CHUNK:
                yield chunk
                chunk = Chunk([], [])
    except csv.Error as error:
        if chunk.rows:
            yield chunk
            chunk = Chunk([], [])
        report.error(
            (line, None), "", Words(f"{error} (in the row that begins here)"), "CSV: cells with commas in double quotes"
        )
    if chunk.rows:
        yield chunk


class Cells:
    """The cells of some rows by column, without blanks around them."""

    def __init__(self, columns: list[str], rows: list[Texts]) -> None:
        width, self.count = len(columns), len(rows)
        self.too_many = [n for n, row in enumerate(rows) if len(row) > width and any(map(str.strip, row[width:]))]
        if any(len(row) != width for row in rows):
            rows = [(row + [""] * (width - len(row)))[:width] for row in rows]
        self._given = {
            name: list(map(str.strip, column)) for name, column in zip(columns, zip(*rows, strict=True), strict=True)
        }
        self._blank = [""] * self.count

    def has(self, *names: str) -> bool:
        """Whether any row says something in one of these columns."""
        return any(any(self._given.get(name, ())) for name in names)

    def texts(self, name: str) -> Texts:
        """A column; one that the file does not have is blank."""
        return self._given.get(name, self._blank)
