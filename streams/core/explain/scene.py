"""What explanations look at: one subject's picture at one moment."""

from datetime import tzinfo
from functools import cached_property

from streams.core.latch_plan import resolve
from streams.core.picture import Key, Latch, Picture, Position
from streams.core.subject import Moment, Subject
from streams.core.view import View
from streams.models.signal import Trigger
from streams.models.site import Condition, Site, Threshold
from streams.models.times import format_time

NEWEST: Position = (1 << 63, 0, 0, 0, 0)
LOOKED_AT = 64  # stations that are compared where no value is known


class Scene:
    """A subject at the moment of a command: what is on, the newest values, the thresholds of the day."""

    def __init__(self, site: Site, zone: tzinfo, subject: Subject, moment: Moment) -> None:
        self.site, self.zone, self.subject, self.moment = site, zone, subject, moment
        self.picture: Picture = subject.picture
        self.hazard = self.picture.hazard
        self.view = View(self.picture, ahead=True)
        self.on: dict[str, list[tuple[Key, Latch]]] = {}  # condition -> where it holds
        self._values: dict[tuple[Key, str], tuple[int, Position, float]] = {}  # newest one of an input at a datastream
        for key, name, latch in self.picture.shown_latches():
            self.on.setdefault(name, []).append((key, latch))
            self._hear(key, name, latch.last, latch.position)
        trigger = moment.trigger
        if trigger is not None and trigger.condition:
            self._hear((trigger.station, trigger.property), trigger.condition, trigger, NEWEST)

    def _hear(self, key: Key, name: str, told: Trigger, position: Position) -> None:
        """Of one time the value that was told last: in whatever order latches are looked at, it is the same one."""
        condition = self.hazard.conditions.get(name)
        if told.value is None or not isinstance(condition, Condition) or condition.kind == "absent":
            return
        found = (told.time, position, told.value)
        self._values[key, condition.input] = max(found, self._values.get((key, condition.input), found))

    def value(self, key: Key, condition: Condition) -> float | None:
        """The newest value of a condition's input that is known of a datastream."""
        found = self._values.get((key, condition.input))
        return None if found is None else found[2]

    def doubt(self, key: Key, latch: Latch) -> tuple[str, str]:
        """The check that puts what a latch says in doubt, and what that goes by; empty: none does."""
        if not (latch.good or latch.own):
            return latch.last.check, latch.last.bound
        checked = self.picture.doubted.by(key)
        return ("", "") if checked is None else (checked.check, checked.bound)

    @cached_property
    def fed(self) -> dict[str, set[Key]]:
        """Datastreams by property."""
        found: dict[str, set[Key]] = {}
        for key in self.picture.members:
            found.setdefault(key[1], set()).add(key)
        return found

    def keys(self, condition: Condition) -> set[Key]:
        """The datastreams that can speak of a condition now."""
        found = self.fed.get(self.hazard.inputs[condition.input].property, set())
        return found - self.picture.known.doubt.get(condition.name, set())

    def heard(self, condition: Condition) -> list[Key]:
        """Those of them whose newest value is known; else the first ones."""
        keys = self.keys(condition)
        known = [key for key, name in self._values if name == condition.input and key in keys]
        return sorted(known) or sorted(keys)[:LOOKED_AT]

    def threshold(self, condition: Condition, key: Key, *, clear: bool = False) -> float | None:
        """Where a condition goes on (or off) at a datastream today, in the input's unit."""
        on, off = self.thresholds(condition)
        wanted = off if clear and off is not None else on
        stream = self.picture.members.get(key)
        if stream is None:
            return None
        found = resolve(wanted, self.hazard.inputs[condition.input].unit, stream)
        return None if found is None else float(found)

    def thresholds(self, condition: Condition) -> tuple[Threshold | None, Threshold | None]:
        """On and off as of the day: the first season that fits."""
        for season in condition.seasons:
            if season.covers(self.day):
                return season.thr_on, season.thr_off
        return condition.thr_on, condition.thr_off

    @cached_property
    def day(self) -> tuple[int, int]:
        """Month and day by the site's calendar."""
        today = format_time(self.moment.time, self.zone)
        return int(today[5:7]), int(today[8:10])

    def clock(self, time: int) -> str:
        """Hours and minutes by the site's clock."""
        return format_time(time, self.zone)[11:16]
