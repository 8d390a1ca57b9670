"""`reaches.csv`: the river graph. Each reach, where its water goes, and how far that is."""

import csv
import math
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from streams.config.problems import Report, Words, listed
from streams.config.text_file import read_text
from streams.models.ids import ID_FORM, is_id
from streams.models.site import Reach

LIMIT = 50_000_000
COLUMNS = ("reach", "downstream", "length_m")
_FORM = f"a header: {','.join(COLUMNS)}"


def read_reaches(path: Path, report: Report) -> dict[str, Reach]:
    """Reaches by id, in the order of the file, which may be missing."""
    text = read_text(path, report, LIMIT, optional=True)
    found: dict[str, Reach] = {}
    lines: dict[str, int] = {}
    if text is None:
        return found
    reader, line = csv.reader(StringIO(text, newline=""), strict=True), 1
    try:
        columns = _columns(next(reader, []), report)
        for cells in reader if columns else ():
            line, first = reader.line_num, line + 1
            given = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
            one = _reach(given, len(cells) - len(columns), first, report) if any(given.values()) else None
            if one is not None and one.id in found:
                report.error((first, None), "column reach", one.id, f"each reach once (first in line {lines[one.id]})")
            elif one is not None:
                found[one.id], lines[one.id] = one, first
    except csv.Error as error:
        report.error((line + 1, None), "", Words(str(error)), "CSV: cells with commas in double quotes")
        return {}
    _check(found, lines, report)
    return found


def _columns(header: list[str], report: Report) -> list[str]:
    columns = [cell.strip() for cell in header]
    for name in columns:
        if name not in COLUMNS or columns.count(name) > 1:
            report.error((1, None), "header", name, f"the columns {', '.join(COLUMNS)}, each once", COLUMNS)
            return []
    missing = [name for name in ("reach", "downstream") if name not in columns]
    if missing:
        report.error((1, None), "header", Words(f"no column {', '.join(missing)}"), _FORM)
    return [] if missing else columns


def _reach(given: dict[str, str], more: int, line: int, report: Report) -> Reach | None:
    name, downstream = given["reach"], given.get("downstream") or None
    good = True
    if more > 0:
        report.error((line, None), "", Words(f"{more} cells too many"), _FORM)
        good = False
    for column, text in (("reach", name), ("downstream", downstream)):
        if (text is not None or column == "reach") and not is_id(text or ""):
            report.error((line, None), f"column {column}", text or None, ID_FORM)
            good = False
    length = _length(given.get("length_m", ""))
    if length is None:
        report.error((line, None), "column length_m", given["length_m"], "metres to the reach below, 0 or more")
    return Reach(name, downstream, length) if good and length is not None else None


def _length(text: str) -> float | None:
    try:
        length = float(text or 0) if "_" not in text else math.nan
    except ValueError:
        return None
    return length if 0 <= length < math.inf else None


def _check(found: dict[str, Reach], lines: dict[str, int], report: Report) -> None:
    for one in found.values():
        if one.downstream is not None and one.downstream not in found:
            report.error((lines[one.id], None), "column downstream", one.downstream, f"one of {listed(found)}", found)
    for circle in _circles(found):
        words = Words(" → ".join((*circle[:10], *(["…"] if len(circle) > 10 else []), circle[0])))
        expected = "a river that does not flow back into itself"
        report.error((lines[circle[0]], None), "column downstream", words, expected)


def _circles(found: dict[str, Reach]) -> Iterator[list[str]]:
    """Ways down that come back to where they began; every reach is walked through once."""
    seen: set[str] = set()
    for start in found:
        way: dict[str, int] = {}
        at: str | None = start
        while at in found and at is not None and at not in seen:
            way[at] = len(way)
            seen.add(at)
            at = found[at].downstream
        if at is not None and at in way:
            yield list(way)[way[at] :]
