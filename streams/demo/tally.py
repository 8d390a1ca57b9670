"""What the demo counts: commands on the feed, rejects, and how long a rise took from the reading to the feed."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streams.models.level import NUMBER, colour
from streams.models.times import parse_time

RISES = ("first", "level_up")


class Command(msgspec.Struct):
    """What is counted of a command."""

    id: str
    kind: str
    msg_type: str
    status: str
    reason: str
    alert: str | None = None
    hazard: str | None = None
    level: str | None = None
    headline: dict[str, str] = {}
    stages: dict[str, str] = {}


class _Refused(msgspec.Struct):
    reason: str


_command = msgspec.json.Decoder(Command).decode
_refused = msgspec.json.Decoder(_Refused).decode


@dataclass
class Tally:
    """Counted from what came over the topics."""

    rejects: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)  # ms
    open: dict[str, str | None] = field(default_factory=dict)  # alert -> its level now
    health: int = 0
    _highest: dict[str, tuple[str, int]] = field(default_factory=dict)  # alert -> hazard, highest level
    _seen: set[str] = field(default_factory=set)

    def command(self, raw: bytes) -> Command | None:
        """Count one record of the feed; the command if it is an alert's of this exercise, and new."""
        found = _command(raw)
        if found.status != "Exercise" or found.id in self._seen:
            return None
        self._seen.add(found.id)
        if found.kind != "alert" or found.alert is None:
            self.health += found.kind == "health"
            return None
        self._alert(found, found.alert)
        return found

    def _alert(self, found: Command, alert: str) -> None:
        before = self._highest.get(alert, ("", 0))[1]
        self._highest[alert] = (found.hazard or "", max(before, NUMBER.get(found.level or "", 0)))
        if found.msg_type == "Cancel":
            self.open.pop(alert, None)
        else:
            self.open[alert] = found.level
        if found.reason in RISES and {"published", "received"} <= found.stages.keys():
            took = parse_time(found.stages["published"]) - parse_time(found.stages["received"])
            self.latencies.append(took / 1000)

    def reject(self, raw: bytes) -> None:
        """Count one record of `rejects`."""
        self.rejects[_refused(raw).reason] += 1

    @property
    def alerts(self) -> dict[str, dict[str, int]]:
        """How many alerts, by hazard and the highest level that each reached."""
        found: dict[str, Counter[str]] = {}
        for hazard, level in sorted(self._highest.values()):
            found.setdefault(hazard, Counter())[colour(level) or "none"] += 1
        return {hazard: dict(counts) for hazard, counts in found.items()}

    @property
    def latency(self) -> dict[str, Any]:
        """Reading to feed, of rises, in milliseconds."""
        count = len(self.latencies)
        return {"p50": _quantile(self.latencies, 0.5), "p99": _quantile(self.latencies, 0.99), "count": count}


def _quantile(values: list[float], part: float) -> float | None:
    """The smallest value that `part` of them do not exceed."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 1) if ordered else None
