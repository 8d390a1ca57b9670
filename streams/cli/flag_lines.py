"""Flagged values as CSV or JSON lines, and how many there were in one sentence."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from streams.config.problems import nearest_name
from streams.flags import FlagLine, Wanted
from streams.models.site import Site
from streams.models.times import format_time

COLUMNS = (
    "station", "property", "status", "time", "received", "source", "place", "row", "given", "given_unit", "value",
    "unit", "flag", "check", "bound", "also", "outcome", "reason", "detail", "trusted",
)  # fmt: skip
WORDS = {
    "flag 1": "good", "flag 3": "suspect", "flag 4": "failed", "flag 9": "missing", "repeat": "repeats",
    "rejected": "rejected", "silent": "silences", "compared": "words of neighbours",
}  # fmt: skip


def fields_of(line: FlagLine, zone: tzinfo) -> dict[str, Any]:
    """A line as a JSON object, in the order of COLUMNS; what there is not is null."""
    row, is_row = line.row, line.place is not None
    return {
        "station": row.station, "property": row.property, "status": row.status,
        "time": None if row.time is None else format_time(row.time, zone), "received": format_time(row.received, zone),
        "source": line.source, "place": line.place, "row": row.row if is_row else None,
        "given": _number(row.given), "given_unit": row.given_unit, "value": _number(row.value, 12), "unit": row.unit,
        "flag": row.flag, "check": row.check, "bound": row.bound, "also": list(row.also), "outcome": row.outcome,
        "reason": row.reason, "detail": row.detail, "trusted": line.trusted,
    }  # fmt: skip


def _number(value: float, digits: int = 17) -> float | None:
    """None where there is no value; of converted ones twelve digits, so that the conversion does not show."""
    return float(f"{value:.{digits}g}") if value - value == 0 else None


def json_line(line: FlagLine, zone: tzinfo) -> str:
    """With its line end."""
    return json.dumps(fields_of(line, zone), ensure_ascii=False) + "\n"


def csv_line(line: FlagLine, zone: tzinfo) -> str:
    """In the order of COLUMNS; what there is not is a blank cell."""
    return csv_row(map(_cell, fields_of(line, zone).values()))


def _cell(found: Any) -> str:
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return " ".join(found) if isinstance(found, list) else str(found)


def csv_row(cells: Any) -> str:
    """One line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def summary(counts: Counter[str]) -> str:
    """How many of what there were."""
    values = sum(count for name, count in counts.items() if name.startswith("flag "))
    flags = ", ".join(f"{counts[name]} {word}" for name, word in WORDS.items() if name[:4] == "flag" and counts[name])
    others = ", ".join(f"{counts[name]} {word}" for name, word in WORDS.items() if name[:4] != "flag" and counts[name])
    return f"{values} values" + (f": {flags}" if flags else "") + (f"; {others}" if others else "")


def slips(site: Site, wanted: Wanted) -> Iterator[str]:
    """Where nothing was found: names that nobody knows. Not refused before: of what is unknown there may be rejects."""
    properties = {one.property for one in site.datastreams.profiles}
    for what, names, known in (
        ("station", wanted.stations, site.stations),
        ("property", wanted.properties, properties),
    ):
        for name in sorted(names) if not wanted.counts else ():
            if name not in known:
                near = nearest_name(name, known)
                yield f"--{what} {name!r}: no {what} of the configuration" + (f"; did you mean {near}?" if near else "")
