"""How far a value has fallen or risen within a sliding window."""

from typing import Literal

import numpy as np

from detectors.base import Column, Floats, Ints
from detectors.transforms.days import DAY
from detectors.transforms.extreme import Extreme
from detectors.transforms.window import MaxGap


class Drop(Extreme):
    """How far a value is below the maximum of the last `over`, or with `side: rise` above the minimum; at least 0.

    As of `Extreme`, also of late readings. What is not `complete` is a lower bound.

    Args:
        over: how far it looks back, microseconds; 10 s to 72 h, whole seconds, above 1 h whole minutes.
        side: `fall` or `rise`.
        max_gap: longest time between two readings of a complete window, microseconds; None = `over`, "pace" = by the
            running median step.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one cell.

    Reference: "fall of temperature within 24 h, 48 h" of the cold wave signal (order 16 of the CMA, 2007), status
    verified. There it is mostly that of the daily minimum; this one sees the fall when it happens.

    >>> part, here, hour = Drop(slots=1), np.array([0]), DAY // 24
    >>> [float(part.update(here, np.array([i * hour]), np.array([v]))[0]) for i, v in enumerate([8.0, 9.0, 1.0, -2.0])]
    [0.0, 0.0, 8.0, 11.0]
    """

    def __init__(
        self,
        *,
        over: int = DAY,
        side: Literal["fall", "rise"] = "fall",
        max_gap: MaxGap = None,
        slots: int = 0,
    ) -> None:
        if side not in {"fall", "rise"}:
            raise ValueError(f"Drop: side is 'fall' or 'rise', found {side!r}")
        self.side = side
        super().__init__(over=over, how="max" if side == "fall" else "min", max_gap=max_gap, slots=slots)
        self.bounds = 1  # either way: with more readings it can only be more

    def _more(self) -> dict[str, Column]:
        return {"now": Column(np.float64, np.nan)}

    def _note(self, slot: Ints, time: Ints, value: Floats) -> None:
        super()._note(slot, time, value)
        on_time = time >= self.state["last"][slot]
        self.state["now"][slot] = np.where(on_time, value, self.state["now"][slot])

    def _most(self, slot: Ints, head: Ints) -> Floats:
        out: Floats = np.abs(super()._most(slot, head) - self.state["now"][slot])
        return out
