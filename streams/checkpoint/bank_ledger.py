"""Which chunk of a Bank's slots was saved as of when, what is due next, and the index of it all. Pure.

Each chunk is saved at an offset of its own: reading restarts at the oldest one, and what a slot's own state holds
already is passed over. So nothing has to be written at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from streams.models.saved import ChunkEntry, Death, Index

CHUNK_BYTES = 500_000
QUIET_S = 3_600.0  # a chunk is written anew although nothing was read: its offset must not fall out of the log
FIRST_CHUNK = 1_000  # slots; how many bytes a slot takes is seen then


@dataclass(slots=True)
class _Part:
    """Some slots: where their newest saved state lies."""

    entry: ChunkEntry
    size: int = 0  # bytes
    at: float | None = None  # when it was cut; none = before our time, or never
    sending: bool = False

    @property
    def end(self) -> int:
        return self.entry.first + self.entry.count


@dataclass(frozen=True, slots=True)
class Cut:
    """Slots to be copied now."""

    first: int
    count: int
    upto: int


class BankLedger:
    """The chunks of one partition's Bank, in order of slots."""

    def __init__(self, entries: Sequence[ChunkEntry] = (), *, whole: bool = True) -> None:
        """`whole` false: part of the state was refused, so there is no index until everything was saved anew."""
        self._parts = [_Part(e) for e in sorted(entries, key=lambda e: e.first)]
        self._whole = whole
        self._slot_bytes = 0.0

    @property
    def slots(self) -> int:
        """How many have a place here."""
        return self._parts[-1].end if self._parts else 0

    @property
    def size(self) -> int:
        """Bytes of everything, as far as it was seen."""
        return int(self.slots * self._slot_bytes)

    def grow(self, slots: int, upto: int) -> None:
        """There are more slots now; the new ones had no state before `upto`."""
        step = self._most()
        for first in range(self.slots, slots, step):
            self._parts.append(_Part(ChunkEntry(first, min(step, slots - first), upto)))

    def _most(self) -> int:
        return max(1, int(CHUNK_BYTES / self._slot_bytes)) if self._slot_bytes else FIRST_CHUNK

    # -- chunks ------------------------------------------------------------------------------------------------------

    def due(self, upto: int, now: float, replay: int, age_s: float, rows_upto: int) -> Cut | None:
        """The oldest chunk, if a restart would have to read too much for it, or it is old.

        `rows_upto`: beyond it are ticks only, which cost a restart next to nothing.
        """
        free = [p for p in self._parts if not p.sending and p.entry.upto < upto]
        if not free:
            return None
        oldest = min(free, key=lambda p: p.entry.upto)
        behind = rows_upto - oldest.entry.upto
        late = oldest.at is None or now - oldest.at >= (age_s if behind > 0 else QUIET_S)
        return self.begin(oldest.entry.first, upto) if late or behind >= replay else None

    def oldest(self, upto: int) -> Cut | None:
        """The oldest chunk, however young."""
        return self.due(upto, 0.0, 1, 0.0, upto)

    def begin(self, first: int, upto: int) -> Cut:
        """Take a chunk, and its neighbours when they are small."""
        at = next(n for n, p in enumerate(self._parts) if p.entry.first == first)
        most, count = self._most(), 0
        for part in self._parts[at:]:
            if part.sending or (count and count + part.entry.count > most):
                break
            part.sending = True
            count += part.entry.count
        return Cut(first, count, upto)

    def done(self, cut: Cut, token: str, seq: int, log_offset: int, crc: int, size: int, at: float) -> None:
        """A chunk is in the log."""
        self._slot_bytes = max(size / cut.count, 1.0)
        new = _Part(ChunkEntry(cut.first, cut.count, cut.upto, token, seq, log_offset, crc), size, at)
        end = cut.first + cut.count
        self._parts = [
            *(p for p in self._parts if p.entry.first < cut.first),
            new,
            *(p for p in self._parts if p.entry.first >= end),
        ]

    def failed(self, cut: Cut) -> None:
        """A chunk is not in the log: what was saved of it before still counts."""
        for part in self._parts:
            part.sending = part.sending and not cut.first <= part.entry.first < cut.first + cut.count

    # -- the index ---------------------------------------------------------------------------------------------------

    @property
    def read_from(self) -> int | None:
        """Where a restart would begin to read; none = there is no slot."""
        return min((p.entry.upto for p in self._parts), default=None)

    @property
    def complete(self) -> bool:
        """Whether an index of what is saved would be a whole state."""
        self._whole = self._whole or all(p.entry.token for p in self._parts)
        return self._whole

    def index(self, rest: bytes, deaths: list[Death]) -> Index:
        """What makes up the state now."""
        return Index([p.entry for p in self._parts], rest, deaths)

    @property
    def needed(self) -> int | None:
        """Log offset of the oldest chunk that is needed."""
        return min((p.entry.log_offset for p in self._parts if p.entry.token), default=None)
