"""Which datastreams of one zone and status their neighbours doubt.

A word about a datastream has its place in the sorted stream, after everything that was heard before it. What lies
behind it is in doubt, whenever it comes: what was raised before the doubt was found stays as it was.
"""

from dataclasses import dataclass, field

import msgspec

from streams.core.latch import Key, Position
from streams.core.quality import GOOD
from streams.models.signal import Checked


class Word(msgspec.Struct, array_like=True):
    """The newest word about a datastream that has had its turn."""

    since: Position | None  # what lies behind it is in doubt; None: nothing is
    checked: Checked


@dataclass(slots=True, eq=False)
class Doubted:
    """Those of one zone and status."""

    words: dict[Key, Word] = field(default_factory=dict)
    waiting: dict[Key, list[tuple[Position, Checked]]] = field(default_factory=dict)  # in their order

    def __bool__(self) -> bool:
        """Whether anything was ever said."""
        return bool(self.words or self.waiting)

    def newest(self, key: Key) -> Checked | None:
        """The newest word about a datastream."""
        if waiting := self.waiting.get(key):
            return waiting[-1][1]
        word = self.words.get(key)
        return None if word is None else word.checked

    def by(self, key: Key) -> Checked | None:
        """What a datastream is doubted for now; None: it is not."""
        newest = self.newest(key)
        return None if newest is None or newest.quality == GOOD else newest

    def at(self, key: Key, position: Position) -> bool:
        """Whether what a datastream says at a place in the sorted stream is in doubt."""
        word = self.words.get(key)
        found = word is not None and word.since is not None and word.since < position
        for place, checked in self.waiting.get(key, ()):
            if place < position:
                found = checked.quality != GOOD
        return found

    def is_lifted(self, key: Key, position: Position) -> bool:
        """Whether it is said already, ahead of its turn, that what lies at a place is not in doubt any more."""
        return any(one.quality == GOOD and place > position for place, one in self.waiting.get(key, ()))

    @property
    def lifts(self) -> bool:
        """Whether any doubt is lifted ahead of its turn."""
        return any(one.quality == GOOD for found in self.waiting.values() for _, one in found)

    def wait(self, key: Key, position: Position, checked: Checked) -> None:
        """A word waits for its turn."""
        self.waiting.setdefault(key, []).append((position, checked))

    def turn(self, key: Key, position: Position, checked: Checked) -> Checked | None:
        """A word has its turn; the one that counted before it."""
        left = [(place, one) for place, one in self.waiting.pop(key, ()) if place > position]
        if left:
            self.waiting[key] = left
        before = self.words.get(key)
        since = None if checked.quality == GOOD else position
        if since is not None and before is not None and before.since is not None:
            since = before.since  # it goes on
        self.words[key] = Word(since, checked)
        return None if before is None else before.checked


NOBODY = Doubted()  # for hazards that do not ask neighbours
