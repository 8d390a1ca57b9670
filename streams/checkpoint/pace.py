"""How much may be saved now: a bounded share of the process's time, and no more of the disk than is of use. Pure."""

from dataclasses import dataclass

SHARE = 0.07  # of wall time, which is CPU time when the role is busy
CREDIT_S = 0.25  # saved up while nothing was to do
REPLAY_S = 1.5  # work that a restart may have to do again, when the share allows
CYCLE_S = (1.0, 60.0)  # of everything being written once when little happens
INDEX_SHARE = 0.03  # of wall time, for what is saved whole each time
IDLE_BYTES_S = 1_000_000  # written by a process when little happens


@dataclass
class Pace:
    """Token bucket of seconds, and how quickly this role gets on."""

    share: float = SHARE
    credit: float = CREDIT_S
    spent: float = 0.0
    records_s: float = 20_000.0  # handled in one second of work
    _at: float | None = None

    def tick(self, now: float) -> None:
        """Time goes on."""
        if self._at is not None:
            self.credit = min(CREDIT_S, self.credit + self.share * (now - self._at))
        self._at = now

    def spend(self, seconds: float) -> None:
        """Saving took this long."""
        self.credit -= seconds
        self.spent += seconds

    def worked(self, records: int, seconds: float) -> None:
        """A batch of so many records took so long: small ones say little."""
        if seconds > 0 and records >= 50:
            self.records_s += 0.1 * (records / seconds - self.records_s)

    @property
    def may(self) -> bool:
        """Whether something may be saved now."""
        return self.credit > 0

    @property
    def replay(self) -> int:
        """Records that a restart may read again: beyond that a chunk is due."""
        return max(1_000, int(REPLAY_S * self.records_s))


def cycle_s(size: int, least: float = CYCLE_S[0]) -> float:
    """How long a cycle takes when little happens."""
    return min(max(size / IDLE_BYTES_S, CYCLE_S[0], least), CYCLE_S[1])


def index_s(took: float, partitions: int, least: float) -> float:
    """How long until the next index, when one took so long: joined stations are in it whole, and may be many."""
    return min(max(took * partitions / INDEX_SHARE, least), CYCLE_S[1])
