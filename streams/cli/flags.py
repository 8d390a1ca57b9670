"""`tocsin flags`: every value with its quality flag, the check that set it and the bound behind it."""

import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NamedTuple, NoReturn, get_args
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from streams import logs
from streams.cli import csv_options as given
from streams.cli.csv_options import refuse
from streams.cli.flag_lines import COLUMNS, csv_line, csv_row, json_line, slips, summary
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, load_or_exit
from streams.config import Loaded
from streams.core.flagged import Outcome
from streams.core.quality import NAMES
from streams.flags import FlagLine, StationLog, Wanted, of_files, warm_up
from streams.gateway.csv_file import CsvFile
from streams.gateway.file_error import FileError
from streams.gateway.files import JsonLines, Reading, read_records
from streams.gateway.log_reader import PartReader, open_part
from streams.gateway.privacy import privacy_key, pseudonymiser
from streams.gateway.producer import AwayError
from streams.gateway.sources import CsvOptions
from streams.kafka_settings import SecretError
from streams.models.durations import parse_duration
from streams.models.partition import partition_of
from streams.models.times import format_time, parse_time

FLAGS = ("1", "2", "3", "4", "9")
CHECKS = (*NAMES.values(), "gap", "neighbour", "drift")
SHOWN_ERRORS = 20
TIME_LIKE = "right would be a time with a zone, like 2026-07-20T14:03:00+08:00"


class Span(NamedTuple):
    """What is read of a log, in microseconds. back: before `since`; late: after `until`."""

    since: int | None
    until: int | None
    back: int | None
    late: int


