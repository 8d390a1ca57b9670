"""The second Bank: datastreams of one group against each other, as their samples have their turn.

A value is held against the median of its neighbours' newest values; the slow mean of that difference is its drift.
A sample costs what its own group costs, however many groups there are.
"""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core.quality import GOOD
from streams.models.datastream import Checks
from streams.models.datastreams import NONE
from streams.models.neighbours import Peers
from streams.models.signal import Sampled
from streams.models.site import Site

Verdict = Literal["neighbour", "drift", ""]  # the check that a datastream is suspect by; empty: it is not
Key = tuple[str, str, str]  # status, station, property
COVERED = -math.expm1(-1 / 3) - 1e-9  # weight of a slow mean that covers a third of its time
TOLD_AGAIN = 0.25  # a drift that has moved by so much of its limit is told again
ALONE = 3  # good ones in a row, at least, that end a doubt which too few are left to bear out
FAR = -(1 << 62)  # no time is near it


class Member(msgspec.Struct, array_like=True):
    """What is remembered of one datastream."""

    time: int  # of its newest sample
    value: float
    good: bool  # its own checks have nothing against it
    check: Verdict = ""
    run: int = 0  # good ones in a row
    word: int = 0  # what was said of it last
    compared: int | None = None  # time of its newest difference
    sum: float = 0.0  # of differences, weighted by time
    weight: float = 0.0  # sum of the weights: 1 = it covers all of its time
    told: float = 0.0  # drift ÷ limit as it was told


class Found(NamedTuple):
    """Something is to be said of a datastream."""

    number: int
    member: Member
    median: float | None  # of its neighbours: what its value was held against; None: too few are left
    drift: float | None  # ÷ its limit


