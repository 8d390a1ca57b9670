"""What Kafka's clock says, as its confirmations tell: ours may be years off, and then it must decide nothing."""

import time
from collections.abc import Callable
from typing import Any

LOG_APPEND_TIME = 1  # the kind of a record's time: the broker's


class KafkaClock:
    """The newest time that a broker has told, and what has passed since then by the monotonic clock."""

    def __init__(self, passed: Callable[[], float] = time.monotonic) -> None:
        self._passed = passed
        self._told_ms, self._at = 0, 0.0

    def hear(self, confirmed: Any) -> None:
        """Aiokafka's word on records that Kafka has."""
        if confirmed is not None and confirmed.timestamp_type == LOG_APPEND_TIME:
            self._told_ms, self._at = confirmed.timestamp, self._passed()

    @property
    def now(self) -> int | None:
        """Microseconds since 1970; none = nothing was told yet."""
        return self._told_ms * 1000 + int((self._passed() - self._at) * 1_000_000) if self._told_ms else None
