"""A CSV file of one datastream: its rows as observations. Columns go by name; `,`, `;` and tab separate."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from streams.gateway.file_error import FileError
from streams.gateway.lines import open_text
from streams.models.observation import Observation, Status
from streams.models.times import EPOCH, NoTimeZoneError, microseconds, parse_time

EPOCH_FORMAT = "epoch"
_EPOCH = re.compile(r"-?\d{1,11}(\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """Which columns of which file are which datastream."""

    path: Path
    station: str
    property: str
    time_column: str
    value_column: str
    unit: str | None = None
    time_format: str | None = None  # strptime's, or `epoch`; None = RFC 3339, a blank instead of the T allowed
    tz: tzinfo | None = None  # of times without a zone
    missing: tuple[str, ...] = ()  # words besides a blank cell that mean "no value"
    status: Status = "Actual"


class CsvRow(NamedTuple):
    """One row with its line number and phenomenon time (microseconds)."""

    line: int
    observation: Observation
    time: int


def read_csv(file: CsvFile) -> Iterator[CsvRow]:
    """Every row. Raises FileError."""
    with open_text(file.path) as text:
        header = text.readline()
        separator, time_at, value_at = _columns(file, header)
        reader = csv.reader(text, delimiter=separator)
        try:
            for cells in reader:
                if any(cells):
                    yield _row(file, reader.line_num + 1, cells, time_at, value_at)
        except csv.Error as error:
            raise FileError(file.path, reader.line_num + 1, None, str(error), "CSV") from None


def _row(file: CsvFile, line: int, cells: Sequence[str], time_at: int, value_at: int) -> CsvRow:
    if len(cells) <= max(time_at, value_at):
        raise FileError(file.path, line, None, f"{len(cells)} columns", f"at least {max(time_at, value_at) + 1}")
    given, time = _time(file, line, cells[time_at].strip())
    value = _value(file, line, cells[value_at].strip())
    return CsvRow(line, Observation(file.station, file.property, given, value, file.unit, status=file.status), time)


def _columns(file: CsvFile, header: str) -> tuple[str, int, int]:
    """The separator and where the two columns are."""
    for separator in (",", ";", "\t"):
        names = _names(header, separator)
        if file.time_column in names and file.value_column in names:
            _only_once(file, names)
            return separator, names.index(file.time_column), names.index(file.value_column)
    names = max((_names(header, separator) for separator in (",", ";", "\t")), key=len)
    lost = next(name for name in (file.time_column, file.value_column) if name not in names)
    near = get_close_matches(lost, names, 1)
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise FileError(file.path, 1, None, f"no column {lost!r}", f"one of {shown or 'a line of column names'}{hint}")


def _names(header: str, separator: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]


def _only_once(file: CsvFile, names: list[str]) -> None:
    for name in (file.time_column, file.value_column):
        if names.count(name) > 1:
            raise FileError(file.path, 1, None, f"{names.count(name)} columns {name!r}", "one")


def _value(file: CsvFile, line: int, text: str) -> float | None:
    if not text or text in file.missing:
        return None
    if _NUMBER.fullmatch(text):
        value = float(text)
        if value - value == 0.0:
            return value
    raise FileError(file.path, line, file.value_column, repr(text), "a number or a blank cell (see --missing)")


def _time(file: CsvFile, line: int, text: str) -> tuple[str | float, int]:
    """The time as it goes on the wire, and in microseconds."""
    try:
        return _parsed(file, text)
    except NoTimeZoneError:
        expected = "a time with a zone, or --tz to say which one is meant"
    except (ValueError, OverflowError):
        form = file.time_format or "2026-07-20T14:03:00+08:00, 2026-07-20 14:03:00+08:00 or epoch seconds"
        expected = f"a time like {form}"
    raise FileError(file.path, line, file.time_column, repr(text), expected)


def _parsed(file: CsvFile, text: str) -> tuple[str | float, int]:
    if file.time_format == EPOCH_FORMAT or (file.time_format is None and _EPOCH.fullmatch(text)):
        return float(text), parse_time(float(text))
    if file.time_format is None and file.tz is None:
        return text.replace(" ", "T", 1), parse_time(text, blank_for_t=True)
    moment = datetime.strptime(text, file.time_format) if file.time_format else datetime.fromisoformat(text)  # noqa: DTZ007
    if moment.tzinfo is None:
        if file.tz is None:
            raise NoTimeZoneError(text)
        moment = moment.replace(tzinfo=file.tz)
    time = microseconds(moment)
    return (EPOCH + timedelta(microseconds=time)).astimezone(moment.tzinfo).isoformat(), time
