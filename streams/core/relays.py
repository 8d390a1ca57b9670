"""Relays: what an alert means for hazards that wait for it, in its own zone and in others.

They are records of `signals`, so a replay sees them. Said whenever the level changes that others are to know of; a
chain of alerts that lead to one another ends after four hops.
"""

from typing import NamedTuple

from streams.core.related import Home, Related
from streams.core.subject import Moment, Subject
from streams.core.view import highest, raw_levels
from streams.models.ids import cause_id
from streams.models.level import NONE
from streams.models.signal import Relay
from streams.models.site import AlertCondition, Hazard, Site
from streams.models.times import DAY

MOST_HOPS = 4
REMEMBERED = 7 * DAY


class Target(NamedTuple):
    """A subject to which an alert matters, and the conditions that wait for it there."""

    hazard: Hazard
    subject: str
    conditions: tuple[str, ...]


class Relays:
    """Those of one Assessor: what it has to send, and which words of which alerts it has heard."""

    def __init__(self, site: Site, changed: set[tuple[str, ...]]) -> None:
        """`changed`: rows of state that are no longer as saved."""
        self._site, self._changed = site, changed
        self._waiting: dict[str, list[tuple[Hazard, AlertCondition]]] = {}
        for hazard in site.hazards.values():
            for condition in hazard.conditions.values():
                if isinstance(condition, AlertCondition):
                    self._waiting.setdefault(condition.hazard, []).append((hazard, condition))
        self._related = Related(site)
        self._targets: dict[tuple[str, Home], dict[str, list[Target]]] = {}
        self.out: list[Relay] = []
        self.heard: dict[tuple[str, str], tuple[int, int]] = {}  # zone, alert -> word, heard at; oldest first

    # -- where to ----------------------------------------------------------------------------------------------------

    def targets(self, hazard: str, subject: str, zone: str) -> dict[str, list[Target]]:
        """Zone -> the subjects there to which an alert matters. Worked out once."""
        key = (hazard, (zone, subject))
        if key not in self._targets:
            self._targets[key] = self._find(hazard, (zone, subject))
        return self._targets[key]

    def _find(self, hazard: str, home: Home) -> dict[str, list[Target]]:
        theirs = self._site.hazards.get(hazard)
        if theirs is None:
            return {}
        found: dict[tuple[str, str, str], list[str]] = {}
        for ours, condition in self._waiting.get(hazard, ()):
            for zone, name in self._related.of(condition, ours, theirs, home):
                found.setdefault((zone, ours.name, name), []).append(condition.name)
        targets: dict[str, list[Target]] = {}
        for (zone, name, subject), conditions in sorted(found.items()):
            targets.setdefault(zone, []).append(Target(self._site.hazards[name], subject, tuple(conditions)))
        return targets

    # -- out ---------------------------------------------------------------------------------------------------------

    def note(self, subject: Subject, cause: str, moment: Moment) -> None:
        """An alert may have changed: whoever waits for it hears of another level."""
        alert, hazard = subject.alert, subject.picture.hazard
        if alert is None or hazard.name not in self._waiting:
            return
        level, hops = _told(subject, alert.level)
        if level == alert.relayed:
            return
        alert.relayed, alert.words = level, alert.words + 1
        lon, lat = self._place(hazard, (subject.zone, subject.subject))
        for zone in self.targets(hazard.name, subject.subject, subject.zone):
            ident = cause_id("relay", alert.id, cause, zone)
            self.out.append(
                Relay(
                    ident, zone, subject.status, hazard.name, alert.id, alert.version, alert.words, level,
                    subject.subject, subject.zone, moment.time, moment.received, hops, lon, lat,
                )
            )  # fmt: skip

    def _place(self, hazard: Hazard, home: Home) -> tuple[float | None, float | None]:
        where = self._related.shape_of(hazard, home)
        if where is None:
            return None, None
        point = where.representative_point() if hazard.subject == "zone" else where.centroid
        return round(point.x, 6), round(point.y, 6)

    # -- in ----------------------------------------------------------------------------------------------------------

    def is_new(self, relay: Relay, now: int) -> bool:
        """Whether nothing as new was heard of this alert here."""
        while self.heard:
            old = next(iter(self.heard))
            if self.heard[old][1] >= now - REMEMBERED:
                break
            self._forget(old)
        key = (relay.zone, relay.alert)
        if relay.word <= self.heard.get(key, (0, 0))[0]:
            return False
        self.heard.pop(key, None)  # the newest stands last
        self.heard[key] = (relay.word, now)
        self._changed.add(("heard", *key))
        return True

    def _forget(self, key: tuple[str, str]) -> None:
        del self.heard[key]
        self._changed.add(("heard", *key))


def _told(subject: Subject, level: int) -> tuple[int, int]:
    """The level that others are told of, and how many alerts led to one another up to it: the fewest it needs."""
    picture = subject.picture
    if not level or not any(picture.relays.values()):
        return level, 1
    whole, reached = highest(raw_levels(picture, ahead=True)), NONE
    for hops in range(MOST_HOPS):
        reached = highest(raw_levels(picture, ahead=True, hops=hops))
        if reached >= whole:
            return level, hops + 1
    return min(level, reached), MOST_HOPS
