"""Which records a process is working on, in a file that outlives kill -9: its next run tells the checkpoint log.

The file is mapped into memory, so that a note costs less than a microsecond and needs no call of the system; what is
noted is there even when the process ends between two instructions (not when the machine does).
"""

import mmap
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_NOTE = struct.Struct("<qqqq")  # one more than the partition (0 = nothing in hand), first, last, when it began


class InHand(NamedTuple):
    """What the last process of this name was working on when it ended."""

    partition: int
    first: int
    last: int
    number: int  # tells one death from the next


class HandNote:
    """The note of one process. Without a path it is kept in memory only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._map: mmap.mmap | bytearray = bytearray(_NOTE.size)
        self._number = secrets.randbits(40)  # of a lost note: no number comes twice

    @property
    def deaths(self) -> Path | None:
        """Where a role without a checkpoint log keeps what processes of this name died of."""
        return None if self._path is None else self._path.with_suffix(".deaths")

    def open(self) -> "HandNote":
        """Go on where the last process of this name ended."""
        if self._path is not None and isinstance(self._map, bytearray):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._path.open("a+b") as file:
                file.truncate(_NOTE.size)
                self._map = mmap.mmap(file.fileno(), _NOTE.size)
            self._number = _NOTE.unpack_from(self._map)[3] or self._number
        return self

    def found(self) -> InHand | None:
        """What was in hand when the last process ended; none = nothing."""
        partition, first, last, number = _NOTE.unpack_from(self._map)
        return InHand(partition - 1, first, last, number) if partition else None

    def take(self, partition: int, first: int, last: int) -> None:
        """Work on these records begins."""
        self._number += 1
        _NOTE.pack_into(self._map, 0, 0, first, last, self._number)
        struct.pack_into("<q", self._map, 0, partition + 1)

    def clear(self) -> None:
        """It has ended well."""
        struct.pack_into("<q", self._map, 0, 0)

    @contextmanager
    def holding(self, partition: int, first: int, last: int) -> Iterator[None]:
        """While these records are worked on; an exception leaves the note where it is."""
        self.take(partition, first, last)
        yield
        self.clear()
