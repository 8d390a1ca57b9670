"""`tocsin rejects list | show | redrive`: what could not be used, and another try."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from streams import logs
from streams.cli.csv_options import refuse
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, load_or_exit
from streams.config import Loaded
from streams.core.zones import ZoneIndex
from streams.gateway.admission import READINGS, Admitted, admit_readings, admit_reports
from streams.gateway.log_reader import open_log
from streams.gateway.privacy import privacy_key, pseudonymiser
from streams.gateway.producer import AwayError, Out, Producer, TooLargeError
from streams.gateway.redrive import Again, Filter, Found, again, raw_of, read_reject
from streams.kafka_settings import SecretError
from streams.models.durations import parse_duration
from streams.models.reject import Reason
from streams.models.times import format_time, parse_time

RESTRICTED = "rejects.restricted"
_AT_ONCE = 500
Reasons = Annotated[list[str] | None, typer.Option("--reason", help="Only this reason; repeat it for several.")]
From = Annotated[list[str] | None, typer.Option("--topic", help="Only records of this topic; `door` = from a door.")]
Since = Annotated[str | None, typer.Option("--since", help="Only those refused since, e.g. `2 h` or a time.")]
Restricted = Annotated[bool, typer.Option("--restricted", help="Those of reports (personal data): rejects.restricted.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Ids as `list` shows them: TOPIC/PARTITION/OFFSET.")]

_HELP = "What was refused: list it, look at one, send it again."
rejects = typer.Typer(no_args_is_help=True, add_completion=False, help=_HELP)


@rejects.command("list")
def list_(
    *,
    reason: Reasons = None,
    topic: From = None,
    since: Since = None,
    restricted: Restricted = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    as_json: AsJson = False,
) -> None:
    """List what was refused, newest last, with the count by reason."""
    for unknown in set(reason or ()) - set(get_args(Reason)):
        near = get_close_matches(unknown, get_args(Reason), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        refuse(f"--reason {unknown!r}: right would be one of {', '.join(get_args(Reason))}{hint}")
    loaded = _loaded(config, kafka)
    found = _read(
        loaded, Filter(frozenset(), frozenset(reason or ()), frozenset(topic or ()), _since(since)), restricted
    )
    if as_json:
        for one in found[-limit:]:
            sys.stdout.write(json.dumps(_fields(one), ensure_ascii=False) + "\n")
        return
    _print(found, limit, ZoneInfo(loaded.app.timezone))


@rejects.command()
def show(
    ids: Annotated[list[str], typer.Argument(help="Ids as `list` shows them: TOPIC/PARTITION/OFFSET.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
) -> None:
    """Show rejects whole, as JSON, with the refused bytes as text where they are text."""
    loaded = _loaded(config, kafka)
    wanted = Filter(frozenset(ids))
    found = [one for restricted in (False, True) if _asks(ids, restricted) for one in _read(loaded, wanted, restricted)]
    for one in found:
        raw = raw_of(one.reject)
        fields = _fields(one)
        with suppress(UnicodeDecodeError):
            fields["raw"] = None if raw is None else raw.decode()
        sys.stdout.write(json.dumps(fields, ensure_ascii=False, indent=2) + "\n")
    if lost := set(ids) - {one.id for one in found}:
        refuse(f"there is no reject {', '.join(sorted(lost))}", 1)


@rejects.command()
def redrive(
    ids: Ids = None,
    *,
    reason: Reasons = None,
    topic: From = None,
    since: Since = None,
    restricted: Restricted = False,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    as_json: AsJson = False,
) -> None:
    """Send refused records again: the bytes as they came, with their key, to the topic they came from.

    What was refused at a door goes through the door again (unknown stations may be known by now). An old reading is
    late data like any other, and rows that counted the first time have no effect. Name ids or a filter.
    """
    if not (ids or reason or topic or since):
        refuse("name ids, or say which ones with --reason, --topic or --since")
    loaded = _loaded(config, kafka)
    wanted = Filter(frozenset(ids or ()), frozenset(reason or ()), frozenset(topic or ()), _since(since))
    chosen = list(again(_read(loaded, wanted, restricted or _asks(ids or [], restricted=True))))
    records, refused = _through_doors(loaded, chosen)
    try:
        asyncio.run(_send(loaded, records))
    except (AwayError, TooLargeError, SecretError) as error:
        refuse(error, 1)
    if as_json:
        sys.stdout.write(
            json.dumps({"redriven": len(chosen), "records": len(records), "still_refused": refused}) + "\n"
        )
        return
    still = f", {refused} rows are still refused" if refused else ""
    Console(stderr=True, highlight=False).print(f"sent again: {len(chosen)} as {len(records)} records{still}")


def _loaded(config: Any, kafka: str | None) -> Loaded:
    loaded = load_or_exit(config, kafka)
    logs.set_up(process="rejects")
    return loaded


def _asks(ids: list[str], restricted: bool) -> bool:
    """Whether any id lies in the one topic or in the other."""
    return any(one.startswith(f"{RESTRICTED}/") == restricted for one in ids)


def _since(text: str | None) -> int:
    """Milliseconds since 1970 of a time, or of so long ago."""
    if text is None:
        return 0
    readers: tuple[Callable[[], int], ...] = (
        lambda: round(time.time() * 1_000) - parse_duration(text) // 1_000,
        lambda: parse_time(text, blank_for_t=True) // 1_000,
    )
    for reader in readers:
        with suppress(ValueError, OverflowError):
            return reader()
    return refuse(f"--since {text!r}: right would be a duration like `2 h`, or a time with a zone")


def _read(loaded: Loaded, wanted: Filter, restricted: bool) -> list[Found]:
    try:
        return asyncio.run(_all(loaded, wanted, RESTRICTED if restricted else "rejects"))
    except (AwayError, SecretError) as error:
        refuse(error, 1)


async def _all(loaded: Loaded, wanted: Filter, topic: str) -> list[Found]:
    found: list[Found] = []
    async with open_log(loaded.app.kafka, [topic]) as log:
        async for records in log.records():
            found.extend(one for record in records if (one := read_reject(record)) and wanted.fits(one))
    return sorted(found, key=lambda one: (one.timestamp, one.partition, one.offset))


def _fields(found: Found) -> dict[str, Any]:
    key = None if found.key is None else found.key.decode(errors="backslashreplace")
    return {"id": found.id, "key": key, **msgspec.to_builtins(found.reject)}


def _print(found: list[Found], limit: int, zone: ZoneInfo) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "refused", "stage", "reason", "from"):
        table.add_column(name, no_wrap=True)
    table.add_column("detail", overflow="fold")
    for one in found[-limit:]:
        reject = one.reject
        place = "door" if reject.topic is None else f"{reject.topic}/{reject.partition}/{reject.offset}"
        row = "" if reject.row is None else f" row {reject.row}"
        when = format_time(one.timestamp * 1_000, zone)[:19]
        table.add_row(one.id, when, reject.stage, reject.reason, place + row, reject.detail)
    wide = None if sys.stdout.isatty() else 200  # a file or a pipe has no width
    Console(highlight=False, markup=False, width=wide).print(table)
    counts: dict[str, int] = {}
    for one in found:
        counts[one.reject.reason] = counts.get(one.reject.reason, 0) + 1
    said = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "nothing was refused"
    Console(stderr=True, highlight=False).print(f"{len(found)} rejects: {said}" if found else said)


def _through_doors(loaded: Loaded, chosen: list[Again]) -> tuple[list[Out], int]:
    """Records to send, and how many rows of what goes through a door are refused once more."""
    records: list[Out] = []
    refused = 0
    for record, through_door in chosen:
        if not through_door:
            records.append(record)
            continue
        admitted = _admit(loaded, record)
        records.extend(admitted.records)
        refused += sum(1 for _ in admitted.reasons())
    return records, refused


def _admit(loaded: Loaded, record: Out) -> Admitted:
    body, received, site = record.value or b"", round(time.time() * 1_000_000), loaded.site
    if record.topic == READINGS:
        return admit_readings(body, received, site)
    return admit_reports(body, received, site, ZoneIndex(site.zones), pseudonymiser(privacy_key(loaded.app.privacy)))


async def _send(loaded: Loaded, records: list[Out]) -> None:
    producer = Producer(loaded.app.kafka)
    try:
        await producer.open()
        for start in range(0, len(records), _AT_ONCE):
            await producer.send_all(records[start : start + _AT_ONCE])
    finally:
        await producer.close()
