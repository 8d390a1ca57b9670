"""The core over files, without Kafka: one partition of everything; received = running maximum of phenomenon time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from streams.core.assess import Assessor
from streams.core.decode import Refused, decode
from streams.core.detect import Bank
from streams.core.flagged import FlaggedRow, FlagSink, compared_row, unread_row
from streams.core.slots import NEVER
from streams.core.triage import triage
from streams.core.zones import ZoneIndex
from streams.models.columns import Columns
from streams.models.command import Command
from streams.models.observation import Tick
from streams.models.reject import Reject
from streams.models.signal import Checked, Reported, Signal
from streams.models.site import Site

BATCH = 2_000


@dataclass(slots=True)
class FakeRecord:
    """What the core needs of a Kafka record."""

    topic: str
    key: bytes | None
    value: bytes | None
    offset: int
    timestamp: int  # milliseconds
    partition: int = 0
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass
class Replay:
    """A run of the core over records in the order given."""

    site: Site
    pseudonym: Callable[[str], str]
    rejects: list[Reject] = field(default_factory=list)
    accepted: int = 0
    repeats: int = 0
    sink: FlagSink | None = None  # where it is asked what became of each row
    flagged: list[FlaggedRow] = field(default_factory=list)  # then this; whoever reads it empties it

    def __post_init__(self) -> None:
        self.bank = Bank(self.site, 0, 1, outage=NEVER)
        self.assessor = Assessor(self.site, 0, 1)
        self._zones = ZoneIndex(self.site.zones)
        self._offsets = {"readings": 0, "reports": 0}
        self._received = 0  # milliseconds

    def run(self, records: Iterable[Any], until: int | None = None) -> Iterator[Command]:
        """Commands of `FileRecord`s (topic, key, value, latest); timers up to `until` (microseconds) at the end."""
        source = iter(records)
        while batch := [self._record(r) for r in islice(source, BATCH)]:
            yield from self._batch(batch)
        if until is not None:
            yield from self._readings(Columns.of([Tick(self._next("readings"), max(until, self._received * 1000))]))

    @property
    def next_offset(self) -> int:
        """That the next reading gets."""
        return self._offsets["readings"]

    def _next(self, topic: str) -> int:
        self._offsets[topic] += 1
        return self._offsets[topic] - 1

    def _record(self, found: Any) -> FakeRecord:
        self._received = max(self._received, -(-found.latest // 1000))
        return FakeRecord(found.topic, found.key, found.value, self._next(found.topic), self._received)

    def _batch(self, batch: list[FakeRecord]) -> Iterator[Command]:
        """Readings go through together; a report takes its turn between them."""
        waiting: list[FakeRecord] = []
        for record in batch:
            if record.topic == "readings":
                waiting.append(record)
                continue
            yield from self._decoded(waiting)
            waiting = []
            yield from self._report(record)
        yield from self._decoded(waiting)

    def _decoded(self, records: list[FakeRecord]) -> Iterator[Command]:
        if records:
            columns, refused = decode("readings", 0, 1, records)
            self._note(refused)
            if self.sink is not None:
                self.flagged += [unread_row(one, self._received * 1000) for one in refused]
            yield from self._readings(columns)

    def _note(self, refused: Iterable[Refused]) -> None:
        self.rejects += [one.reject for one in refused]

    def _readings(self, columns: Columns) -> Iterator[Command]:
        output = self.bank.handle(columns, self.sink)
        if self.sink is not None:
            self.flagged += self.sink.take(output.rejects)
        self.accepted += output.accepted
        self.repeats += output.repeats
        self.rejects += [reject for _, reject in output.rejects]
        for signal in output.signals:
            yield from self._hear(signal, signal.received)
        progress = self.bank.progress()
        yield from self._hear(progress, progress.received)

    def _hear(self, signal: Signal, received: int) -> Iterator[Command]:
        """A signal, then what alerts mean for hazards that wait for them, in order."""
        waiting: deque[Signal] = deque([signal])
        while waiting:
            one = waiting.popleft()
            if self.sink is not None and isinstance(one, Checked):
                self.flagged += compared_row(one, self.site)
            yield from self.assessor.handle(one, received)
            waiting += self.assessor.take_relays()

    def _report(self, record: FakeRecord) -> Iterator[Command]:
        """A report moves received time on for everybody, as a tick does."""
        yield from self._readings(Columns.of([Tick(self._next("readings"), record.timestamp * 1000)]))
        found = triage(record, self.site, self.pseudonym, self._zones)
        if isinstance(found, Reported):
            yield from self._hear(found, found.received)
        else:
            self.rejects.append(found)
