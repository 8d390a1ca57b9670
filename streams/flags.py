"""The flag of every value, and the check that set it: the same core over what was recorded, in files or on Kafka.

Nothing is kept of it while the job runs: the Bank is a function of its records, so what flag a value had follows from
the records before it. Where these do not begin at the beginning, what lies before is unknown: `Trust` says from when on
that makes no difference any more.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from streams.core.decode import decode, is_control
from streams.core.detect import Bank
from streams.core.flagged import NOWHERE, FlaggedRow, FlagSink, Outcome, unread_row
from streams.core.quality import REPEATS_FOR_STUCK, SILENT_AFTER
from streams.models.datastream import Datastream
from streams.models.observation import CONTROL_HEADER
from streams.models.site import Site
from streams.models.times import HOUR, SECOND
from streams.replay import BATCH, FakeRecord, Replay

TICK = ((CONTROL_HEADER, b"tick"),)
NO_ROWS = ("silent", "compared")


class FlagLine(NamedTuple):
    """A row, where it came from (file and line, partition and offset), and whether what lies before it is known."""

    row: FlaggedRow
    source: str
    place: int | None
    trusted: bool = True


@dataclass
class Wanted:
    """Which rows are asked for; an empty set means all. since, until: phenomenon time, ends included."""

    stations: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None
    flags: frozenset[int] = frozenset()
    checks: frozenset[str] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    #: of all that are within these stations, properties and times, whatever their flag
    counts: Counter[str] = field(default_factory=Counter)

    def has(self, row: FlaggedRow) -> bool:
        """Whether it is asked for; counts it."""
        if not self._is_within(row):
            return False
        self.counts[f"flag {row.flag}" if row.outcome == "accepted" else row.outcome] += 1
        return (
            (not self.flags or row.flag in self.flags)
            and (not self.checks or not self.checks.isdisjoint((row.check, *row.also)))
            and (not self.outcomes or row.outcome in self.outcomes)
        )

    def _is_within(self, row: FlaggedRow) -> bool:
        time = row.received if row.time is None or row.outcome == "silent" else row.time
        return (
            (not self.stations or row.station in self.stations)
            and (not self.properties or row.property in self.properties or not row.property)
            and (self.since is None or time >= self.since)
            and (self.until is None or time <= self.until)
        )


def of_files(site: Site, pseudonym: Callable[[str], str], records: Iterable[Any]) -> Iterator[FlagLine]:
    """All rows of `FileRecord`s, as `tocsin replay` sees them; what neighbours say among them."""
    run, source = Replay(site, pseudonym, sink=FlagSink()), iter(records)
    while chunk := list(islice(source, BATCH)):
        readings = [one for one in chunk if one.topic == "readings"]
        places = dict(enumerate(readings, run.next_offset))
        for _ in run.run(chunk):
            pass
        rows, run.flagged = run.flagged, []
        for row in rows:
            found = None if row.outcome in NO_ROWS else places.get(row.offset)
            yield FlagLine(row, *(("", None) if found is None else (str(found.path), found.line)))


# -- one station of a log --------------------------------------------------------------------------------------------


def warm_up(stream: Datastream, remember: int) -> int:
    """How far back the checks of a datastream look, as a rule: received time after which a Bank knows what to know."""
    own, interval = stream.checks, stream.interval or 0
    values = max(own.recover, REPEATS_FOR_STUCK, remember) + 1
    return max(HOUR, stream.stuck_for or 0, 2 * own.shift_for, own.swing_for, (values + SILENT_AFTER) * interval)


@dataclass
class Trust:
    """From when on the flags of a station do not depend on what lies before the first record that is there.

    whole: nothing does. Else a datastream's are trusted after its `warm_up`, and once it has given enough values.
    """

    site: Site
    whole: bool
    began: int | None = None  # received time of the first record
    since: dict[tuple[str, str, str], int] = field(default_factory=dict)  # received time from which each is trusted
    _values: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    @property
    def unknown(self) -> set[tuple[str, str, str]]:
        """Datastreams that were heard, of which no flag is to be trusted."""
        return self._values.keys() - self.since.keys()

    def of(self, row: FlaggedRow) -> bool:
        """Whether a row's flag is to be trusted."""
        if self.whole:
            return True
        key = (row.station, row.property, row.status)
        if key not in self.since and self._has_warmed_up(row, key):
            self.since[key] = row.received
        self._values[key] += row.outcome == "accepted"
        return key in self.since

    def _has_warmed_up(self, row: FlaggedRow, key: tuple[str, str, str]) -> bool:
        number = self.site.datastreams.number(row.station, row.property)
        if number is None or self.began is None:
            return number is None  # of what is refused nothing has to be known
        stream = self.site.datastreams.at(number)
        enough = self._values[key] >= max(stream.checks.recover, REPEATS_FOR_STUCK)
        return enough and row.received >= self.began + warm_up(stream, self.site.remember)