class Group:
    """Peers of one status. Columns in the order of the file: what is asked of all of them."""

    def __init__(self, site: Site, peers: Peers) -> None:
        table = site.datastreams
        self.peers = peers
        count = len(peers.members)
        self.place = {number: place for place, number in enumerate(peers.members.tolist())}
        self.members: list[Member | None] = [None] * count
        of_profile, judges = table.profile[peers.members].tolist(), site.neighbours.judges
        #: by place; None: it is only a neighbour of others
        self.checks = [
            table.profiles[profile].checks if judges(number) else None
            for number, profile in zip(self.place, of_profile, strict=True)
        ]
        self._value = np.zeros(count)
        self._good = np.full(count, FAR, np.int64)  # time of the newest value, where it is good by its own checks
        self._fine = np.full(count, FAR, np.int64)  # and by its neighbours

    def put(self, number: int, member: Member) -> None:
        """What is known of a datastream now."""
        place = self.place[number]
        self.members[place] = member
        self._value[place] = member.value
        self._good[place] = member.time if member.good else FAR
        self._fine[place] = member.time if member.good and not member.check else FAR

    def others(self, number: int, time: int, age: int, *, suspect: bool = False) -> NDArray[np.int64]:
        """Places of neighbours that count at the time of a datastream's newest value; `suspect`: and suspect ones."""
        near = np.abs((self._good if suspect else self._fine) - time) <= age
        near[self.place[number]] = False
        return near.nonzero()[0]

    def ahead(self, time: int, age: int) -> bool:
        """Whether neighbours are too far ahead of a datastream's newest value: they are not gone, it is behind."""
        return bool((self._good > time + age).any())

    def median(self, places: NDArray[np.int64], value: float) -> float:
        """Of their values, whatever their order is; of an even number the nearer of the two in the middle.

        Else one of two neighbours that is wrong, and not known to be yet, would make the right ones suspect.
        """
        values, count = self._value[places], len(places)
        values.sort()
        return min(max(value, float(values[(count - 1) // 2])), float(values[count // 2]))


class Neighbours:
    """Those of one Assessor: its groups are the ones whose home lies in its zones."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._groups: dict[tuple[int, str], Group] = {}  # code of the peers, status
        self._known: dict[Key, tuple[Group, int]] = {}  # who was heard: its group and its number

    def group(self, code: int, status: str) -> Group:
        """Made when it is first spoken of."""
        found = self._groups.get((code, status))
        if found is None:
            found = self._groups[code, status] = Group(self._site, self._site.neighbours.peers(code))
        return found

    def number(self, station: str, prop: str) -> int | None:
        """Of a datastream that is compared with others; None: there is no such one."""
        number = self._site.datastreams.number(station, prop)
        return None if number is None or self._site.neighbours.code[number] == NONE else number

    def hear(self, sample: Sampled) -> list[Found]:
        """A sample has its turn; of whom there is something to say now."""
        known = self._find((sample.status, sample.station, sample.property))
        if known is None:
            return []
        group, number = known
        place = group.place[number]
        before, checks = group.members[place], group.checks[place]
        if before is not None and sample.time <= before.time:
            return []
        member = before or Member(sample.time, sample.value, good=False)
        member.time, member.value, member.good = sample.time, sample.value, sample.quality == GOOD
        group.put(number, member)
        if checks is None:
            return []
        if not member.good:
            member.run = 0
            return []
        found = _judge(group, number, member, checks)
        for one in found:
            one.member.word = max(one.member.word + 1, sample.received)
            group.put(one.number, one.member)
        return found

    def _find(self, key: Key) -> tuple[Group, int] | None:
        """The group and the number of a datastream that is compared with others."""
        found = self._known.get(key)
        if found is None and (number := self.number(*key[1:])) is not None:
            found = self._known[key] = self.group(int(self._site.neighbours.code[number]), key[0]), number
        return found

    # -- state -------------------------------------------------------------------------------------------------------

    def members(self) -> Iterator[tuple[Key, Member]]:
        """All that is remembered."""
        table = self._site.datastreams
        for (_, status), group in self._groups.items():
            for number, place in group.place.items():
                member = group.members[place]
                if member is not None:
                    yield (status, *table.key(number)), member

    def member(self, status: str, station: str, prop: str) -> Member | None:
        """What is remembered of one datastream."""
        number = self.number(station, prop)
        group = None if number is None else self._groups.get((int(self._site.neighbours.code[number]), status))
        return None if group is None or number is None else group.members[group.place[number]]

    def restore(self, key: Key, member: Member) -> bool:
        """As it was saved; whether the site still compares it."""
        if (found := self._find(key)) is not None:
            found[0].put(found[1], member)
        return found is not None


def _judge(group: Group, number: int, member: Member, checks: Checks) -> list[Found]:
    """A value of a datastream against its neighbours."""
    others, lifts = group.others(number, member.time, checks.neighbour_age), False
    if len(others) < checks.neighbour_least and member.check:
        others, lifts = group.others(number, member.time, checks.neighbour_age, suspect=True), True
    if len(others) < max(checks.neighbour_least, 1):
        over = member.check and _left(group, member, checks, others)
        return [Found(number, member, None, _drift(member, checks))] if over else []
    median = group.median(others, member.value)
    verdict = _verdict(member, checks, member.value - median)
    news = _says(member, checks, verdict, lifts=lifts)
    found = [Found(number, member, median, _drift(member, checks))] if news else []
    if verdict == "neighbour" and len(others) == 1 and not lifts:
        found += _both(group, int(others[0]), member.value)
    return found


def _left(group: Group, member: Member, checks: Checks, others: NDArray[np.int64]) -> bool:
    """Whether a doubt is over because too few are left to bear it out, and nobody of them does."""
    limit = checks.drift if member.check == "drift" else checks.neighbour
    if len(others) and limit is not None and abs(member.value - group.median(others, member.value)) > limit:
        member.run = 0
        return False
    member.run += not group.ahead(member.time, checks.neighbour_age)
    if member.run < max(checks.recover, ALONE):
        return False
    member.check, member.told = "", 0.0
    return True


def _both(group: Group, place: int, value: float) -> Iterator[Found]:
    """Of two that disagree nobody knows which is wrong."""
    member, checks = group.members[place], group.checks[place]
    if member is not None and checks is not None and checks.neighbour is not None:
        member.check, member.run = "neighbour", 0
        yield Found(int(group.peers.members[place]), member, value, _drift(member, checks))


def _verdict(member: Member, checks: Checks, difference: float) -> Verdict:
    """What a difference means; it goes into the slow mean unless it is one that is said by itself."""
    if checks.neighbour is not None and abs(difference) > checks.neighbour:
        return "neighbour"
    if checks.drift is not None:
        if member.compared is not None:
            span = min(max(member.time - member.compared, 0), checks.neighbour_age)
            share = -math.expm1(-span / checks.drift_for)
            member.sum += share * (difference - member.sum)
            member.weight += share * (1 - member.weight)
        member.compared = member.time
    drift = _drift(member, checks)
    return "drift" if drift is not None and abs(drift) > 1 else ""


def _drift(member: Member, checks: Checks) -> float | None:
    """Slow mean ÷ its limit; None while it covers too little."""
    if checks.drift is None or member.weight < COVERED:
        return None
    return member.sum / member.weight / checks.drift


def _says(member: Member, checks: Checks, verdict: Verdict, *, lifts: bool) -> bool:
    """Whether a verdict is news. `lifts`: those who say it are suspect themselves, so they can only agree."""
    drift = _drift(member, checks) or 0.0
    if verdict:
        member.run = 0
        moved = verdict == "drift" and abs(drift - member.told) >= TOLD_AGAIN
        if lifts or (verdict == member.check and not moved):
            return False
        member.check, member.told = verdict, drift
        return True
    member.run += 1
    if not member.check or member.run < checks.recover:
        return False
    member.check, member.told = "", 0.0
    return True
