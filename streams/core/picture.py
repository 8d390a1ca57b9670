"""The picture of one subject: which conditions are on at which datastreams, who is lost, who has reported.

It is kept twice over. What has had its turn in the sorted stream is *settled*. What raises acts at once, before its
turn: it lies *ahead* until then. Rules are asked about the settled picture, and about the settled one with what is
ahead laid over it (view.py); when nothing is ahead, both are one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.core.doubted import NOBODY, Doubted
from streams.core.known import Known
from streams.core.latch import Key, Latch, Latches, Position, after_rise
from streams.core.memory import Lately, Memory
from streams.core.places import Places
from streams.core.relayed import Held
from streams.core.rulebook import Rulebook
from streams.models.signal import Relay, Reported, Trigger
from streams.models.site import Datastream, Hazard

__all__ = ["TRUSTED", "Key", "Latch", "Latches", "Picture", "Position"]

#: whose word alone may raise up to red; a citizen's or a hotline's up to yellow
TRUSTED = frozenset({"department", "grid_worker", "inspection"})


@dataclass(slots=True)
class Picture:
    """All of one subject, for one hazard and one status."""

    book: Rulebook
    members: dict[Key, Datastream]  # datastreams that feed the hazard at this subject
    raised: Latches = field(default_factory=dict)  # settled; only what is on
    ahead: Latches = field(default_factory=dict)  # what raises, before its turn
    calls: dict[str, list[Reported]] = field(default_factory=dict)  # report condition -> reports within its time
    calls_ahead: dict[str, list[Reported]] = field(default_factory=dict)
    relays: dict[str, dict[str, Held]] = field(default_factory=dict)  # alert condition -> alert -> what was relayed
    waits: bool = True  # for the first word of its datastreams, where that matters
    known: Known = field(init=False)  # who can say that a condition is off
    memory: Memory = field(init=False)  # for rules that look back
    doubted: Doubted = NOBODY  # by their neighbours: of its zone and status
    _places: Places | None = None

    def __post_init__(self) -> None:
        self.memory = Memory(self.book.script)
        self.known = Known(self.book, self.members, waits=self.waits)

    @property
    def hazard(self) -> Hazard:
        """What it is about."""
        return self.book.hazard

    @property
    def lost(self) -> dict[Key, str]:
        """Datastreams that say nothing any more, and the check that says so."""
        return self.known.lost

    @property
    def places(self) -> Places:
        """Where its datastreams lie."""
        if self._places is None:
            self._places = Places(self.members)
        return self._places

    @property
    def has_ahead(self) -> bool:
        """Whether something acts before its turn."""
        return bool(self.ahead or self.calls_ahead or (self.doubted.waiting and self.doubted.lifts))

    @property
    def is_silent(self) -> bool:
        """Whether some datastream says nothing: it is lost, or a condition that waits for silence is on."""
        return bool(self.lost) or any(name in self.raised for name in self.book.absences)

    @property
    def newest_ahead(self) -> int:
        """The newest phenomenon time of what acts before its turn."""
        times = [latch.last.time for found in self.ahead.values() for latch in found.values()]
        times += [report.time for calls in self.calls_ahead.values() for report in calls]
        return max(times, default=0)

    @property
    def latches(self) -> dict[tuple[str, str, str], Latch]:
        """What is on once everything had its turn: (station, property, condition) -> latch."""
        return {(*key, name): latch for name, found in self.raised.items() for key, latch in found.items()}

    # -- what triggers change ----------------------------------------------------------------------------------------

    def raise_ahead(self, trigger: Trigger, position: Position) -> bool:
        """A rise acts before its turn; whether a rule may see it otherwise now."""
        key, name = (trigger.station, trigger.property), trigger.condition
        before = self.shown(key, name)
        latch = self.ahead.setdefault(name, {})[key] = self._rise(trigger, position, before)
        return before is None or latch.good != before.good

    def settle(self, trigger: Trigger, position: Position) -> bool:
        """A trigger has its turn; whether a rule may see it otherwise now."""
        key, name = (trigger.station, trigger.property), trigger.condition
        if trigger.edge in ("lost", "back"):
            return self._presence(trigger, key)
        self._arrive(name, key, position)
        said = self.known.say(key, name)
        # what speaks is there; silence does not speak, nor does a hold that is over while nobody hears of the sensor
        found = trigger.edge != "on" and trigger.comparison != "absent" and self.known.find(key)
        before = self.raised.get(name, {}).get(key)
        if trigger.edge == "off":
            if before is not None:
                self._drop(self.raised, name, key)
                self.memory.went_off(name, key, before.since, Lately(trigger.time, position[0], before.good))
            return found or said or trigger.first or before is not None
        latch = self.raised.setdefault(name, {})[key] = self._rise(trigger, position, before)
        return found or said or before is None or latch.good != before.good

    def _rise(self, trigger: Trigger, position: Position, before: Latch | None) -> Latch:
        """Silence is no value that neighbours could doubt."""
        doubted = trigger.comparison != "absent" and self.doubted.at((trigger.station, trigger.property), position)
        return after_rise(trigger, position, before, doubted=doubted)

    def _arrive(self, name: str, key: Key, position: Position) -> None:
        """What was ahead has had its turn."""
        early = self.ahead.get(name, {}).get(key)
        if early is not None and early.position <= position:
            self._drop(self.ahead, name, key)

    @staticmethod
    def _drop(latches: Latches, name: str, key: Key) -> None:
        del latches[name][key]
        if not latches[name]:
            del latches[name]

    def _presence(self, trigger: Trigger, key: Key) -> bool:
        if trigger.edge == "back":
            return self.known.find(key)
        if ("gap" if trigger.check == "gap" else "range") not in self.hazard.checks:
            return False
        self.known.lose(key, trigger.check)
        return True

    def trusts(self, key: Key, latch: Latch, *, ahead: bool) -> bool:
        """Whether a good value has confirmed a latch, as its neighbours see it too; `ahead`: or are about to."""
        if latch.good or not (ahead and latch.own and self.doubted.waiting):
            return latch.good
        return self.doubted.is_lifted(key, latch.position)

    def lift(self, key: Key) -> list[str]:
        """Neighbours doubt a datastream no more: conditions whose latches good values have confirmed now."""
        latches = [(name, found[key]) for name, found in self.raised.items() if key in found]
        found = [name for name, latch in latches if latch.own and not latch.good]
        for name in found:
            self.raised[name][key].good = True
        return found

    # -- what people change ------------------------------------------------------------------------------------------

    def call(self, name: str, report: Reported, *, ahead: bool) -> None:
        """A report begins to count, or has its turn."""
        if ahead:
            self.calls_ahead.setdefault(name, []).append(report)
            return
        self.calls.setdefault(name, []).append(report)
        early = [one for one in self.calls_ahead.get(name, ()) if one.id != report.id]
        if early:
            self.calls_ahead[name] = early
        else:
            self.calls_ahead.pop(name, None)

    def uncall(self, name: str, report_id: str) -> None:
        """A report's time is over."""
        self.calls[name] = [one for one in self.calls.get(name, ()) if one.id != report_id]

    @property
    def reports(self) -> list[Reported]:
        """Reports that count for a condition."""
        lists = [*self.calls.values(), *self.calls_ahead.values()]
        return list({report.id: report for calls in lists for report in calls}.values())

    # -- what other alerts change ------------------------------------------------------------------------------------

    def relay(self, name: str, relay: Relay) -> bool:
        """An alert that a condition waits for has changed; whether a rule may see it otherwise now."""
        wanted = self.book.waits[name]
        found = self.relays.get(name, {})
        held = found.get(relay.alert)
        if held is None and relay.level < wanted.at_least:
            return False
        self.relays.setdefault(name, {})[relay.alert] = Held.after(held, relay, wanted.at_least)
        return True

    def unrelay(self) -> list[tuple[str, str]]:
        """Alerts that do not count any more: condition and alert."""
        now = self.memory.now
        gone = [
            (name, alert)
            for name, found in self.relays.items()
            for alert, held in found.items()
            if not held.counts(now, self.book.waits[name].lasting)
        ]
        for name, alert in gone:
            del self.relays[name][alert]
        return gone

    @property
    def alerts(self) -> list[Relay]:
        """Alerts of other hazards that count for a condition, the newest word of each."""
        found = {held.relay.alert: held.relay for relays in self.relays.values() for held in relays.values()}
        return [found[alert] for alert in sorted(found)]

    # -- as people are shown it --------------------------------------------------------------------------------------

    def shown(self, key: Key, name: str) -> Latch | None:
        """The latch of a condition at a datastream, if it is on."""
        early = self.ahead.get(name, {}).get(key)
        return early if early is not None else self.raised.get(name, {}).get(key)

    def shown_latches(self) -> Iterator[tuple[Key, str, Latch]]:
        """All latches that are on: datastream, condition, latch."""
        for name, found in self.raised.items():
            early = self.ahead.get(name, {})
            yield from ((key, name, latch) for key, latch in found.items() if key not in early)
        for name, found in self.ahead.items():
            yield from ((key, name, latch) for key, latch in found.items())

    def gone(self, key: Key) -> str:
        """Why a datastream says nothing; empty when it does."""
        check = self.lost.get(key, "")
        return "" if check and any(key in found for found in self.ahead.values()) else check

    def is_on(self, key: Key) -> bool:
        """Whether any condition is on at a datastream."""
        return any(key in found for latches in (self.raised, self.ahead) for found in latches.values())