class StationLog:
    """One station's rows out of its partition of `readings`: its own records pass, of all others only their time."""

    def __init__(self, site: Site, partition: int, partitions: int, station: str, *, whole: bool) -> None:
        """`whole`: the first record that comes is the first that ever was."""
        self.trust, self._station = Trust(site, whole), station
        self._partition, self._partitions, self._key = partition, partitions, station.encode()
        self._bank, self._sink = Bank(site, partition, partitions), FlagSink()
        self._passed: Any = None  # the newest record of others, if the Bank has not heard of its time
        self._told: int | None = None  # milliseconds: the received time that the Bank knows

    def take(self, records: Sequence[Any]) -> list[FlagLine]:
        """Records of the partition in offset order."""
        if records and self.trust.began is None:
            self.trust.began = records[0].timestamp * 1000
        columns, _ = decode("readings", self._partition, self._partitions, records)
        heard = {*columns.offset.tolist(), *(tick.offset for _, tick in columns.ticks)}  # no others move time on
        return self._rows([one for record in records for one in self._ours(record, heard=record.offset in heard)])

    def finish(self) -> list[FlagLine]:
        """No more come: what fell due until the last of them."""
        return self._rows([self._tick()] if self._passed is not None else [])

    def _ours(self, record: Any, *, heard: bool) -> Iterator[Any]:
        mine, now = record.key == self._key and not is_control(record), record.timestamp
        # silence is received time in which others could write: no pause may look longer than it was
        if self._passed is not None and (mine or (heard and now - self._known >= SECOND // 1000)):
            yield self._tick()
        if mine:
            yield record
            if heard:
                self._told = max(self._known, now)
        elif heard and (self._told is None or now > self._told):
            self._passed = record
            if self._told is None:  # who was never heard is waited for from the first record on
                yield self._tick()

    @property
    def _known(self) -> int:
        return -1 if self._told is None else self._told

    def _tick(self) -> FakeRecord:
        """A tick in the place of somebody else's record: only its time counts."""
        passed, self._passed = self._passed, None
        self._told = passed.timestamp
        return FakeRecord("readings", None, None, passed.offset, passed.timestamp, self._partition, TICK)

    def _rows(self, records: list[Any]) -> list[FlagLine]:
        columns, refused = decode("readings", self._partition, self._partitions, records)
        output = self._bank.handle(columns, self._sink)
        times = {record.offset: record.timestamp * 1000 for record in records} if refused else {}
        rows = self._sink.take(output.rejects)
        rows += [unread_row(one, times.get(one.reject.offset or 0, 0)) for one in refused]
        rows.sort(key=lambda row: (row.offset, row.row))
        return [self._line(row) for row in rows if row.station == self._station]

    def _line(self, row: FlaggedRow) -> FlagLine:
        is_row = row.outcome not in NO_ROWS and row.offset != NOWHERE
        source, place = (f"readings[{self._partition}]", row.offset) if is_row else ("", None)
        return FlagLine(row, source, place, self.trust.of(row))