def flags(
    files: Annotated[list[Path] | None, typer.Argument(help="JSON lines of readings (.gz too); none: Kafka.")] = None,
    *,
    csv: given.CsvFiles = None,
    station: Annotated[list[str] | None, typer.Option(help="Only this station; with --csv: the file's.")] = None,
    property_: Annotated[
        list[str] | None, typer.Option("--property", help="Only this property; with --csv: the file's.")
    ] = None,
    time_column: given.TimeColumn = None,
    value_column: given.ValueColumn = None,
    unit: given.Unit = None,
    time_format: given.TimeFormat = None,
    tz: given.Zone = None,
    missing: given.Missing = None,
    since: Annotated[str | None, typer.Option(help="Values measured from this time on (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option(help="Values measured up to this time.")] = None,
    flag: Annotated[list[str] | None, typer.Option(help="Only these flags: 3,4,9")] = None,
    check: Annotated[list[str] | None, typer.Option(help="Only what these checks have to say of: stuck,rise")] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(help="Only accepted, repeat, rejected, silent or compared.")
    ] = None,
    back: Annotated[str | None, typer.Option("--warm-up", help="Kafka: read from so long before --since on.")] = None,
    late: Annotated[str, typer.Option(help="Kafka: read on so long after --until.")] = "1 h",
    strict: Annotated[bool, typer.Option("--strict", help="A flawed line ends it, exit 2.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of CSV.")] = False,
) -> None:
    """Print every value with its quality flag (1, 2, 3, 4, 9), the check that set it and the bound behind it.

    The same core runs over the records once more, by the configuration given. Of files: as `tocsin replay` reads them.
    Of Kafka: one --station, out of its partition of `readings` alone. `outcome` says what became of each: a repeat or a
    rejected one has no flag; a silence is a line of its own (2, gap). stderr has counts, and from when on flags can be
    trusted where the log does not begin at its beginning.

    Examples: tocsin flags readings.jsonl --flag 3,4 · tocsin flags --station QH-R-014 --since 2026-07-20T00:00:00+08:00
    """
    loaded = load_or_exit(config, kafka)
    tables = CsvOptions(
        station or (), property_ or (), time_column or (), value_column or (), unit or (), time_format, tz,
        missing or (),
    )  # fmt: skip
    sources = given.sources_or_exit(files, csv, tables) if files or csv else []
    describe = any(isinstance(one, CsvFile) for one in sources)  # then station and property say whose values these are
    wanted = Wanted(
        frozenset(() if describe else station or ()), frozenset(() if describe else property_ or ()),
        _time("since", since), _time("until", until), frozenset(map(int, _some("flag", flag, FLAGS))),
        _some("check", check, CHECKS), _some("outcome", outcome, get_args(Outcome)),
    )  # fmt: skip
    if wanted.since is not None and wanted.until is not None and wanted.since > wanted.until:
        refuse(f"--since {since} lies after --until {until}: nothing is between them")
    span = Span(wanted.since, wanted.until, None if back is None else _length("warm-up", back), _length("late", late))
    out = _Out(wanted, ZoneInfo(loaded.site.timezone), as_json=as_json)
    try:
        if sources:
            _print_files(loaded, sources, out, strict=strict)
        else:
            asyncio.run(_print_log(loaded, _one_station(loaded, station), out, span))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it flushes at exit
        raise typer.Exit(0) from None
    except (FileError, SecretError) as error:
        refuse(error)
    except AwayError as error:
        refuse(error, 1)
    _say(summary(wanted.counts))
    for words in slips(loaded.site, wanted):
        _say(words, "yellow")


class _Out:
    """Prints the lines that are asked for."""

    def __init__(self, wanted: Wanted, zone: ZoneInfo, *, as_json: bool) -> None:
        self.wanted, self.zone = wanted, zone
        self._line = json_line if as_json else csv_line
        if not as_json:
            sys.stdout.write(csv_row(COLUMNS))

    def lines(self, lines: Iterable[FlagLine]) -> None:
        """In this order."""
        sys.stdout.writelines(self._line(one, self.zone) for one in lines if self.wanted.has(one.row))

    def time(self, time: int) -> str:
        """In the site's zone."""
        return format_time(time, self.zone)


def _say(words: object, style: str | None = None) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(str(words), style=style, markup=False)


# -- files -----------------------------------------------------------------------------------------------------------


def _print_files(loaded: Loaded, sources: Sequence[JsonLines | CsvFile], out: _Out, *, strict: bool) -> None:
    errors: list[FileError] = []
    reading = Reading(
        loaded.site, pseudonymiser(privacy_key(loaded.app.privacy)), check_site=False,
        on_error=None if strict else errors.append,
    )  # fmt: skip
    out.lines(of_files(loaded.site, reading.pseudonym, read_records(sources, reading)))
    for error in errors[:SHOWN_ERRORS]:
        _say(error, "yellow")
    if len(errors) > SHOWN_ERRORS:
        _say(f"… and {len(errors) - SHOWN_ERRORS} more flawed lines", "yellow")


# -- Kafka -----------------------------------------------------------------------------------------------------------


def _one_station(loaded: Loaded, station: list[str] | None) -> str:
    if station is None or len(station) != 1:
        refuse("name files, or one --station whose readings on Kafka are meant")
    name = station[0]
    return name if name in loaded.site.stations else _unknown("station", name, loaded.site.stations)


async def _print_log(loaded: Loaded, station: str, out: _Out, span: Span) -> None:
    site, count = loaded.site, loaded.topics["readings"].partitions
    partition = partition_of(station.encode(), count)
    if out.wanted.properties:
        streams = [one for one in site.stations[station] if one.property in out.wanted.properties]
    else:
        streams = list(site.stations[station])
    back = span.back if span.back is not None else max((warm_up(one, site.remember) for one in streams), default=0)
    first = None if span.since is None else span.since - back
    last = None if span.until is None else (span.until + span.late) // 1000
    logs.set_up(process="flags")
    async with open_part(loaded.app.kafka, "readings", partition, None if first is None else first // 1000) as part:
        log = StationLog(site, partition, count, station, whole=part.start == 0)
        _say(f"readings[{partition}]: offsets {part.start} to {part.end - 1}; the oldest that is there is {part.begin}")
        async for records in part.records():
            upto = [one for one in records if last is None or one.timestamp <= last]
            out.lines(log.take(upto))
            if len(upto) < len(records):
                part.stop.set()
        out.lines(log.finish())
    _say_trust(log, part, out, first)


def _say_trust(log: StationLog, part: PartReader, out: _Out, first: int | None) -> None:
    """From when on nothing that lies before matters."""
    trust = log.trust
    if trust.whole and trust.began is not None:
        _say("the log begins at its beginning: every flag can be trusted")
        return
    if trust.began is None:
        _say("nothing was received in that time", "yellow")
        return
    if part.start == part.begin and (first is None or trust.began > first):
        _say(f"older readings are no longer there: the log begins at {out.time(trust.began)}", "yellow")
    for (station, prop, status), since in sorted(trust.since.items()):
        named = f"{station} {prop}" + ("" if status == "Actual" else f" ({status})")
        _say(f"{named}: flags can be trusted from {out.time(since)} on (time of receipt)")
    for station, prop, status in sorted(trust.unknown):
        named = f"{station} {prop}" + ("" if status == "Actual" else f" ({status})")
        _say(f"{named}: too little was read to trust its flags: let --since or --warm-up reach further back", "yellow")


# -- options ---------------------------------------------------------------------------------------------------------


def _unknown(what: str, found: str, known: Iterable[str]) -> NoReturn:
    names = sorted(known)
    near = get_close_matches(found, names, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    some = ", ".join(names[:SHOWN_ERRORS]) + (", …" if len(names) > SHOWN_ERRORS else "")
    refuse(f"--{what} {found!r}: right would be one of {some}{hint}")


def _some(what: str, words: list[str] | None, known: Sequence[str]) -> frozenset[Any]:
    """`3,4` and repeated options, each one that is known."""
    found = [word.strip() for one in words or () for word in one.split(",")]
    for word in found:
        if word not in known:
            _unknown(what, word, known)
    return frozenset(found)


def _time(what: str, text: str | None) -> int | None:
    try:
        return None if text is None else parse_time(text, blank_for_t=True)
    except (ValueError, OverflowError) as error:
        refuse(f"--{what}: {error}; {TIME_LIKE}")


def _length(what: str, text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        refuse(f"--{what}: {error}")
