"""`tocsin publish`: a file into `readings` and `reports`."""

import asyncio
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from streams import logs
from streams.cli import csv_options as given
from streams.cli.csv_options import refuse
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, load_or_exit
from streams.config import Loaded
from streams.gateway.csv_file import CsvFile
from streams.gateway.file_error import FileError
from streams.gateway.files import JsonLines, Reading, read_records
from streams.gateway.privacy import privacy_key, pseudonymiser
from streams.gateway.producer import AwayError, Producer, TooLargeError
from streams.gateway.publish import Summary
from streams.gateway.publish import publish as send
from streams.gateway.sources import CsvOptions
from streams.kafka_settings import SecretError

_OVERHEAD = 2_000  # bytes of a Kafka batch around one record with its key


def publish(
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
    speed: Annotated[str, typer.Option(help="N = N times the original pace; max = as fast as confirmed.")] = "max",
    status: Annotated[
        str | None, typer.Option(help="Actual, Exercise or Test; default: Actual, or the line's.")
    ] = None,
    check_site: Annotated[bool, typer.Option(help="Refuse stations that the configuration does not know.")] = True,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout when done.")] = False,
) -> None:
    """Publish recordings to Kafka, as a gateway would.

    Every file is checked whole before anything is sent: a mistake ends with its file, line and column, exit 2. Files
    merge by time. Publishing a file again does no harm: repeats have no effect.

    Example: tocsin publish --csv stage.csv.gz --station QH-R-014 --property water_level --time-column datetimeUTC
    --value-column stage --unit m --speed 600
    """
    loaded = load_or_exit(config, kafka)
    logs.set_up(process="publish")
    wanted = given.status_or_exit(status)
    options = CsvOptions(
        station or (), property_ or (), time_column or (), value_column or (), unit or (), time_format, tz,
        missing or (), wanted or "Actual",
    )  # fmt: skip
    sources = given.sources_or_exit(files, csv, options)
    reading = _reading(loaded, check_site=check_site)
    reading = replace(reading, status=wanted)
    pace = _pace(speed)
    summary = Summary()
    try:
        total = _check(sources, reading, quiet=as_json)
        asyncio.run(_send(loaded, sources, reading, pace, summary, total, quiet=as_json))
    except (FileError, SecretError) as error:
        refuse(error)
    except TooLargeError as error:
        refuse(f"a record is larger than the topic takes: {error}; {summary.rows} rows before it are published")
    except AwayError as error:
        refuse(f"{error}; {summary.rows} of {total} rows are published. Publish again: repeats have no effect", 1)
    except KeyboardInterrupt:
        refuse(f"stopped: {summary.rows} rows are published", 130)
    _report(summary, len(sources), as_json=as_json)


def _reading(loaded: Loaded, *, check_site: bool) -> Reading:
    limit = min(loaded.topics["readings"].max_message_bytes, loaded.topics["reports"].max_message_bytes) - _OVERHEAD
    pseudonym = pseudonymiser(privacy_key(loaded.app.privacy))
    return Reading(loaded.site, pseudonym, round(time.time() * 1_000_000), limit, check_site=check_site)


def _pace(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        pace = float(speed)
    except ValueError:
        pace = 0.0
    return (
        pace if math.isfinite(pace) and pace > 0 else refuse(f"--speed {speed!r}: right would be max or a number > 0")
    )


def _progress(*, quiet: bool) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty())


def _check(sources: Sequence[JsonLines | CsvFile], reading: Reading, *, quiet: bool) -> int:
    """Read everything once; returns how many rows there are. Raises FileError."""
    rows = 0
    with _progress(quiet=quiet) as progress:
        task = progress.add_task("checking", total=None)
        for number, record in enumerate(read_records(sources, reading)):
            rows += record.rows
            if number % 1_000 == 0:
                progress.update(task, completed=rows)
    return rows


async def _send(
    loaded: Loaded,
    sources: Sequence[JsonLines | CsvFile],
    reading: Reading,
    pace: float | None,
    summary: Summary,
    total: int,
    *,
    quiet: bool,
) -> None:
    producer = Producer(loaded.app.kafka, most_bytes=reading.limit + _OVERHEAD // 2)
    try:
        await producer.open()
        with _progress(quiet=quiet) as progress:
            task = progress.add_task("publishing", total=total)
            records = read_records(sources, reading)
            await send(records, producer, summary, pace, lambda rows: progress.advance(task, rows))
    finally:
        await producer.close()


def _report(summary: Summary, files: int, *, as_json: bool) -> None:
    if as_json:
        found = {"published": summary.rows, "records": summary.records, "files": files, "topics": summary.topics}
        sys.stdout.write(json.dumps({**found, "seconds": round(summary.seconds, 3)}) + "\n")
        return
    topics = ", ".join(f"{rows} to {topic}" for topic, rows in sorted(summary.topics.items())) or "nothing to publish"
    Console(stderr=True, highlight=False).print(f"published: {topics} in {summary.seconds:.1f} s")
