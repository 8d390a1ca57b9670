"""Parts of a subject, each by itself: of its stations, zones or groups a vote of a rule is asked.

Only those are looked at where one of the rule's conditions is on, or unknown, or has been on not long ago: at the
others such a rule is false.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streams.core.agreement import Sides
from streams.core.memory import Key, Part, Stretch
from streams.core.rules import Truth, holds
from streams.models.site import Expression

if TYPE_CHECKING:
    from streams.core.view import View

Divided = dict[Key, set[Key]]  # the first datastream of a part -> all that are meant
NOBODY: frozenset[Key] = frozenset()


class Split:
    """A view divided by stations, zones or groups. What a condition is at each is worked out once."""

    def __init__(self, view: "View", by: str) -> None:
        self.view, self.by = view, by
        self.homes = view.picture.places.homes(by)
        self._found: dict[tuple[str, int], tuple[Divided, Divided]] = {}
        self._other: dict[tuple[str, Sides, bool], Split] = {}

    def places(self, names: Iterable[str]) -> dict[Key, "Place"]:
        """Where conditions of these names are on, unknown or remembered."""
        memory = self.view.picture.memory
        here = {(station, prop) for by, station, prop in memory.parts if by == self.by}
        for name in names:
            here.update(*self.where(name, max(memory.script.lately.get(name, ()), default=0)))
        return {home: Place(self, home) for home in sorted(here)}

    def where(self, name: str, during: int) -> tuple[Divided, Divided]:
        """Where a condition holds, and where nobody knows, part by part."""
        found = self._found.get((name, during))
        if found is None:
            on, doubt = self.view.where(name, during)
            found = self._found[name, during] = self._divided(on), self._divided(doubt)
        return found

    def _divided(self, keys: Iterable[Key]) -> Divided:
        found: Divided = {}
        for key in keys:
            found.setdefault(self.homes.get(key, key), set()).add(key)
        return found

    def other(self, by: str, sides: Sides, *, silence: bool) -> "Split":
        """Another division, or the same through another eye."""
        found = self._other.get((by, sides, silence))
        if found is None:
            view = replace(self.view, sides=sides, silence=silence)
            found = self._other[by, sides, silence] = Split(view, by)
        return found


@dataclass(frozen=True, slots=True)
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
        on, doubt = self.where(name)
        return True if on else None if doubt else False

    def where(self, name: str, during: int = 0) -> tuple[AbstractSet[Key], AbstractSet[Key]]:
        """At which of its datastreams it holds, and at which nobody knows."""
        on, doubt = self.split.where(name, during)
        return on.get(self.home, NOBODY), doubt.get(self.home, NOBODY)

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
        found = view.picture.memory.past(view.eye, number, self.name)
        return view.going_on(number, found, lambda sides: self._through(sides, silence=view.silence))
