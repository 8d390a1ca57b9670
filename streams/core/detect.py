"""The Bank: one partition of `readings` in, signals out. A function of the records in offset order and of nothing else.

How records pass: `passage`. Here: what others ask of it, and how its state is saved and restored.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from streams.core import kept_joins
from streams.core.catch_up import CatchUp
from streams.core.chunk import Rest, decode_chunk, decode_rest, encode
from streams.core.flagged import FlagSink
from streams.core.holdings import Holdings
from streams.core.kept import Keeper
from streams.core.latest import Latest
from streams.core.output import Output
from streams.core.passage import Passage
from streams.models.columns import Columns
from streams.models.datastream import Datastream
from streams.models.latest import LatestValue
from streams.models.signal import Progress
from streams.models.site import Site
from streams.models.times import SECOND

__all__ = ["OUTAGE", "Bank", "Output"]
OUTAGE = 10 * SECOND  # ticks come every second: a longer pause in received time means that nobody could write


class Bank:
    """Quality, transforms and latches of all datastreams in one partition of `readings`.

    `outage`: a pause in received time longer than this does not count towards silence (nobody could write: in catch-up
    after it nobody is called because everyone was silent). A replay of files has no ticks, so there none is too long.
    """

    def __init__(
        self, site: Site, partition: int, partitions: int, topic: str = "readings", *, outage: int = OUTAGE
    ) -> None:
        self.site, self.partition = site, partition
        self._held = held = Holdings(site, partition, partitions, topic)
        self.slots, self.chains, self.absences, self.watch = held.slots, held.chains, held.absences, held.watch
        self._passage, self._latest = Passage(held, outage), Latest(held)
        self._keeper = Keeper(
            site, held.slots, held.kinds, held.chains, held.absences, held.moves, held.distrust, held.limits.stuck_for
        )
        self._catch_up: CatchUp | None = None
        self.health = self._latest.health  # datastreams in each class, as last told in `latest`

    @property
    def station_health(self) -> list[int]:
        """Stations in each class, as last told in `latest`."""
        found: list[int] = self._latest.stations.tolist()
        return found

    @property
    def streams(self) -> list[Datastream]:
        """The partition's datastreams, made when asked for."""
        return [self.site.datastreams.at(int(number)) for number in self.slots.numbers]

    @property
    def received(self) -> int:
        """Received time of the newest record."""
        return self._passage.received

    @property
    def position(self) -> tuple[int, int]:
        """Offset and row of the newest record."""
        return self._passage.position

    @property
    def next_due(self) -> int:
        """Not later than the received time at which something falls due."""
        return self._passage.next_due

    def handle(self, columns: Columns, flags: FlagSink | None = None) -> Output:
        """Records of this partition in offset order; the next call goes on where this one ended.

        `flags` is told what becomes of each row; nothing else changes by it, but that it takes longer.
        """
        if self._catch_up is not None:
            columns = self._come_nearer(self._catch_up, columns)
        return self._passage.run(columns, Output(flags=flags))

    # -- saved and restored ------------------------------------------------------------------------------------------

    @property
    def slots_used(self) -> int:
        """How many slots there are. Never fewer than before."""
        return len(self.slots)

    @property
    def catching_up(self) -> bool:
        """Whether records are read whose outputs were made before: `load_rest` said up to where."""
        return self._catch_up is not None

    def save_chunk(self, first: int, count: int) -> bytes:
        """The state of slots `first` … `first + count - 1` as of the newest record: whole by itself."""
        received = self._passage.received if self._catch_up is None else self._catch_up.received
        return self._keeper.chunk(first, count, received)

    def save_rest(self) -> bytes:
        """What is in no slot, as of the newest record. Not while `catching_up`."""
        watched = []
        for key, (time, received) in self.watch.watched.items():
            station, prop, status = self.slots.key(int(self.watch.members(key)[0]))
            watched.append((key.split("|", 1)[0], station, prop, status, time, received))
        joins = kept_joins.save(self._held.joins, self.slots)
        return encode(Rest(self._passage.received, self._passage.position, watched, joins=joins))

    def load_rest(self, rest: bytes, upto: int) -> None:
        """Go on from what `save_rest` gave when the newest record was the one before offset `upto`.

        Then come the chunks (`load_chunk`), then `handle`, from the smallest of their offsets on. What lies before
        `upto` brings the slots there: it gives no output, and progress and position stay as they were at `upto`. Slots
        of which no chunk comes begin with nothing.
        """
        found = decode_rest(rest)
        self._passage.received, self._passage.position = found.received, found.position
        for hazard, station, prop, status, time, received in found.watched:
            slot = self._held.named(station, prop, status)
            if slot is not None and hazard in self.site.hazards:
                self.watch.watched[self.watch.key(self.site.hazards[hazard], slot)] = (time, received)
        for words in self._held.words:
            words.reread()
        kept_joins.load(self._held.joins, found.joins, self._held.named)
        self._passage.next_due = min(self._passage.next_due, self._held.joins.next_due)
        self.tell_anew()
        self._catch_up = CatchUp(upto)

    def load_chunk(self, chunk: bytes, first: int, upto: int) -> int:
        """Take slots in as they were before offset `upto`; how many were left out: their configuration has changed.

        Rows of these slots that lie before `upto` are passed over. Raises ValueError for a chunk that cannot be read.
        """
        found = decode_chunk(chunk)
        own, left_out = self._keeper.take(found, first, self._held.join)
        self._passage.restored(own, upto)
        if self._catch_up is not None:
            self._catch_up.note(upto, found.received)
        return left_out

    def _come_nearer(self, catch_up: CatchUp, columns: Columns) -> Columns:
        """Records that come before those whose outputs are still to be made; those that remain."""
        before, after = columns.split(catch_up.upto - 1)
        if before:
            watch = self.watch
            kept = self._passage.received, self._passage.position, watch.watched, watch.told_to
            self._passage.received, watch.watched, watch.told_to = catch_up.start(before), {}, {}
            self._held.joins.catching_up = True
            self._passage.run(before, Output())
            self._held.joins.catching_up = False
            catch_up.received = self._passage.received
            self._passage.received, self._passage.position, watch.watched, watch.told_to = kept
        if after:
            self._catch_up = None
            for words in self._held.words:
                words.live()
            self._passage.caught_up(catch_up.upto)
        return after

    # -- what others ask ---------------------------------------------------------------------------------------------

    def progress(self, zones: Iterable[str] | None = None) -> Progress:
        """How far this partition is, and how far the subjects on watch are (those in `zones` only)."""
        wanted = None if zones is None else frozenset(zones)
        told = self.watch.told(wanted, self._passage.received, self._slots_on())
        return Progress(self.partition, self._passage.position[0], max(self._passage.received, 0), told)

    def progress_of(self, groups: Sequence[AbstractSet[str]]) -> list[Progress]:
        """The same for several groups of zones at once."""
        told = self.watch.told(frozenset().union(*groups), self._passage.received, self._slots_on())
        of_zone: dict[str, dict[str, int]] = {}
        for key, time in told.items():
            of_zone.setdefault(self.watch.zone(key), {})[key] = time
        found = []
        for zones in groups:
            mine = [item for zone in zones & of_zone.keys() for item in of_zone[zone].items()]
            found.append(
                Progress(self.partition, self._passage.position[0], max(self._passage.received, 0), dict(sorted(mine)))
            )
        return found

    def _slots_on(self) -> Iterator[int]:
        """Slots at which something is on; asked only when a subject may be let go."""
        yield from (slot for slot, _, _ in self.absences.on)
        for latching in self._held.latchings:
            yield from latching.slots_on()

    def tell_anew(self) -> None:
        """Nobody waits until progress is confirmed: after a restart or a rebalance the last word may have been lost."""
        self.watch.told_to = {}

    def take_latest(self, most: int = 1_000_000_000) -> list[LatestValue]:
        """The datastreams that changed since the last call, for the topic `latest`; at most so many, then the rest."""
        return self._latest.take(most)
