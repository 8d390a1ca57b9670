"""Rain against an intensity-duration threshold of landslides."""

from typing import ClassVar

import numpy as np

from detectors.base import HOUR, MINUTE, Bools, Column, Floats, Ints
from detectors.transforms.sum import Kind, Sum
from detectors.transforms.window import MaxGap, cell_number

#: a and b of I = a * D ** -b, I in mm/h and D in h, and how well they are known
CURVES = {
    "caine": (14.82, 0.39, "Caine 1980, worldwide, 10 min to 10 d", "verified"),
    "aleotti": (19.0, 0.50, "Aleotti 2004, Piedmont", "verified"),
    "guzzetti": (2.20, 0.44, "Guzzetti et al. 2008, worldwide lower bound", "memory"),
}
DURATIONS = tuple(n * MINUTE for n in (10, 20, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320))


class RainThreshold(Sum):
    """How near the rain comes to a threshold curve I = a * D ** -b: from 1 on it is beyond the curve.

    For durations D from 10 min to `over` (`DURATIONS`) the amount of the last D, divided by that of the curve,
    a * D ** (1 - b). The answer is the largest of these ratios, and the duration in hours that has it (of equal ones
    the shortest). Amounts, cells, late readings and kinds are those of `Sum`; windows are
    exact to cells of a minute. What is not `complete` is a lower bound.

    Args:
        a: intensity of the curve at 1 h, mm/h.
        b: how steeply it falls.
        over: the longest duration, microseconds; 1 h to 72 h, whole minutes.
        kind, rollover, per, max_gap, parts_per_unit: as in `Sum`; the unit is mm.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one cell and 13 numbers.

    Reference: Caine 1980 (a 14.82, b 0.39; verified), Aleotti 2004 (19, 0.50; verified), Guzzetti et al. 2008 (2.20,
    0.44; memory). Such thresholds alarm too often where the ground is dry (Bogaard and Greco 2018).

    0.5 mm a minute is 30 mm/h: over Caine's curve after ten minutes, and soon twice over it for an hour:

    >>> part, here, minute = RainThreshold(slots=1), np.array([0]), np.arange(1, 121)
    >>> out = part.series(here, MINUTE * minute[None], np.full((1, 120), 0.5))[0]
    >>> int(np.argmax(out[:, 0] >= 1)), out[59].round(2).tolist(), out[119].round(2).tolist()
    (9, [2.02, 1.0], [2.65, 2.0])
    """

    outputs: ClassVar[tuple[str, ...]] = ("ratio", "duration")
    input_units: tuple[str, ...] = ("mm",)
    units: ClassVar[tuple[str, ...]] = ("1", "h")

    def __init__(
        self,
        *,
        a: float = 14.82,
        b: float = 0.39,
        over: int = 72 * HOUR,
        kind: Kind = "increment",
        rollover: float = 0.0,
        per: int = HOUR,
        max_gap: MaxGap = None,
        parts_per_unit: int = 1_000_000_000,
        slots: int = 0,
    ) -> None:
        if a <= 0 or not 0 <= b < 1 or over < HOUR:
            raise ValueError(f"RainThreshold: a above 0, b 0 to 1, over at least 1 h, found {a}, {b}, {over / HOUR} h")
        self.a, self.b = a, b
        spans = np.array([*(one for one in DURATIONS if one < over), over])
        self._hours = spans / HOUR
        self._curve = a * self._hours ** (1 - b)
        self._spans: list[int] = (spans[:-1] // MINUTE).tolist()  # the total of `over` is that of `Sum`
        options = {"kind": kind, "rollover": rollover, "per": per, "max_gap": max_gap, "parts_per_unit": parts_per_unit}
        super().__init__(over=over, slots=slots, **options)  # type: ignore[arg-type]

    def _more(self) -> dict[str, Column]:
        return {"totals": Column(np.int64, 0, len(self._spans))}

    def _move(self, slot: Ints, number: Ints, head: Ints) -> None:
        super()._move(slot, number, head)
        totals = self.state["totals"][slot]
        for n, cells in enumerate(self._spans):
            totals[:, n] = self._without(slot, np.ascontiguousarray(totals[:, n]), number, head, cells)
        self.state["totals"][slot] = totals

    def _add(self, slot: Ints, number: Ints, time: Ints, value: Floats, *, stale: Bools) -> Floats:
        before = self.state["total"][slot]
        super()._add(slot, number, time, value, stale=stale)
        total = self.state["total"][slot]
        newest = np.maximum(number, cell_number(self.state["last"][slot], self._cell))
        inside = (newest - number)[:, None] < np.array(self._spans)
        totals = self.state["totals"][slot] + np.where(inside, (total - before)[:, None], 0)
        self.state["totals"][slot] = totals
        ratios = np.concatenate([totals, total[:, None]], axis=1) / self.parts_per_unit / self._curve
        most = np.argmax(ratios, axis=1)
        return np.stack([ratios[np.arange(len(slot)), most], self._hours[most]], axis=1)
