"""How many datastreams are lost or in doubt, by check, as a metric: what a person is to look at, station by station."""

import time
from collections.abc import Mapping

from streams.metrics import Metrics

EVERY_S = 1.0


class Untrusted:
    """Of the partitions of `signals` that this process has."""

    def __init__(self, metrics: Metrics) -> None:
        self._gauge = metrics.untrusted
        self._checks: dict[int, set[str]] = {}  # partition -> checks that were counted once
        self._at: dict[int, float] = {}

    def is_due(self, partition: int) -> bool:
        """At most once a second."""
        return time.monotonic() - self._at.get(partition, float("-inf")) >= EVERY_S

    def count(self, partition: int, found: Mapping[str, int]) -> None:
        """What there is now; a check that nobody is in doubt by any more says 0."""
        self._at[partition] = time.monotonic()
        known = self._checks.setdefault(partition, set())
        known.update(found)
        for check in known:
            self._gauge.labels(str(partition), check).set(found.get(check, 0))

    def forget(self, partition: int) -> None:
        """It is somebody else's now."""
        for check in self._checks.pop(partition, ()):
            self._gauge.remove(str(partition), check)
        self._at.pop(partition, None)
