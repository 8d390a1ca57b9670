"""Notices a role that does not get on, when Faust would only log it. Then a new process is better than this one.

It counts only while the broker answers: a broker that is away is not cured by a new process.
"""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streams.completion import Partition, Track
from streams.fatal import die
from streams.membership import Membership

ASSIGNED_WITHIN_S = 30.0
LOST_TOO_OFTEN = 3  # times in a minute
STUCK_AFTER_S = 60.0
SUSPICIOUS_AFTER_S = 4.0


@dataclass
class Watchdog:
    """Call `trouble` about once a second; what it says is worth dying for."""

    tracks: Callable[[], Mapping[Partition, Track]]
    lag: Callable[[Partition], int | None]
    assigned: Callable[[], bool]  # positions are set, or there is nothing to read
    membership: Membership = field(default_factory=lambda: Membership(math.inf))
    _unassigned_for: float = 0.0
    _silent_for: float = 0.0
    _still_for: dict[Partition, float] = field(default_factory=dict)
    _seen: dict[Partition, tuple[Track, int]] = field(default_factory=dict)

    @property
    def suspicious(self) -> bool:
        """Whether something stands still long enough to ask if the broker is the cause."""
        still = max([self._unassigned_for, self._silent_for, *self._still_for.values()])
        return still > SUSPICIOUS_AFTER_S or not self.membership.sure or self.membership.losses > 0

    def trouble(self, passed_s: float, *, broker_answers: bool, waiting: bool) -> str | None:
        """`passed_s` since the last call; `waiting` = for something outside (a sink), as it should."""
        if not broker_answers:
            self.membership.forgive()
            return None
        return self._membership(passed_s) or (None if waiting else self._unassigned(passed_s) or self._stuck(passed_s))

    def _membership(self, passed_s: float) -> str | None:
        """Two of one name throw each other out of the group for ever: neither gets on."""
        if self.membership.losses >= LOST_TOO_OFTEN:
            return f"membership lost {self.membership.losses} times in a minute: does another process bear this name?"
        self._silent_for = 0.0 if self.membership.sure else self._silent_for + passed_s
        if self._silent_for > self.membership.session_s:
            return f"no heartbeat answered for {self._silent_for:.0f} s, though the broker answers"
        return None

    def _unassigned(self, passed_s: float) -> str | None:
        self._unassigned_for = 0.0 if self.assigned() else self._unassigned_for + passed_s
        if self._unassigned_for > ASSIGNED_WITHIN_S:
            return f"no partitions after {self._unassigned_for:.0f} s"
        return None

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


class LoopGuard:
    """Ends the process when its event loop does not turn for a minute: heartbeats go on in a thread of their own.

    It counts its own rounds, not seconds: a process that was frozen as a whole has missed rounds here too.
    """

    def __init__(self, stuck_after_s: float = STUCK_AFTER_S) -> None:
        self._rounds, self._left = round(stuck_after_s), round(stuck_after_s)

    def start(self) -> None:
        """Watch until the process ends."""
        threading.Thread(target=self._watch, name="loop-guard", daemon=True).start()

    def beat(self) -> None:
        """The loop turns."""
        self._left = self._rounds

    def _watch(self) -> None:
        pause = threading.Event()  # not `time.sleep`: where libfaketime shifts the wall clock alone, that fails
        while self._left > 0:
            pause.wait(1)
            self._left -= 1
        die(f"the event loop has not turned for {self._rounds} s", stacks=True)
