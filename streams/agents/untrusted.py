"""How many datastreams are lost or in doubt, by check, as a metric: what a person is to look at, station by station."""

import time
from collections.abc import Callable, Mapping

from streams.metrics import Metrics

EVERY_S = 1.0
SHARE = 100  # so many times as long as it took it is not done again: on a bad night half a million are silent


class Untrusted:
    """Of the partitions of `signals` that this process has."""

    def __init__(self, metrics: Metrics) -> None:
        self._gauge = metrics.untrusted
        self._checks: dict[int, set[str]] = {}  # partition -> checks that were counted once
        self._due: dict[int, float] = {}

    def count(self, partition: int, look: Callable[[], Mapping[str, int]]) -> None:
        """What there is now, at most once a second; a check that nobody is in doubt by any more says 0."""
        begun = time.monotonic()
        if begun < self._due.get(partition, begun):
            return
        found = look()
        ended = time.monotonic()
        self._due[partition] = ended + max(EVERY_S, SHARE * (ended - begun))
        known = self._checks.setdefault(partition, set())
        known.update(found)
        for check in known:
            self._gauge.labels(str(partition), check).set(found.get(check, 0))

    def forget(self, partition: int) -> None:
        """It is somebody else's now."""
        for check in self._checks.pop(partition, ()):
            self._gauge.remove(str(partition), check)
        self._due.pop(partition, None)
