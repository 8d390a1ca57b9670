"""Silences: marks on an alert, never a state of it. Muting stops calls, never database, map, feed or audit."""

from dataclasses import dataclass

from streams.models.level import RED
from streams.models.observation import Status
from streams.models.signal import Act
from streams.models.times import HOUR, MINUTE

APPROVE_WITHIN = 10 * MINUTE
RED_AT_MOST = 2 * HOUR
RED_AGAIN = 15 * MINUTE  # while it lasts, what it mutes is said again this often
ANY = ("", "*")


@dataclass(slots=True)
class Silence:
    """A person's word that calls for some alerts are to stop until `ends` (received time)."""

    id: str
    by: str
    status: Status
    zone: str
    hazard: str
    subject: str
    max_level: int
    starts: int
    ends: int
    said: int
    approved: bool

    @classmethod
    def of(cls, act: Act, received: int) -> "Silence":
        """From the act. One for red takes effect only when a second person approves, and for 2 hours at most."""
        starts = max(act.starts, received)
        ends = min(act.ends, starts + RED_AT_MOST) if act.max_level >= RED else act.ends
        return cls(
            act.id, act.by, act.status, act.zone, act.hazard, act.subject, act.max_level, starts, ends, received,
            act.max_level < RED,
        )  # fmt: skip

    def approve(self, act: Act, received: int) -> bool:
        """A different person's approval, in time; False when it does not count."""
        counts = act.by != self.by and received <= self.said + APPROVE_WITHIN
        self.approved |= counts
        return counts

    def turns(self, after: int, until: int) -> list[int]:
        """When, in (after, until], it begins, ends, or is announced again."""
        times = [self.starts, self.ends]
        if self.max_level >= RED:
            times += range(self.starts + RED_AGAIN, self.ends, RED_AGAIN)
        return [time for time in times if after < time <= until]

    def mutes(self, zone: str, hazard: str, subject: str, status: Status, level: int, now: int) -> bool:
        """Whether it mutes an alert now. A level above its own breaks through at once."""
        return (
            self.approved
            and self.starts <= now < self.ends
            and self.status == status
            and level <= self.max_level
            and (self.zone in ANY or self.zone == zone)
            and (self.hazard in ANY or self.hazard == hazard)
            and (self.subject in ANY or self.subject == subject)
        )
