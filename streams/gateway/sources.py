"""Options of a command line to sources: an option given once holds for all files, else it is given once a file."""

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.gateway.csv_file import CsvFile
from streams.gateway.files import JsonLines
from streams.models.observation import Status


class OptionError(ValueError):
    """The options do not fit together."""


class CsvOptions(NamedTuple):
    """The column options of `publish` and `replay`; each list has one entry, or one for each CSV file."""

    station: Sequence[str] = ()
    property: Sequence[str] = ()
    time_column: Sequence[str] = ()
    value_column: Sequence[str] = ()
    unit: Sequence[str] = ()
    time_format: str | None = None
    tz: str | None = None
    missing: Sequence[str] = ()
    status: Status = "Actual"


def is_csv(path: Path) -> bool:
    """By its name: .csv, .csv.gz, .tsv, .txt."""
    return Path(path.name.removesuffix(".gz")).suffix.lower() in {".csv", ".tsv", ".txt"}


def sources(files: Sequence[Path], csv: Sequence[Path], options: CsvOptions) -> list[JsonLines | CsvFile]:
    """The files in command-line order (those of --csv after the others). Raises OptionError."""
    every = [(path, path in csv or is_csv(path)) for path in files] + [(path, True) for path in csv]
    count = sum(is_table for _, is_table in every)
    zone = _zone(options.tz)
    found: list[JsonLines | CsvFile] = []
    tables = 0
    for path, is_table in every:
        if not is_table:
            found.append(JsonLines(path))
            continue
        found.append(_table(path, options, zone, tables, count))
        tables += 1
    return found


def _table(path: Path, options: CsvOptions, zone: tzinfo | None, number: int, count: int) -> CsvFile:
    def one(name: str, values: Sequence[str], *, needed: bool = True) -> str:
        if len(values) not in {0, 1, count}:
            raise OptionError(
                f"--{name} is given {len(values)} times for {count} CSV files: give it once or {count} times"
            )
        if not values:
            if needed:
                raise OptionError(f"{path} is CSV: --{name} is needed")
            return ""
        return values[number if len(values) > 1 else 0]

    return CsvFile(
        path,
        one("station", options.station),
        one("property", options.property),
        one("time-column", options.time_column),
        one("value-column", options.value_column),
        one("unit", options.unit, needed=False) or None,
        options.time_format,
        zone,
        tuple(options.missing),
        options.status,
    )


def _zone(name: str | None) -> tzinfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise OptionError(f"--tz {name}: no such time zone; right would be Asia/Shanghai or UTC") from None
