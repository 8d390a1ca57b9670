"""Deaths of a role that has no checkpoint log (a sink): a file beside the note of what is in hand.

It belongs to the name of one process. Where a partition goes to another process, that one counts anew: a record at
which processes end costs each of them its four deaths at most.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from streams.checkpoint.deaths import KEPT, Verdicts
from streams.checkpoint.in_hand import HandNote
from streams.completion import Partition, Start
from streams.models.saved import Death

log = structlog.get_logger(__name__)


class Told(msgspec.Struct, array_like=True, frozen=True):
    """A death, and where."""

    topic: str
    partition: int
    death: Death


_decode = msgspec.json.Decoder(list[Told]).decode
_encode = msgspec.json.encode


class DeathFile:
    """What processes of one name died of. `topics`: of the role, in their order."""

    def __init__(self, hand: HandNote, topics: Sequence[str]) -> None:
        self._hand, self._topics = hand, topics
        self._told: list[Told] = []

    def open(self) -> None:
        """Read what was told, and what the last process of this name was working on, if it ended without a word."""
        self._hand.open()
        self._told = _read(self._hand.deaths)
        if (found := self._hand.found()) is not None:
            partition, topic = divmod(found.partition, len(self._topics))
            tp = Partition(self._topics[topic], partition)
            log.warning(
                "the last process of this name ended in the middle of its work",
                topic=tp.topic, partition=tp.partition, first=found.first, last=found.last,
            )  # fmt: skip
            self.add(tp, Death(found.first, found.last, "killed", "", str(found.number)))
            self._hand.clear()

    def take(self, tp: Partition, records: Sequence[Any]) -> None:
        """Work on these records of a partition begins; `done` says that it has ended, well or with an exception."""
        place = tp.partition * len(self._topics) + self._topics.index(tp.topic)
        self._hand.take(place, records[0].offset, records[-1].offset)

    def done(self) -> None:
        """Nothing is in hand."""
        self._hand.clear()

    def add(self, tp: Partition, death: Death) -> None:
        """One more death, on disk when it returns."""
        self._told = [*self._told, Told(*tp, death)][-KEPT:]
        self._write()

    def verdicts(self, tp: Partition) -> Verdicts:
        """What the deaths of a partition mean."""
        return Verdicts(told.death for told in self._told if (told.topic, told.partition) == tp)

    def passed(self, starts: Mapping[Partition, Start]) -> None:
        """Forget what lies before the records to come; and what nobody can know of the records of another log."""
        kept = [told for told in self._told if not _behind(told, starts)]
        if kept != self._told:
            self._told = kept
            self._write()

    def forget(self, tp: Partition) -> None:
        """The offsets of this partition count in another log now."""
        self._told = [told for told in self._told if (told.topic, told.partition) != tp]
        self._write()

    def _write(self) -> None:
        """Whole or not at all. Best effort: a process must be able to start, and to end."""
        if (path := self._hand.deaths) is None:
            return
        try:
            draft = path.with_suffix(".draft")
            draft.write_bytes(_encode(self._told))
            draft.replace(path)
        except OSError as error:
            log.warning("a death could not be noted", error=repr(error))


def _behind(told: Told, starts: Mapping[Partition, Start]) -> bool:
    start = starts.get(Partition(told.topic, told.partition))
    return start is not None and told.death.last < start.read


def _read(path: Path | None) -> list[Told]:
    try:
        return [] if path is None else _decode(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.warning("the file of deaths cannot be read, it counts no more", file=str(path), error=repr(error))
        return []
