"""Notices a role that does not get on, when Faust would only log it. Then a new process is better than this one.

It counts only while the broker answers: a broker that is away is not cured by a new process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streams.completion import Partition, Track

ASSIGNED_WITHIN_S = 30.0
STUCK_AFTER_S = 60.0
SUSPICIOUS_AFTER_S = 4.0


@dataclass
class Watchdog:
    """Call `trouble` about once a second; what it says is worth dying for."""

    tracks: Callable[[], Mapping[Partition, Track]]
    lag: Callable[[Partition], int | None]
    assigned: Callable[[], bool]  # positions are set, or there is nothing to read
    _unassigned_for: float = 0.0
    _still_for: dict[Partition, float] = field(default_factory=dict)
    _seen: dict[Partition, tuple[Track, int]] = field(default_factory=dict)

    @property
    def suspicious(self) -> bool:
        """Whether something stands still long enough to ask if the broker is the cause."""
        return max([self._unassigned_for, *self._still_for.values()]) > SUSPICIOUS_AFTER_S

    def trouble(self, passed_s: float, *, broker_answers: bool, waiting: bool) -> str | None:
        """`passed_s` since the last call; `waiting` = for something outside (a sink), as it should."""
        if not broker_answers or waiting:
            return None
        self._unassigned_for = 0.0 if self.assigned() else self._unassigned_for + passed_s
        if self._unassigned_for > ASSIGNED_WITHIN_S:
            return f"no partitions after {self._unassigned_for:.0f} s"
        return self._stuck(passed_s)

    def _stuck(self, passed_s: float) -> str | None:
        tracks = self.tracks()
        self._still_for = {tp: still for tp, still in self._still_for.items() if tp in tracks}
        for tp, track in tracks.items():
            now = (track, track.done)
            idle = not track.open and not self.lag(tp)
            if idle or tp not in self._still_for or self._seen.get(tp) != now:
                self._seen[tp], self._still_for[tp] = now, 0.0
                continue
            self._still_for[tp] += passed_s
            if self._still_for[tp] > STUCK_AFTER_S:
                return f"{tp.topic}/{tp.partition} stands at offset {track.done} for {self._still_for[tp]:.0f} s"
        return None
