"""A picture as rules see it, and the levels that follow.

Rules are asked about all of it, and about only the good values, or only the word of trusted people: what is true
without the doubtful ones needs no agreement. Rules that look back see through the same eyes. And what would be true
if nobody were silent is not false but unknown: silence lowers nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from streams.core.agreement import Sides
from streams.core.apart import Place, Split, look_at_parts
from streams.core.backing import is_backed
from streams.core.picture import TRUSTED, Key, Picture
from streams.core.places import together, unit_of
from streams.core.rules import Picture as Seen
from streams.core.rules import Truth, holds
from streams.core.stretches import Stretch, note
from streams.models.level import NONE, YELLOW
from streams.models.site import AlertCondition, Condition, Expression, ReportCondition

ALL, VALUES, PEOPLE = range(3)  # the eyes: all, good values only, reports only where a trusted person is among them
NOBODY: frozenset[Key] = frozenset()
ONE: frozenset[Key] = frozenset({("", "")})  # reports and alerts speak for the whole subject


@dataclass(slots=True, eq=False)
class View:
    """The picture through one of the eyes; `hops`: only alerts that come by so many."""

    picture: Picture
    ahead: bool = False  # with what acts before its turn
    eye: int = ALL
    hops: int | None = None
    sides: Sides = ()  # what says the same: a doubtful value with which enough stations agree is as good as a good one
    silence: bool = True  # False: as if no datastream had been silent for so long that a condition waits for it

    @property
    def now(self) -> int:
        """The newest phenomenon time that was heard of."""
        now = self.picture.memory.now
        return max(now, self.picture.newest_ahead) if self.ahead else now

    @property
    def passed(self) -> int:
        """The newest end of a window that all data has passed."""
        return self.picture.memory.passed

    def truth(self, rule: Expression) -> Truth:
        """Of a whole rule: one that only silence makes false is unknown."""
        found = holds(rule, self)
        if found is False and self.heeds_silence:
            return False if holds(rule, replace(self, silence=False)) is False else None
        return found

    @property
    def heeds_silence(self) -> bool:
        """Whether something may be false because a datastream says nothing."""
        return self.silence and bool(self.picture.book.absences) and self.picture.is_silent

    def condition(self, name: str) -> Truth:
        """True at any datastream; unknown if at none and one cannot be judged; else false."""
        picture = self.picture
        if (
            self.eye != VALUES
            and self.silence
            and (picture.raised.get(name) or (self.ahead and picture.ahead.get(name)))
        ):
            return True
        on, doubt = self.where(name)
        return True if on else None if doubt else False

    def where(self, name: str, during: int = 0) -> tuple[AbstractSet[Key], AbstractSet[Key]]:
        """At which datastreams it is true (or was so lately), and at which nobody knows."""
        condition = self.picture.hazard.conditions[name]
        if not isinstance(condition, Condition):
            truth = self._reported(condition) if isinstance(condition, ReportCondition) else self._relayed(condition)
            return (ONE if truth else NOBODY), (ONE if truth is None else NOBODY)
        if condition.kind == "absent" and not self.silence:
            return NOBODY, NOBODY
        latches = self.picture.raised.get(name, {})
        if self.ahead and (early := self.picture.ahead.get(name)):
            latches = latches | early
        good = self.eye == VALUES and not self._agreed(name)  # a doubtful one is as if it were off
        on: AbstractSet[Key] = (
            {key for key, latch in latches.items() if self.picture.trusts(key, latch, ahead=self.ahead)}
            if good
            else latches.keys()
        )
        if during:
            on = on | self.picture.memory.lately_on(name, during, self.now, good=good)
        doubt = self.picture.known.doubt.get(name)
        return on, doubt - on if doubt else NOBODY

    def _agreed(self, name: str) -> bool:
        """Whether enough independent stations say what a condition says: they are on at one that says the same."""
        wanted = self.picture.hazard.agreeing
        return any(name in side and len(self._stations(side)) >= wanted for side in self.sides)

    def _stations(self, names: AbstractSet[str]) -> set[str]:
        every, script = replace(self, eye=ALL, sides=()), self.picture.book.script
        values = [name for name in names if isinstance(self.picture.hazard.conditions[name], Condition)]
        found = [every.where(name, max(script.lately.get(name, ()), default=0))[0] for name in values]
        return {station for on in found for station, _ in on}

    def unit(self, key: Key, by: str) -> object:
        """What a datastream counts as."""
        return unit_of(key, self.picture.members.get(key), by)

    def near(self, key: Key, keys: Sequence[Key], metres: float) -> list[Truth]:
        """Which of these lie within a distance of one."""
        return self.picture.places.near(key, keys, metres)

    def apart(self, rule: Any, each: str) -> Mapping[Key, Place]:
        """The stations, zones or groups where a rule that holds nowhere by itself may hold."""
        return Split(self, each).places(self.picture.book.script.names(rule))

    def past(self, number: int) -> Sequence[Stretch]:
        """When an inner rule held."""
        found = self.picture.memory.past(self.eye, number)
        return self.going_on(number, found, lambda sides: replace(self, sides=sides))

    def going_on(self, number: int, found: list[Stretch], seen: Callable[[Sides], Seen]) -> Sequence[Stretch]:
        """When an inner rule held; one that holds with what is ahead begins to hold now. `seen`: by whom."""
        inner = self.picture.memory.script.inner[number]
        if self.hops is not None and any(self._too_far(name) for name in inner.names):
            return ()
        is_on = bool(found) and found[-1].until is None and found[-1].sure
        if self.ahead and not is_on and holds(inner.rule, seen(inner.sides)) is True:
            ended = [s for s in found if s.until is not None]
            return [*ended, Stretch(max(self.now, ended[-1].until or 0) if ended else self.now, 0, sure=True)]
        return found

    def _reported(self, condition: ReportCondition) -> Truth:
        calls = self.picture.calls.get(condition.name, [])
        if self.ahead:
            calls = calls + self.picture.calls_ahead.get(condition.name, [])
        after = max((call.time for call in calls), default=0) - condition.within
        found, wanted = [call for call in calls if call.time > after], condition.at_least
        trusted = {call.reporter for call in found if call.origin in TRUSTED} if self.eye == PEOPLE else None
        if condition.near is None:
            return trusted != set() and len({call.reporter for call in found}) >= wanted
        where = [(call.reporter, call.lon, call.lat) for call in found]
        sure, possible = together(where, condition.near, trusted)
        return True if sure >= wanted else None if possible >= wanted else False

    def _relayed(self, condition: AlertCondition) -> bool:
        held = self.picture.relays.get(condition.name, {}).values()
        far, now = self.hops, self.picture.memory.now
        found = (one for one in held if (far is None or one.relay.hops <= far) and one.counts(now, condition.lasting))
        return len({one.place(condition.by) for one in found}) >= condition.count

    def _too_far(self, name: str) -> bool:
        """Whether alerts that come by more hops than are asked for count for a condition."""
        held = self.picture.relays.get(name, {}).values()
        return any(one.relay.hops > self.hops for one in held if self.hops is not None)


def remember(picture: Picture, time: int, received: int) -> list[tuple[str, str]]:
    """The settled picture is as of this time now: what rules that look back will ask about it.

    Returns the relayed alerts that do not count any more: condition and alert.
    """
    memory = picture.memory
    memory.now = max(memory.now, time)
    gone = picture.unrelay() if picture.relays else []
    if memory.script.looks_back:
        for eye in (eye for eye in (ALL, VALUES, PEOPLE) if picture.book.eyes[eye]):
            for number, inner in enumerate(memory.script.inner):
                view = View(picture, eye=eye, sides=inner.sides)
                if inner.apart:
                    look_at_parts(view, number, inner, (time, received))
                else:
                    note(memory.past(eye, number), view.truth(inner.rule), time, received)
        memory.forget()
    return gone


def raw_levels(picture: Picture, *, ahead: bool = False, hops: int | None = None) -> dict[int, Truth]:
    """For each level of the hazard whether its rule holds.

    Doubtful values raise at most to the hazard's cap until somebody agrees; a citizen's word alone up to yellow.
    """
    found: dict[int, Truth] = {}
    instead: set[int] = set()  # a red that is in doubt is at least what doubt may raise
    view = View(picture, ahead, hops=hops)
    for level, expression in picture.book.script.levels.items():
        truth = view.truth(expression)
        limit = _limit(view, level, expression) if truth is True else level
        if limit < level:
            instead.add(limit)
            truth = False
        found[level] = truth
    return found | dict.fromkeys(instead - {NONE}, True) if instead else found


def highest(levels: dict[int, Truth]) -> int:
    """The highest level whose rule holds."""
    return max((level for level, truth in levels.items() if truth is True), default=NONE)


def _limit(view: View, level: int, expression: Expression) -> int:
    """How far up what makes this level's rule true may raise."""
    picture = view.picture
    cap = picture.hazard.suspect_raises_at_most
    believed = level <= cap or _reported(view)  # also values in doubt
    believed = believed or _has_no_doubt(view)
    good = view if believed else replace(view, eye=VALUES, sides=picture.book.script.sides[level])
    if level > YELLOW and level in picture.book.needs_people and not _backed(view, good, level, expression):
        return YELLOW
    return level if believed or holds(expression, good) is True else cap


def _has_no_doubt(view: View) -> bool:
    """Whether good values only is all there is: then a rule without a past is as true by them."""
    latches, script = (view.picture.raised, view.picture.ahead), view.picture.book.script
    return not script.looks_back and all(latch.good for of in latches for on in of.values() for latch in on.values())


def _backed(view: View, good: View, level: int, expression: Expression) -> bool:
    """Whether a level is true without people who are not trusted, or something else has to agree with them for it."""
    trusted = replace(view, eye=PEOPLE)
    if holds(expression, trusted) is True:
        return True
    eyes = [lambda part, eye=eye: holds(part, eye) is True for eye in (view, good, trusted)]
    return is_backed(view.picture.book.ways[level], *eyes)


def _reported(view: View) -> bool:
    """Whether somebody has reported the danger itself."""
    picture = view.picture
    return any(
        picture.calls.get(name) or (view.ahead and picture.calls_ahead.get(name)) for name in picture.book.telling
    )
