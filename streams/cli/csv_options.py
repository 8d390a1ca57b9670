"""The column options that `publish` and `replay` share."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from streams.gateway.csv_file import CsvFile
from streams.gateway.files import JsonLines
from streams.gateway.sources import CsvOptions, OptionError, sources
from streams.models.observation import STATUSES, Status

CsvFiles = Annotated[list[Path] | None, typer.Option("--csv", help="CSV file (.gz too); repeat it for several.")]
Station = Annotated[list[str] | None, typer.Option("--station", help="Station of the CSV file's values.")]
Property = Annotated[list[str] | None, typer.Option("--property", help="Observed property of the values.")]
TimeColumn = Annotated[list[str] | None, typer.Option("--time-column", help="Name of the column with the times.")]
ValueColumn = Annotated[list[str] | None, typer.Option("--value-column", help="Name of the column with the values.")]
Unit = Annotated[list[str] | None, typer.Option("--unit", help="UCUM unit of the values; default: the datastream's.")]
TimeFormat = Annotated[
    str | None, typer.Option("--time-format", help="strptime format, or `epoch`; default: RFC 3339 or epoch seconds.")
]
Zone = Annotated[str | None, typer.Option("--tz", help="Zone of times that carry none, e.g. Asia/Shanghai.")]
Missing = Annotated[
    list[str] | None, typer.Option("--missing", help="A word that means `no value`, like NA; a blank cell always does.")
]


def refuse(message: object, code: int = 2) -> NoReturn:
    """Say it on stderr and end."""
    Console(stderr=True, highlight=False).print(str(message), style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)


def status_or_exit(status: str | None) -> Status | None:
    """One of the three, or exit 2."""
    for known in STATUSES:
        if status == known:
            return known
    return None if status is None else refuse(f"--status {status!r}: right would be one of {', '.join(STATUSES)}")


def sources_or_exit(files: list[Path] | None, csv: list[Path] | None, options: CsvOptions) -> list[JsonLines | CsvFile]:
    """What the command line names, or exit 2."""
    try:
        found = sources(files or [], csv or [], options)
    except OptionError as error:
        refuse(error)
    if not found:
        refuse("no file: name JSON-lines files, or CSV files with --csv FILE")
    for source in found:
        if not source.path.is_file():
            refuse(f"{source.path}: there is no such file")
    return found
