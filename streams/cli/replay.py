"""`tocsin replay`: the same core over files, without Kafka."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from streams.cli import csv_options as given
from streams.cli.csv_options import refuse
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, RedisOption, load_or_exit
from streams.gateway.file_error import FileError
from streams.gateway.files import Reading, read_records
from streams.gateway.privacy import privacy_key, pseudonymiser
from streams.gateway.sources import CsvOptions
from streams.models.command import Command
from streams.models.times import parse_time
from streams.replay import Replay

SHOWN_ERRORS = 20


def replay(
    files: Annotated[list[Path] | None, typer.Argument(help="JSON lines of readings and reports (.gz too).")] = None,
    *,
    csv: given.CsvFiles = None,
    station: given.Station = None,
    property_: given.Property = None,
    time_column: given.TimeColumn = None,
    value_column: given.ValueColumn = None,
    unit: given.Unit = None,
    time_format: given.TimeFormat = None,
    tz: given.Zone = None,
    missing: given.Missing = None,
    status: Annotated[str | None, typer.Option(help="Actual, Exercise or Test; default: as the lines say.")] = None,
    until: Annotated[str | None, typer.Option(help="Let timers go on until this time (RFC 3339, with a zone).")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A flawed line ends the replay, exit 2.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary on stderr as one JSON object.")] = False,
) -> None:
    """Run the core over recordings: what would Tocsin have said?

    Files merge by time, ties in command-line order; received time is the running maximum of phenomenon time. stdout has
    one command a line, as on command.feed.sensitive but without `stages`. It stops after the last record; timers that
    are due later fire only with --until. Flawed lines are named on stderr and left out, as they would be rejected.

    Example: tocsin replay readings.jsonl --config configs > commands.jsonl
    """
    loaded = load_or_exit(config, kafka, redis)
    wanted = given.status_or_exit(status)
    options = CsvOptions(
        station or (), property_ or (), time_column or (), value_column or (), unit or (), time_format, tz,
        missing or (), wanted or "Actual",
    )  # fmt: skip
    sources = given.sources_or_exit(files, csv, options)
    errors: list[FileError] = []
    reading = Reading(
        loaded.site, pseudonymiser(privacy_key(loaded.app.privacy)), status=wanted, check_site=False,
        on_error=None if strict else errors.append,
    )  # fmt: skip
    run = Replay(loaded.site, reading.pseudonym)
    try:
        for command in run.run(read_records(sources, reading), _time(until)):
            sys.stdout.buffer.write(line(command))
        sys.stdout.buffer.flush()
    except FileError as error:
        refuse(error)
    except BrokenPipeError:
        raise typer.Exit(0) from None
    _report(run, errors, as_json=as_json)


def line(command: Command) -> bytes:
    """A command as replay prints it: as on the feed, without `stages`."""
    fields = msgspec.to_builtins(command)
    del fields["stages"]
    return msgspec.json.encode(fields) + b"\n"


def _time(until: str | None) -> int | None:
    if until is None:
        return None
    try:
        return parse_time(until, blank_for_t=True)
    except (ValueError, OverflowError) as error:
        refuse(f"--until: {error}; right would be a time with a zone, like 2026-07-20T14:03:00+08:00")


def _report(run: Replay, errors: list[FileError], *, as_json: bool) -> None:
    reasons = Counter(reject.reason for reject in run.rejects)
    console = Console(stderr=True, highlight=False)
    if as_json:
        found = {"accepted": run.accepted, "repeats": run.repeats, "rejects": reasons, "flawed_lines": len(errors)}
        console.print(json.dumps(found), markup=False, soft_wrap=True)
        return
    for error in errors[:SHOWN_ERRORS]:
        console.print(str(error), style="yellow", markup=False, soft_wrap=True)
    if len(errors) > SHOWN_ERRORS:
        console.print(f"… and {len(errors) - SHOWN_ERRORS} more flawed lines", style="yellow")
    rejected = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    console.print(
        f"replayed {run.accepted} readings, {run.repeats} repeats" + (f"; rejected: {rejected}" if rejected else "")
    )
