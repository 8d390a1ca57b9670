"""Rows of a batch on their way through the checks."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.core.output import Output
from streams.core.resolve import Batch

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Arrived:
    """Sorted by slot. `which`: rows of the batch."""

    which: Ints
    slot: Ints
    time: Ints
    received: Ints
    value: Floats
    bits: Ints | None  # None: none is set

    def keep(self, rows: Ints | Bools) -> "Arrived":
        """Some of them."""
        columns: list[Any] = [getattr(self, name) for name in Arrived.__slots__]
        kept: list[Any] = [None if one is None else one[rows] for one in columns]
        return Arrived(*kept)

    @classmethod
    def of(cls, batch: Batch, rows: Ints, slot: Ints, *, whole: bool = False) -> "Arrived":
        """Rows of a batch; `whole`: with bits, even if none is set."""
        bits = None if batch.bits is None else batch.bits[rows]
        if bits is None and whole:
            bits = np.zeros(len(rows), np.int64)
        return cls(rows, slot, batch.columns.time[rows], batch.received[rows], batch.value[rows], bits)

    def count(self, out: Output) -> None:
        """Count them, and by check those that are flagged."""
        out.accepted += len(self.slot)
        if out.flags is not None:
            out.flags.rows(self.which, self.slot, self.received, self.value, self.bits)
        if self.bits is None:
            return
        flagged = self.bits[self.bits != 0]
        if not len(flagged):
            return
        for bits, count in Counter(flagged.tolist()).items():
            for bit, name in quality.NAMES.items():
                if bits & bit:
                    out.checks[name] = out.checks.get(name, 0) + count
