"""After a restart: records that were handled before, read again for the slots whose state was saved before them."""

from dataclasses import dataclass

from streams.core.slots import UNHEARD
from streams.models.columns import Columns


@dataclass(slots=True)
class CatchUp:
    """upto: outputs of what lies before it were made. received: received time as far as it was read again."""

    upto: int
    received: int = UNHEARD
    first: int | None = None  # offset that the oldest chunk is as of
    _begun: bool = False

    def note(self, upto: int, received: int) -> None:
        """A chunk that is as of an offset, when received time stood there."""
        if self.first is None or upto < self.first:
            self.first, self.received = upto, received

    def start(self, columns: Columns) -> int:
        """Received time before these records: unknown if reading begins before the oldest chunk."""
        offsets = [*columns.offset[:1].tolist(), *(tick.offset for _, tick in columns.ticks[:1])]
        if not self._begun and (self.first is None or min(offsets) < self.first):
            self.received = UNHEARD
        self._begun = True
        return self.received
