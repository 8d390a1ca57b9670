"""Parts of a subject, each by itself: of its stations, zones or groups a vote of a rule is asked.

Only those are looked at where one of the rule's conditions is on, or unknown, or has been on not long ago: at the
others such a rule is false.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streams.core.agreement import Sides
from streams.core.parts import Part
from streams.core.places import Key
from streams.core.rules import Truth, holds
from streams.core.script import Inner
from streams.core.stretches import Due, Stretch
from streams.models.site import Expression

if TYPE_CHECKING:
    from streams.core.view import View

NOBODY: frozenset[Key] = frozenset()
Found = tuple[AbstractSet[Key], AbstractSet[Key]]  # where a condition holds, and where nobody knows


class Split:
    """A view divided by stations, zones or groups."""

    def __init__(self, view: "View", by: str) -> None:
        self.view, self.by = view, by
        self.homes, self.members = view.picture.places.homes(by), view.picture.places.members(by)
        self._found: dict[tuple[str, int], Found] = {}
        self._other: dict[tuple[str, Sides, bool], Split] = {}

    def places(self, names: Iterable[str]) -> dict[Key, "Place"]:
        """Where conditions of these names are on, unknown or remembered."""
        memory, homes = self.view.picture.memory, self.homes
        here = {(station, prop) for by, station, prop in memory.parts.spans if by == self.by}
        for name in names:
            for keys in self.lately(name):
                here.update([homes.get(key, key) for key in keys])
        return {home: Place(self, home) for home in sorted(here)}

    def lately(self, name: str) -> Found:
        """Where a condition is on, or was as lately as any rule asks."""
        lately = self.view.picture.book.script.lately.get(name)
        return self.where(name, max(lately) if lately else 0)

    def where(self, name: str, during: int) -> Found:
        """Where a condition holds, and where nobody knows."""
        found = self._found.get((name, during))
        if found is None:
            found = self._found[name, during] = self.view.where(name, during)
        return found

    def other(self, by: str, sides: Sides, *, silence: bool) -> "Split":
        """Another division, or the same through another eye."""
        found = self._other.get((by, sides, silence))
        if found is None:
            view = replace(self.view, sides=sides, silence=silence)
            found = self._other[by, sides, silence] = Split(view, by)
        return found


@dataclass(slots=True)
class Place:
    """The picture of one station, zone or group, as rules see it. `home`: its first datastream."""

    split: Split
    home: Key

    @property
    def name(self) -> Part:
        """As it is remembered."""
        return self.split.by, *self.home

    @property
    def now(self) -> int:
        """The newest phenomenon time that was heard of, anywhere."""
        return self.split.view.now

    @property
    def passed(self) -> int:
        """The newest end of a window that all data has passed."""
        return self.split.view.passed

    def truth(self, rule: Expression) -> Truth:
        """Of a whole rule: one that only silence makes false is unknown."""
        view, found = self.split.view, holds(rule, self)
        if found is False and view.heeds_silence:
            return False if holds(rule, self._through(view.sides, silence=False)) is False else None
        return found

    def _through(self, sides: Sides, *, silence: bool) -> "Place":
        return Place(self.split.other(self.split.by, sides, silence=silence), self.home)

    def condition(self, name: str) -> Truth:
        """True at any of its datastreams; unknown if at none and one cannot be judged; else false."""
        on, doubt = self.split.where(name, 0)
        own = self.split.members.get(self.home, NOBODY)
        return True if not on.isdisjoint(own) else False if doubt.isdisjoint(own) else None

    def where(self, name: str, during: int = 0) -> tuple[AbstractSet[Key], AbstractSet[Key]]:
        """At which of its datastreams it holds, and at which nobody knows."""
        on, doubt = self.split.where(name, during)
        own = self.split.members.get(self.home, NOBODY)
        return on & own, doubt & own

    def unit(self, key: Key, by: str) -> object:
        """What a datastream counts as."""
        return self.split.view.unit(key, by)

    def near(self, key: Key, keys: Sequence[Key], metres: float) -> list[Truth]:
        """Which of these lie within a distance of one."""
        return self.split.view.near(key, keys, metres)

    def apart(self, rule: Any, each: str) -> Mapping[Key, "Place"]:
        """The stations of a zone; a station is one."""
        view, homes = self.split.view, self.split.homes
        if each == self.split.by:
            return {self.home: self}
        split = self.split.other(each, view.sides, silence=view.silence)
        found = split.places(view.picture.book.script.names(rule))
        return {home: place for home, place in found.items() if homes.get(home, home) == self.home}

    def past(self, number: int) -> Sequence[Stretch]:
        """When an inner rule held here."""
        view = self.split.view
        found = view.picture.memory.parts.past(self.name, view.eye, number)
        return view.going_on(number, found, lambda sides: self._through(sides, silence=view.silence))


def look_at_parts(view: "View", number: int, inner: Inner, moment: Due) -> None:
    """Note what an inner rule is at each part of the subject now."""
    parts, split = view.picture.memory.parts, Split(view, inner.apart)
    for place in _to_ask(split, number, inner):
        parts.note(place.name, view.eye, number, place.truth(inner.rule), moment)


def _to_ask(split: Split, number: int, inner: Inner) -> Iterable[Place]:
    """Those of which something else is known than when they were last asked; all, if time alone may change a rule."""
    view, parts = split.view, split.view.picture.memory.parts
    names = view.picture.book.script.apart[inner.apart]
    before = parts.seen.pop((view.eye, number), None)
    if inner.timed or view.heeds_silence:
        return split.places(names).values()
    now = [frozenset(keys) for name in sorted(names) for keys in split.where(name, 0)]
    parts.seen[view.eye, number] = now
    if before is None:
        return split.places(names).values()
    other = frozenset[Key]().union(*(one ^ was for one, was in zip(now, before, strict=True)))
    return [Place(split, home) for home in sorted({split.homes.get(key, key) for key in other})]
