"""The picture of one subject: which latches are on at which datastreams, who is lost, who has reported."""

from dataclasses import dataclass, field

from streams.core.plan import judgeable, names_in
from streams.core.quality import GOOD
from streams.core.rules import Truth, holds
from streams.models.level import YELLOW
from streams.models.signal import Reported, Trigger
from streams.models.site import Condition, Datastream, Expression, Hazard, ReportCondition

Position = tuple[int, int, int, int, int]  # received, partition, offset, row, n: the order of the sorted stream
#: whose word alone may raise up to red; a citizen's or a hotline's up to yellow (SEMANTICS, Reports)
TRUSTED = frozenset({"department", "grid_worker", "inspection"})
BEGINNING: Position = (-1, -1, -1, -1, -1)


@dataclass(slots=True)
class Latch:
    """One condition at one datastream, as last told."""

    on: bool
    since: int
    last: Trigger  # of the newest edge or sighting
    good: bool  # a good value has confirmed it since it went on
    position: Position  # of the newest edge


@dataclass(slots=True)
class Picture:
    """All of one subject, for one hazard and one status."""

    hazard: Hazard
    members: dict[tuple[str, str], Datastream]  # datastreams that feed the hazard at this subject
    latches: dict[tuple[str, str, str], Latch] = field(default_factory=dict)  # station, property, condition
    lost: dict[tuple[str, str], str] = field(default_factory=dict)  # datastream -> check
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)  # newest lost or back of a datastream
    calls: dict[str, list[Reported]] = field(default_factory=dict)  # report condition -> reports within its time

    def apply(self, trigger: Trigger, position: Position) -> bool:
        """Take in a trigger; False when it changed nothing (something newer about the same thing is known)."""
        if trigger.edge in ("lost", "back"):
            return self._presence(trigger, position)
        key = (trigger.station, trigger.property, trigger.condition)
        latch = self.latches.get(key)
        if latch is not None and position < latch.position:
            return False
        on = trigger.edge != "off"
        before = latch if latch is not None and latch.on and trigger.edge == "sighting" else None  # an `on` begins anew
        good = on and (trigger.quality == GOOD or (before is not None and before.good))
        since = before.since if before is not None else trigger.time
        if position >= self.positions.get(key[:2], BEGINNING):
            self.lost.pop(key[:2], None)  # what speaks is there
        self.latches[key] = Latch(on, since, trigger, good, position)
        return True

    def _presence(self, trigger: Trigger, position: Position) -> bool:
        key = (trigger.station, trigger.property)
        if position < self.positions.get(key, BEGINNING):
            return False
        self.positions[key] = position
        if trigger.edge == "back":
            return self.lost.pop(key, None) is not None
        needed = "gap" if trigger.check == "gap" else "range"
        if needed not in self.hazard.checks:
            return False
        self.lost[key] = trigger.check
        return True

    @property
    def reports(self) -> list[Reported]:
        """Reports that still count for a condition."""
        return list({report.id: report for calls in self.calls.values() for report in calls}.values())

    def is_on(self, station: str, prop: str) -> bool:
        """Whether any condition is on at a datastream."""
        return any(latch.on for key, latch in self.latches.items() if key[:2] == (station, prop))

    # -- truth -------------------------------------------------------------------------------------------------------

    def raw_levels(self) -> dict[int, Truth]:
        """For each level of the hazard whether its rule holds.

        Doubtful values raise at most to the hazard's cap until somebody agrees; a citizen's word alone up to yellow.
        """
        found: dict[int, Truth] = {}
        instead: set[int] = set()  # a red that is in doubt is at least what doubt may raise
        for level, expression in self.hazard.levels.items():
            truth = holds(expression, View(self))
            limit = self._limit(level, expression) if truth is True else level
            if limit < level:
                instead.add(limit)
                truth = False
            found[level] = truth
        return found | dict.fromkeys(instead - {0}, True)

    def _limit(self, level: int, expression: Expression) -> int:
        """How far up what makes this level's rule true may raise."""
        if level > YELLOW and holds(expression, View(self, trusted_reports=True)) is not True:
            return YELLOW
        sure = level <= self.hazard.suspect_raises_at_most or self.agreed(level)
        if not sure and holds(expression, View(self, trusted_values=True)) is not True:
            return self.hazard.suspect_raises_at_most
        return level

    def agreed(self, level: int) -> bool:
        """A second independent station agrees (on at a condition of this level's rule), or somebody has reported it."""
        names = names_in(self.hazard.levels[level])
        stations = {key[0] for key, latch in self.latches.items() if latch.on and key[2] in names}
        return len(stations) + bool(self.reports) > 1

    def supporting(self, level: int) -> list[Trigger]:
        """The newest triggers of the latches that are on and matter up to this level, in a fixed order."""
        names = {n for lv, expression in self.hazard.levels.items() if lv <= level for n in names_in(expression)}
        on = [(key, latch) for key, latch in self.latches.items() if latch.on and key[2] in names]
        return [latch.last for _, latch in sorted(on, key=lambda item: item[0])]


@dataclass(slots=True, frozen=True)
class View:
    """The picture as rules see it: all of it, or only good values, or only trusted reporters."""

    picture: Picture
    trusted_values: bool = False
    trusted_reports: bool = False

    def condition(self, name: str) -> Truth:
        """True at any datastream; unknown if at none and one cannot be judged; else false."""
        condition = self.picture.hazard.conditions[name]
        if isinstance(condition, ReportCondition):
            return self._reported(condition)
        truths = self.members(name)
        return True if True in truths else None if None in truths else False

    def members(self, name: str) -> list[Truth]:
        """For each datastream that feeds the condition."""
        condition = self.picture.hazard.conditions[name]
        if isinstance(condition, ReportCondition):
            return [self._reported(condition)]
        prop = self.picture.hazard.inputs[condition.input].property
        return [self._at(key, condition) for key in self.picture.members if key[1] == prop]

    def _at(self, key: tuple[str, str], condition: Condition) -> Truth:
        latch = self.picture.latches.get((*key, condition.name))
        if latch is not None and latch.on and (latch.good or not self.trusted_values):
            return True  # a station that falls silent while its alert is on keeps its level
        if not judgeable(condition, self.picture.members[key]):
            return None
        return None if key in self.picture.lost and condition.kind != "absent" else False

    def _reported(self, condition: ReportCondition) -> Truth:
        calls = self.picture.calls.get(condition.name, [])
        after = max((call.time for call in calls), default=0) - condition.within
        within = [call for call in calls if call.time > after]
        who = {call.reporter for call in within if not self.trusted_reports or call.origin in TRUSTED}
        return len(who) >= condition.at_least
