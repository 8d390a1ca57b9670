"""Two sequences that should be one: where they part, told so that a person can read it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

import msgspec

#: what tells one command or trigger from another
TELLING = (
    *("id", "alert", "version", "reason", "level", "previous_level", "subject"),
    *("station", "property", "edge", "hazard", "condition", "time", "value"),
)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Place(NamedTuple):
    """Where something stands, or the record that it follows from."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}] offset {self.offset}"


class Told(NamedTuple):
    """A trigger or a command: where it stands, its bytes, and what its own state is kept for (a latch, an alert)."""

    place: Place
    id: str
    about: str
    value: bytes


class Field(NamedTuple):
    """One field that differs, on both sides; none = it is not there."""

    name: str
    left: str | None
    right: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Of what, in what way, where, and field by field."""

    subject: str
    what: str
    places: tuple[Place | None, Place | None] = (None, None)
    fields: list[Field] = field(default_factory=list)
    sides: tuple[str, str] = ("recorded", "replayed")


@dataclass(slots=True)
class Promise:
    """What was found about one of them; `why` it was not compared, if it was not."""

    name: str
    text: str
    compared: int = 0
    difference: Difference | None = None
    why: str | None = None

    @property
    def holds(self) -> bool | None:
        """None = not compared."""
        return None if self.why is not None else self.difference is None

    def compare(self, subject: str, recorded: list[Told], replayed: list[Told]) -> None:
        """One sequence more. The first difference of all stays."""
        self.compared += len(recorded)
        self.compare_too(subject, recorded, replayed)

    def compare_too(self, subject: str, recorded: list[Told], replayed: list[Told]) -> None:
        """The same of what was counted before, in another form."""
        if self.difference is None:
            self.difference = first_difference(subject, recorded, replayed)


def once(told: list[Told]) -> list[Told]:
    """Without repeats of an id: where each stood first, as who drops them sees it."""
    first: dict[str, Told] = {}
    for one in told:
        first.setdefault(one.id, one)
    return list(first.values())


def two_contents(subject: str, told: Iterable[Told]) -> Difference | None:
    """The first id that comes again with other bytes."""
    first: dict[str, Told] = {}
    for one in told:
        known = first.setdefault(one.id, one)
        if known.value != one.value:
            fields = differing(known.value, one.value)
            what, places = f"id {one.id} has two contents", (known.place, one.place)
            return Difference(f"{subject}, {one.about.strip()}", what, places, fields, ("first", "again"))
    return None


def first_difference(subject: str, recorded: list[Told], replayed: list[Told]) -> Difference | None:
    """Where what was recorded and what the replay gives part for the first time."""
    for index, (left, right) in enumerate(zip_longest(recorded, replayed)):
        if left is None or right is None or left.value != right.value:
            return _parting(f"{subject}, number {index + 1}", left, right, (recorded, replayed))
    return None


def _parting(subject: str, left: Told | None, right: Told | None, whole: tuple[list[Told], list[Told]]) -> Difference:
    """What it is that differs there; only that is shown."""
    if left and right and left.id == right.id:
        fields = differing(left.value, right.value)
        return Difference(subject, "the same id has other content", (left.place, right.place), fields)
    known = left is not None and left.id in {one.id for one in whole[1]}
    wanted = right is not None and right.id in {one.id for one in whole[0]}
    what = "the order is another one" if known and wanted else "the recording has one, the replay another"
    if right is not None and not wanted and (left is None or known):
        where = f"before {left.place}" if left else "at the end: was the job stopped, or still at work?"
        what, left = f"what the replay gives is missing in the recording, {where}", None
    elif left is not None and not known and (right is None or wanted):
        what, right = "what is recorded does not follow from the replay", None
    fields = differing(left and left.value, right and right.value)
    places = (left and left.place, right and right.place)
    return Difference(subject, what, places, [one for one in fields if one.name in TELLING])


def differing(left: bytes | None, right: bytes | None) -> list[Field]:
    """The fields that are not the same, in the order of the bytes."""
    a, b = (_fields(value) if value else {} for value in (left, right))
    names = [
        name for name in dict.fromkeys([*a, *b]) if name not in a or name not in b or bytes(a[name]) != bytes(b[name])
    ]
    return [
        Field(name, *(bytes(x[name]).decode(errors="backslashreplace") if name in x else None for x in (a, b)))
        for name in names
    ]


def settled(recorded: list[Told], replayed: list[Told]) -> tuple[list[Told], list[Told]]:
    """What comes after both have said the same about a thing: what either says before depends on what is not there."""
    known = {(one.about, one.value) for one in recorded}
    begins: dict[str, bytes] = {}
    for one in replayed:
        if (one.about, one.value) in known:
            begins.setdefault(one.about, one.value)
    return _after(recorded, begins), _after(replayed, begins)


def _after(told: list[Told], begins: dict[str, bytes]) -> list[Told]:
    begun: set[str] = set()
    kept = []
    for one in told:
        if one.value == begins.get(one.about):
            begun.add(one.about)
        if one.about in begun:
            kept.append(one)
    return kept


class UnreadableError(Exception):
    """The record read last cannot be Tocsin's."""


@dataclass(slots=True)
class Report:
    """All promises, and what else is to be known."""

    promises: list[Promise]
    notes: list[str]

    @property
    def ok(self) -> bool:
        """Nothing that was compared differs."""
        return all(promise.holds is not False for promise in self.promises)
