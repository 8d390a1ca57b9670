"""Does a recorded run keep its promises? Pure over recordings (docs/delivery.md, Proving a run).

(a) The recorded `signals`, each partition alone, give the recorded `commands`. (b) The recorded `readings`, each
partition alone, give the recorded triggers and samples. (d) Once all progress has passed the last record, the picture
and the raw level of every subject are those of the sorted replay.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from streams.core.assess import Assessor
from streams.core.decode import decode, is_control
from streams.core.detect import Bank
from streams.differences import Difference, Place, Promise, Report, Told, UnreadableError, once, settled, two_contents
from streams.models.command import Command, encode_command
from streams.models.observation import Tick
from streams.models.partition import partition_of
from streams.models.signal import Checked, Progress, Relay, Reported, Sampled, Signal, Triggered, decode_signal
from streams.models.site import Site
from streams.resaid import is_of_old_layout
from streams.retold import told_of_command, told_of_signal, whole_signal
from streams.sorted_run import Placed, not_passed, picture_difference, sorted_run

READ = ("readings", "signals", "commands")  # of a recording, each once
BATCH = 2_000
SYSTEM = "system"  # key of commands without a zone


Sequences = dict[tuple[str, ...], list[Told]]  # zone, or datastream -> what was told, in order


class Verification:
    """One recording. `counts`: partitions of each topic; `read` gives a topic's records, partitions in offset order."""

    def __init__(self, site: Site, counts: Mapping[str, int], read: Callable[[str], Iterable[Any]]) -> None:
        self._site, self._counts, self._read = site, counts, read
        self._begins: dict[tuple[str, int], int] = {}  # offset of the first record of each partition
        self._notes: list[str] = []
        self._assessors = [Assessor(site, p, counts["readings"]) for p in range(counts["signals"])]
        self._banks = [Bank(site, p, counts["readings"]) for p in range(counts["readings"])]
        self._placed: list[tuple[int, Placed]] = []  # reports, relays, progress; by partition of `signals`
        self._signals: list[Triggered | Sampled] = []  # as the Banks give them
        self._changed = -1  # received time up to which `signals` speak of another layout of `readings`; -1 = none does
        self._failed: dict[int, Difference] = {}  # partition of `signals` -> at which of them our code fails
        self._last = -1  # received time of the last row, or of what fell due later
        self._commands: tuple[Sequences, Sequences] = (defaultdict(list), defaultdict(list))  # recorded, replayed
        self._triggers: tuple[Sequences, Sequences] = (defaultdict(list), defaultdict(list))
        self._whole: tuple[Sequences, Sequences] = (defaultdict(list), defaultdict(list))  # signals, by log and log
        self._all_triggers: list[Told] = []  # recorded ones, repeats as well
        self._sources: dict[int, int] = {}  # partition of `readings` -> newest offset that a signal speaks of

    def run(self) -> Report:
        """Read everything once, then compare."""
        self._find_change()
        self._read_signals()
        self._read_commands()
        self._read_readings()
        self._note_begins()
        a, b = self._commands_agree(), self._triggers_agree()
        return Report([a, b, self._pictures_agree(b)], self._notes)

    def _records(self, topic: str) -> Iterator[Any]:
        newest: dict[int, int] = {}
        for record in self._read(topic):
            self._begins.setdefault((topic, record.partition), record.offset)
            before = newest.get(record.partition, record.offset - 1)
            if record.offset != before + 1:
                gone = f"offsets {before + 1} to {record.offset - 1} are not in the recording"
                self._notes.append(f"{topic}[{record.partition}]: {gone}")
            newest[record.partition] = record.offset
            yield record

    def _find_change(self) -> None:
        """What was said before partitions were changed cannot be compared: `readings` were given other offsets."""
        for record in self._read("signals"):
            if is_of_old_layout(record.value or b""):
                self._changed = max(self._changed, record.timestamp * 1000)
        if self._changed >= 0:
            self._notes.append("the number of partitions was changed: what was said before is not compared")

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read_signals(self) -> None:
        seen: dict[tuple[int, int], tuple[int, int, int]] = {}
        unread = 0
        for record in self._records("signals"):
            place = Place("signals", record.partition, record.offset)
            signal: Signal | Tick
            if is_control(record):
                signal = Tick(record.offset, record.timestamp * 1000)
            else:
                try:
                    signal = decode_signal(record.value or b"")
                except ValueError:  # it went to `rejects`
                    unread += 1
                    continue
            self._place(signal, record.partition)
            for command in self._handled(signal, record, place):
                if record.timestamp * 1000 > self._changed:
                    self._commands[1][_key_of(command),].append(told_of_command(place, encode_command(command)))
            if isinstance(signal, Triggered | Sampled) and signal.source.topic == "readings":
                told = told_of_signal(place, signal)
                self._all_triggers += [one for _, one in told]
                source = signal.source
                self._sources[source.partition] = max(source.offset, self._sources.get(source.partition, 0))
                lane = (record.partition, source.partition)
                if source.position > seen.get(lane, (-1, 0, 0)):
                    seen[lane] = source.position
                    _add(self._triggers[0], told)
                    _add(self._whole[0], [whole_signal(place, signal, *lane)])
        if unread:
            self._notes.append(f"signals: {unread} records cannot be read; they went to `rejects` and count as nothing")

    def _handled(self, signal: Signal | Tick, record: Any, place: Place) -> list[Command]:
        """What follows from it. Where our code fails, a role would have set it aside: the recording is another one."""
        if record.partition in self._failed:
            return []
        try:
            assessor: Assessor = self._assessors[record.partition]
            return assessor.handle(signal, record.timestamp * 1000)
        except Exception as error:  # noqa: BLE001 - whatever somebody has made of its bytes
            what = f"the replay fails at this signal: {error!r}"
            self._failed[record.partition] = Difference(f"signals[{record.partition}]", what, (place, None))
            return []

    def _place(self, signal: Signal | Tick, partition: int) -> None:
        """What the sorted replay hears besides the triggers, and where."""
        if isinstance(signal, Reported | Relay | Checked):
            floor = self._assessors[partition].floor
            self._placed.append((partition, Placed.of(signal, floor, len(self._placed) + 1)))
        elif isinstance(signal, Progress):
            self._placed.append((partition, Placed.of(signal)))

    def placed(self) -> list[tuple[int, Placed]]:
        """All that the sorted replay hears: triggers as the Banks give them, the rest as recorded."""
        count = self._counts["signals"]
        return [*((partition_of(s.zone.encode(), count), Placed.of(s)) for s in self._signals), *self._placed]

    def _read_commands(self) -> None:
        for record in self._records("commands"):
            if record.timestamp * 1000 <= self._changed:
                continue
            place = Place("commands", record.partition, record.offset)
            try:
                told = told_of_command(place, record.value or b"")
            except (ValueError, KeyError) as error:
                raise UnreadableError(f"{place}: not a command: {error}") from None
            self._commands[0][(record.key or b"").decode(errors="backslashreplace"),].append(told)

    def _read_readings(self) -> None:
        waiting: dict[int, list[Any]] = defaultdict(list)
        for record in self._records("readings"):
            batch = waiting[record.partition]
            batch.append(record)
            if len(batch) == BATCH:
                self._through_bank(record.partition, waiting.pop(record.partition))
        for partition, batch in waiting.items():
            self._through_bank(partition, batch)

    def _through_bank(self, partition: int, records: list[Any]) -> None:
        columns, _ = decode("readings", partition, self._counts["readings"], records)
        self._last = max(self._last, int(columns.received.max(initial=self._last)))
        for signal in self._banks[partition].handle(columns).signals:
            self._signals.append(signal)
            self._last = max(self._last, signal.received)
            if signal.received > self._changed:
                place = Place("readings", partition, signal.source.offset)
                _add(self._triggers[1], told_of_signal(place, signal))
                to = partition_of(signal.zone.encode(), self._counts["signals"])
                _add(self._whole[1], [whole_signal(place, signal, to, partition)])

    # -- comparing ---------------------------------------------------------------------------------------------------

    def _note_begins(self) -> None:
        """What lies before the first record of a partition is unknown."""
        for partition, offset in self._sources.items():
            self._begins.setdefault(("readings", partition), offset + 1)  # all its records are gone
        for (topic, partition), offset in sorted(self._begins.items()):
            if offset > 0:
                says = f"{topic}[{partition}] begins at offset {offset}: what state was before it cannot be known"
                self._notes.append(says)

    def _is_whole(self) -> bool:
        return all(offset == 0 for (topic, _), offset in self._begins.items() if topic != "commands")

    def _is_late(self, topic: str, key: str) -> bool:
        partition = 0 if key == SYSTEM and topic == "signals" else partition_of(key.encode(), self._counts[topic])
        return self._begins.get((topic, partition), 0) > 0

    def _commands_agree(self) -> Promise:
        promise = Promise("a", "the recorded signals give the recorded commands")
        recorded, replayed = self._commands
        promise.difference = next(iter(self._failed.values()), None) or two_contents(
            "commands", chain.from_iterable(recorded.values())
        )
        for (zone,) in sorted({*recorded, *replayed}):
            if self._is_late("signals", zone):
                self._notes.append(
                    f"(a) commands of {zone} are not compared: its signals do not begin at the beginning"
                )
                continue
            late = self._is_late("commands", zone) or self._changed >= 0
            self._compare(promise, f"commands of {zone}", once(recorded[zone,]), once(replayed[zone,]), late=late)
        return promise

    def _triggers_agree(self) -> Promise:
        promise = Promise("b", "the recorded readings give the recorded triggers and samples")
        recorded, replayed = self._triggers
        promise.difference = two_contents("triggers", self._all_triggers)
        gone = self._changed >= 0 or any(
            topic == "signals" and offset > 0 for (topic, _), offset in self._begins.items()
        )
        for key in sorted({*recorded, *replayed}):
            late = gone or self._is_late("readings", key[0])
            self._compare(promise, f"triggers of {' '.join(key)}", recorded[key], replayed[key], late=late)
        if not gone and self._is_whole():
            for key in sorted({*self._whole[0], *self._whole[1]}):
                promise.compare_too(" ".join(key), self._whole[0][key], self._whole[1][key])
        return promise

    def _compare(
        self, promise: Promise, subject: str, recorded: list[Told], replayed: list[Told], *, late: bool
    ) -> None:
        if late:
            whole = len(recorded)
            recorded, replayed = settled(recorded, replayed)
            begins = f"from {recorded[0].place} on" if recorded else "not at all"
            self._notes.append(f"({promise.name}) {subject}: compared {begins}; {whole - len(recorded)} left out")
        promise.compare(subject, recorded, replayed)

    def _pictures_agree(self, triggers: Promise) -> Promise:
        promise = Promise("d", "pictures and raw levels in the end are those of the sorted replay")
        if not self._is_whole():
            promise.why = "the recording does not begin at the beginning"
        elif self._failed:
            promise.why = "the replay of the signals fails, see (a)"
        elif self._changed >= 0:
            promise.why = "the number of partitions was changed, and signals from before speak of the old one"
        elif not triggers.holds:
            promise.why = "(b) does not hold, so that the sorted replay hears other triggers"
        else:
            promise.why = not_passed(self._assessors, self._last)
        if promise.why is None:
            ideal = sorted_run(self._site, self._assessors, self.placed())
            promise.compared = sum(len(one.subjects) for one in ideal)
            promise.difference = picture_difference(self._assessors, ideal)
        return promise


def _key_of(command: Command) -> str:
    return SYSTEM if command.zone is None else command.zone


def _add(sequences: Sequences, told: list[tuple[tuple[str, ...], Told]]) -> None:
    for key, one in told:
        sequences[key].append(one)
