"""Says loudly that saved state could not be used: in the log, in the metrics, and on the feed."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from streams.checkpoint.findings import Finding
from streams.completion import Partition
from streams.metrics import Metrics
from streams.models.ids import cause_id
from streams.models.signal import Alarm

log = structlog.get_logger(__name__)
SHOWN = 5  # findings of one kind; the others are counted


@dataclass(frozen=True, slots=True)
class Refusal:
    """What had to be given up in one partition: it is rebuilt, and the feed is to be told from when on it is right."""

    role: str
    tp: Partition  # of the input
    topic: str  # of the checkpoints
    findings: tuple[Finding, ...]
    read: int  # where reading begins again

    def tell(self, metrics: Metrics) -> None:
        """To the operator: a line each."""
        for finding in self.findings[:SHOWN]:
            log.error(
                "saved state refused: it is rebuilt",
                topic=self.topic,
                partition=self.tp.partition,
                offset=finding.log_offset,
                reason=finding.reason,
                detail=finding.detail,
                read_from=f"{self.tp.topic}/{self.tp.partition} {self.read}",
            )
        if len(self.findings) > SHOWN:
            log.error("saved state refused: more of it", topic=self.topic, more=len(self.findings) - SHOWN)
        for finding in self.findings:
            metrics.refused.labels(self.role, finding.reason).inc()

    def alarm(self, since: int) -> Alarm:
        """To the people: `since` = received time of the first record that is read again."""
        reasons = ", ".join(sorted({f.reason for f in self.findings}))
        where = f"{self.topic}/{self.tp.partition}"
        detail = f"saved state refused ({reasons} in {where}), rebuilt from {self.tp.topic}; {self.findings[0].detail}"
        cause = cause_id("alarm", "state", self.role, *map(str, self.tp), str(self.read), str(since), reasons)
        return Alarm(cause, self.role, *self.tp, self.read, "state", since, detail, since)


def tell_unused(topic: str, partition: int, findings: Sequence[Finding]) -> None:
    """Findings that state did not depend on."""
    for finding in findings[:SHOWN]:
        log.warning(
            "a record of a checkpoint log could not be used; the state is whole without it",
            topic=topic,
            partition=partition,
            offset=finding.log_offset,
            reason=finding.reason,
            detail=finding.detail,
        )
