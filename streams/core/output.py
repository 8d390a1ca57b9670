"""What a batch of records meant."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.models.observation import Row
from streams.models.reject import Reject
from streams.models.signal import Sampled, Triggered

if TYPE_CHECKING:
    from streams.core.flagged import FlagSink


@dataclass(slots=True)
class Output:
    """Signals in order, rejects with their rows, and counts."""

    signals: list[Triggered | Sampled] = field(default_factory=list)
    rejects: list[tuple[Row, Reject]] = field(default_factory=list)
    checks: dict[str, int] = field(default_factory=dict)  # rows flagged, by check
    repeats: int = 0
    accepted: int = 0
    flags: "FlagSink | None" = None  # who asks what became of each row; nearly always nobody

    def add(self, other: "Output") -> None:
        """Take in what the records that follow meant."""
        self.signals += other.signals
        self.rejects += other.rejects
        self.repeats += other.repeats
        self.accepted += other.accepted
        for check, count in other.checks.items():
            self.checks[check] = self.checks.get(check, 0) + count
