"""`tocsin verify`: does a recorded run keep what is promised of it?"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from streams.cli.csv_options import refuse
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, load_or_exit
from streams.differences import Difference, Promise, Report, UnreadableError
from streams.gateway.file_error import FileError
from streams.gateway.recording import Recorded, file_of, read_recording
from streams.verify import READ, Verification

WORDS = {True: ("green", "holds"), False: ("bold red", "broken"), None: ("yellow", "not compared")}
SHOWN_NOTES = 20
SHOWN_WIDTH = 160  # characters of one side of a field


def verify(
    folder: Annotated[Path, typer.Argument(help="What `tocsin record DIR` wrote.")],
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.")] = False,
) -> None:
    """Prove a recording: replayed, do the same records give the same triggers, commands and pictures again?

    (a) The signals of each partition give the recorded commands: same bytes but `stages`, same order per zone.
    (b) The readings of each partition give the recorded triggers and samples: same bytes, same order per datastream.
    (d) In the end pictures and raw levels are those of all readings in sorted order.
    Record when the job has caught up, and give the configuration that it ran with. Exit 0 when all that can be
    compared holds, 1 with the first difference, 2 when the recording cannot be used.

    Example: tocsin record run1 && tocsin verify run1
    """
    loaded = load_or_exit(config)
    counts = {topic: loaded.topics[topic].partitions for topic in READ}
    if missing := [str(file_of(folder, topic)) for topic in READ if not file_of(folder, topic).is_file()]:
        refuse(f"{', '.join(missing)}: there is no such file; `tocsin record {folder}` writes it")
    reader = _Reader(folder, counts, quiet=as_json)
    try:
        with reader.progress:
            report = Verification(loaded.site, counts, reader.records).run()
    except FileError as error:
        refuse(error)
    except UnreadableError as error:
        refuse(f"{reader.place}: {error}")
    if as_json:
        sys.stdout.write(json.dumps(_as_dict(report), ensure_ascii=False) + "\n")
    else:
        _print(report)
    raise typer.Exit(0 if report.ok else 1)


class _Reader:
    """The recording's files, line by line; knows where it is."""

    def __init__(self, folder: Path, counts: dict[str, int], *, quiet: bool) -> None:
        self._folder, self._counts = folder, counts
        self.place = ""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} records"))
        console = Console(stderr=True)
        self.progress = Progress(*columns, console=console, transient=True, disable=quiet or not sys.stderr.isatty())

    def records(self, topic: str) -> Iterator[Recorded]:
        """Raises FileError for a line that no recording has."""
        path, number = file_of(self._folder, topic), 0
        newest: dict[int, int] = {}
        task = self.progress.add_task(f"replaying {topic}", total=None)
        records = read_recording(self._folder, topic)
        while True:
            number += 1
            try:
                record = next(records, None)
            except (AttributeError, RecursionError) as error:  # fields of a wrong kind
                raise FileError(path, number, None, str(error), "a line as `tocsin record` writes it") from None
            if record is None:
                return
            self._check(path, number, record, newest.get(record.partition, -1))
            newest[record.partition] = record.offset
            self.place = f"{path}:{number}"
            self.progress.advance(task)
            yield record

    def _check(self, path: Path, number: int, record: Recorded, before: int) -> None:
        found: tuple[Any, ...] = (record.partition, record.offset, record.timestamp)
        if not all(type(one) is int for one in found) or record.partition < 0:
            raise FileError(path, number, None, str(found), "whole numbers", "partition, offset, timestamp")
        count = self._counts[record.topic]
        if record.partition >= count:
            expected = f"at most {count} partitions, as topics.yaml says: give the configuration that the job ran with"
            raise FileError(path, number, None, f"partition {record.partition}", expected)
        if record.offset <= before:
            raise FileError(
                path, number, None, f"offset {record.offset}", f"one after {before}", "order within a partition"
            )


def _as_dict(report: Report) -> dict[str, Any]:
    promises = {one.name: _promise_as_dict(one) for one in report.promises}
    return {"ok": report.ok, "promises": promises, "notes": report.notes}


def _promise_as_dict(promise: Promise) -> dict[str, Any]:
    found = promise.difference
    return {
        "text": promise.text,
        "holds": promise.holds,
        "compared": promise.compared,
        "not_compared_because": promise.why,
        "difference": None if found is None else _difference_as_dict(found),
    }


def _difference_as_dict(found: Difference) -> dict[str, Any]:
    left, right = found.sides
    places = {side: place and place._asdict() for side, place in zip(found.sides, found.places, strict=True)}
    fields = {one.name: {left: one.left, right: one.right} for one in found.fields}
    return {"subject": found.subject, "what": found.what, "places": places, "fields": fields}


def _print(report: Report) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for promise in report.promises:
        style, word = WORDS[promise.holds]
        says = promise.why if promise.why is not None else f"{promise.compared:,} compared"
        console.print(f"[{style}]({promise.name}) {word}[/]  {promise.text}: ", end="")
        console.print(says, markup=False)
        if promise.difference is not None and promise.why is None:
            _print_difference(console, promise.difference)
    for note in report.notes[:SHOWN_NOTES]:
        console.print(f"note: {note}", style="dim", markup=False)
    if len(report.notes) > SHOWN_NOTES:
        console.print(f"… and {len(report.notes) - SHOWN_NOTES} more notes (--json has all)", style="dim")


def _print_difference(console: Console, found: Difference) -> None:
    console.print(f"  {found.subject}: {found.what}", markup=False)
    for name, place in zip(found.sides, found.places, strict=True):
        if place is not None:
            console.print(f"  {name}: {place}", markup=False)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("field", *found.sides):
        table.add_column(name, overflow="fold")
    for one in found.fields:
        table.add_row(f"  {one.name}", *_shown(one.left, one.right))
    console.print(table, soft_wrap=False)


def _shown(left: str | None, right: str | None) -> tuple[str, str]:
    """Both sides; of long ones the part where they begin to differ."""
    longest = max(len(left or ""), len(right or ""))
    same = next((at for at, (a, b) in enumerate(zip(left or "", right or "", strict=False)) if a != b), 0)
    begin = max(0, same - SHOWN_WIDTH // 2) if longest > SHOWN_WIDTH else 0
    return _part(left, begin), _part(right, begin)


def _part(side: str | None, begin: int) -> str:
    if side is None:
        return "–"
    shown = side[begin : begin + SHOWN_WIDTH]
    return f"{'…' * (begin > 0)}{shown}{'…' * (begin + SHOWN_WIDTH < len(side))}"
