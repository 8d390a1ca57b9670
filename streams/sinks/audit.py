"""Sink `audit`: every command as one JSON line in `audit-YYYYMMDD.jsonl`, for whoever asks later who decided what.

Summary     who, what, when, from which level to which; the day is that of the command's time in the deployment's zone
Guarantees  every record once: each line says from which record it came, so the position lies in the data itself; a torn
            last line (power cut) is cut off and written again; on disk before Kafka hears that it is done
Settings    `audit_dir` in app.yaml; one process a folder: a lock makes a second one wait
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

import structlog

from streams.models.command import Command
from streams.models.deployment import Loaded
from streams.models.times import format_time, parse_time
from streams.sinks.audit_line import Line, encode_line, positions_in
from streams.sinks.base import Count, Positions, Producer, Record, Sink, SinkAway, uncounted
from streams.sinks.decode import commands_of

log = structlog.get_logger(__name__)


class Written(NamedTuple):
    """A line, the file that it belongs to, and the offset that is next after it."""

    file: str
    line: bytes
    next: int


class Lines(NamedTuple):
    """What a batch of one partition comes to."""

    place: tuple[str, int]
    lines: list[Written]
    repeated: int


class AuditSink(Sink):
    """Appends to files; reads them back at the start to know where it was."""

    name: ClassVar[str] = "audit"

    def __init__(self, loaded: Loaded, producer: Producer | None = None, count: Count = uncounted) -> None:
        del producer  # sends nothing
        self._folder = Path(loaded.app.audit_dir)
        self._zone = ZoneInfo(loaded.app.timezone)
        self._count = count
        self._next: Positions = {}
        self._lock: int | None = None

    async def open(self) -> Positions:
        """The positions after the last lines written."""
        with _away():
            self._next = await asyncio.to_thread(self._open)
        return dict(self._next)

    def prepare(self, topic: str, partition: int, records: Sequence[Record]) -> Lines:
        """The lines of what is new."""
        known = self._next.get((topic, partition), 0)
        fresh = [record for record in records if record.offset >= known]
        lines = [
            self._line(topic, partition, record, command)
            for record, command in commands_of(topic, partition, fresh, self._count)
        ]
        return Lines((topic, partition), lines, len(records) - len(fresh))

    async def put(self, prepared: Lines) -> None:
        """Append them, in order of offset: what a crash leaves is always a beginning of the batch.

        What was appended before the disk was full is not appended again by the call that follows.
        """
        known = self._next.get(prepared.place, 0)
        lines = [line for line in prepared.lines if line.next > known]
        for file, run in groupby(lines, key=lambda line: line.file):
            together = list(run)
            with _away():
                await asyncio.to_thread(_append, self._folder / file, b"".join(line.line for line in together))
            self._next[prepared.place] = together[-1].next
        self._count("repeated", prepared.repeated)
        self._count("written", len(prepared.lines))

    async def forget(self) -> Positions:
        """Move the files aside, into `earlier-N`: their offsets count in another log."""
        with _away():
            await asyncio.to_thread(_move_aside, self._folder)
        return await self.open()

    async def close(self) -> None:
        """Let another process have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open(self) -> Positions:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = _locked(self._folder / ".lock")
        positions: Positions = {}
        for path in sorted(self._folder.glob("audit-*.jsonl")):
            _cut_torn_line(path)
            for place, following in positions_in(path).items():
                positions[place] = max(positions.get(place, 0), following)
        return positions

    def _line(self, topic: str, partition: int, record: Record, command: Command) -> Written:
        line = Line.of(command, topic, partition, record.offset)
        return Written(f"audit-{self._day(command, record)}.jsonl", encode_line(line) + b"\n", record.offset + 1)

    def _day(self, command: Command, record: Record) -> str:
        try:
            said = format_time(parse_time(command.time), self._zone)
        except (ValueError, OverflowError):
            said = format_time(record.timestamp * 1000, self._zone)
        return said[:10].replace("-", "")


def _move_aside(folder: Path) -> None:
    number = 1 + sum(1 for _ in folder.glob("earlier-*"))
    aside = folder / f"earlier-{number}"
    aside.mkdir(parents=True)
    for path in folder.glob("audit-*.jsonl"):
        path.rename(aside / path.name)


def _locked(path: Path) -> int:
    """An open lock file that nobody else holds; it is let go when the process ends, however it ends."""
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise SinkAway(f"another process writes the audit files in {path.parent}: waiting for it to end") from error
    return lock


def _append(path: Path, data: bytes) -> None:
    """Append and sync; when that fails (disk full) nothing of it stays."""
    new = not path.exists()
    with path.open("ab", buffering=0) as file:  # a buffer would be written once more when the file is closed
        before = file.seek(0, os.SEEK_END)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), before)
            raise
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A new file's name is on disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cut_torn_line(path: Path) -> None:
    """A line without an end was being written when the power went: its record comes again."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        kept = _whole_lines(path)
        if kept < size:
            log.warning("torn last line cut off", file=str(path), bytes=size - kept)
            file.truncate(kept)


def _whole_lines(path: Path) -> int:
    """Length of a file up to its last end of line."""
    kept = path.stat().st_size
    with path.open("rb") as file:
        while kept:
            begin = max(0, kept - 65_536)
            file.seek(begin)
            end = file.read(kept - begin).rfind(b"\n")
            if end >= 0:
                return begin + end + 1
            kept = begin
    return 0


@contextmanager
def _away() -> Iterator[None]:
    """A full or unreachable disk is the world's fault, not ours."""
    try:
        yield
    except OSError as error:
        raise SinkAway(f"audit files: {error}") from error
