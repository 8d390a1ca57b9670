"""A file as a recording: CSV, text with blanks, npz, slist."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from detectors.base import Ints
from detectors.offline import Series
from streams.detect.cells import as_time
from streams.detect.recording import ALL, Layout, Recording, split
from streams.detect.slist import is_slist, read_slist
from streams.detect.tables import ArrayTable, Table, TextTable, is_npz
from streams.gateway.file_error import FileError
from streams.models.times import SECOND

_SHOWN = 12


def read(path: Path, layout: Layout, *, rows: bool, channels: Sequence[str] | None = None) -> Recording:
    """The recording in a file. Raises FileError.

    rows: the part reads rows of channels; else one column is right. channels: their names, where another file says
    which they are.
    """
    if is_slist(path):
        return _waveform(path, layout, rows=rows)
    table: Table = ArrayTable(path) if is_npz(path) else TextTable(path, layout.sep)
    if (layout.time is None) == (layout.hertz is None):
        raise ValueError(f"{path}: times come from one of --time C, --rate HZ and --step DURATION")
    times = [_column(table, name) for name in split(layout.time, table.names)] if layout.time else []
    columns = [_column(table, name, by_name=True) for name in channels] if channels else _values(table, layout, times)
    if not rows and len(columns) != 1:
        found = f"{len(columns)} columns" + f" ({_listed([table.names[c] for c in columns])})" * bool(columns)
        raise FileError(path, None, None, found, "one --value column: this part takes single values")
    value = np.stack([table.numbers(column) for column in columns], axis=1)
    stamps, time = _times(table, layout, times) if times else _regular(len(table.lines), layout)
    series = Series(time, value if rows else value[:, 0])
    return Recording(path, tuple(table.names[c] for c in columns), series, stamps, table.lines, layout.hertz)


def _values(table: Table, layout: Layout, times: list[int]) -> list[int]:
    if layout.value is None:
        raise ValueError(f"{table.path}: --value says which columns are values: names, numbers from 0, or '*'")
    if layout.value.strip() != ALL:
        columns = [_column(table, name) for name in split(layout.value, table.names)]
        if not columns or len(set(columns)) < len(columns):
            raise ValueError(f"--value {layout.value!r}: each column once, and at least one")
        return columns
    ignored = split(layout.ignore, table.names)  # one that is not there is ignored all the same
    names = table.names
    left = [c for c in range(len(names)) if names[c] not in ignored and (str(c) not in ignored or str(c) in names)]
    columns = [c for c in left if c not in times and table.numeric(c)]
    if not columns:
        raise FileError(table.path, 1, None, f"columns {_listed(names)}", "at least one of numbers besides the time")
    return columns


def _column(table: Table, name: str, *, by_name: bool = False) -> int:
    """The number of a column, by its name, else by its number."""
    found = table.names.count(name)
    if found == 1:
        return table.names.index(name)
    if found > 1:
        raise FileError(table.path, 1, name, f"{found} columns of this name", "one, or the column's number from 0")
    if not by_name and name.isdecimal() and int(name) < len(table.names):
        return int(name)
    near = get_close_matches(name, table.names, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise FileError(table.path, 1, name, f"no column {name!r}", f"one of {_listed(table.names)}{hint}")


def _times(table: Table, layout: Layout, columns: list[int]) -> tuple[list[str], Ints]:
    cells = [table.texts(column) for column in columns]
    stamps = cells[0] if len(cells) == 1 else [" ".join(map(str.strip, row)) for row in zip(*cells, strict=True)]
    time = np.empty(len(stamps), dtype=np.int64)
    before: int | None = None
    for row, stamp in enumerate(stamps):
        try:
            time[row] = before = as_time(stamp.strip(), layout, before)
        except (ValueError, OverflowError):
            name = ",".join(table.names[column] for column in columns)
            form = layout.time_format or "2026-07-20 14:03:00, or seconds since 1970 (else see --time-format)"
            raise FileError(table.path, table.lines[row], name, repr(stamp), f"a time like {form}") from None
    return stamps, time


def _regular(rows: int, layout: Layout) -> tuple[list[str], Ints]:
    """Seconds from row 0, and the same in microseconds."""
    count = np.arange(rows)
    seconds = count * layout.step / SECOND if layout.step else count / (layout.rate or np.nan)
    exact = count * layout.step if layout.step else np.rint(count * (SECOND / (layout.rate or np.nan))).astype(np.int64)
    return [repr(one) for one in seconds.tolist()], exact


def _waveform(path: Path, layout: Layout, *, rows: bool) -> Recording:
    segments = read_slist(path)
    names = sorted({f"{one.station} {one.channel}" for one in segments})
    rates = sorted({one.rate for one in segments})
    if len(names) > 1 or len(rates) > 1:
        found = f"{_listed(names)} at {_listed([f'{rate:g}' for rate in rates])} samples a second"
        raise FileError(path, None, None, found, "one channel at one rate")
    if layout.rate is not None and layout.rate != rates[0]:
        raise FileError(path, 1, None, f"{rates[0]:g} samples a second", f"{layout.rate:g}, as --rate says")
    time = np.concatenate([one.time for one in segments])
    value = np.concatenate([one.samples for one in segments])
    regular = len(segments) == 1
    seconds = np.arange(len(time)) / rates[0] if regular else (time - time[:1]) / SECOND
    lines = np.concatenate([one.lines for one in segments]).tolist()
    series = Series(time, value[:, None] if rows else value)
    return Recording(path, (segments[0].channel,), series, [repr(one) for one in seconds.tolist()], lines, rates[0])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
