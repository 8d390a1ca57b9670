"""A figure: one number, what it stands beside, and what it has to be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

AIM, MUST, MISSED, INFORMATION = "aim", "must", "missed", "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """`must` and `aim` are bounds: the figure is at least, or at most, that much. Neither: for information."""

    name: str
    value: float
    unit: str = ""
    must: float | None = None
    aim: float | None = None
    at_most: bool = False
    beside: str = ""  # the raw baseline of the same run
    detail: dict[str, Any] = field(default_factory=dict)

    def meets(self, bound: float | None) -> bool:
        """Whether it is as good as this."""
        return bound is not None and (self.value <= bound if self.at_most else self.value >= bound)

    @property
    def mark(self) -> str:
        """How far it gets."""
        if self.must is None and self.aim is None:
            return INFORMATION
        return AIM if self.meets(self.aim) else MUST if self.meets(self.must) else MISSED


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure over one run or several."""

    runs: Sequence[Figure]

    @property
    def one(self) -> Figure:
        """The run in the middle."""
        return min(self.runs, key=lambda run: abs(run.value - median(other.value for other in self.runs)))

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest value."""
        return min(run.value for run in self.runs), max(run.value for run in self.runs)

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        one = self.one
        bounds = {"must": one.must, "aim": one.aim, "at_most": one.at_most, "mark": one.mark}
        values = {"value": one.value, "unit": one.unit, "runs": [run.value for run in self.runs]}
        return {"name": one.name, **values, **bounds, "beside": one.beside, "detail": one.detail}


def together(rounds: Iterable[Sequence[Figure]]) -> list[Measured]:
    """Figures of several runs by name, in the order in which they came."""
    by_name: dict[str, list[Figure]] = {}
    for figures in rounds:
        for figure in figures:
            by_name.setdefault(figure.name, []).append(figure)
    return [Measured(runs) for runs in by_name.values()]


def number(value: float | None, unit: str = "") -> str:
    """For people: three digits that count."""
    if value is None:
        return ""
    size = abs(value)
    digits = ",.0f" if size >= 100 else ".1f" if size >= 10 else ".2f" if size >= 0.1 else ".3g"
    return f"{value:{digits}} {unit}".strip()


def bound(figure: Figure, value: float | None) -> str:
    """`≥ 2`, `≤ 8 s`, or nothing."""
    return "" if value is None else f"{'≤' if figure.at_most else '≥'} {number(value, figure.unit)}"


def table(found: Iterable[Measured]) -> str:
    """One line a figure."""
    rows = [("figure", "value", "must", "aim", "met", "beside")]
    for measured in found:
        one = measured.one
        value = number(one.value, one.unit)
        if len(measured.runs) > 1:
            value += f" ({number(measured.spread[0])} … {number(measured.spread[1])})"
        rows.append((one.name, value, bound(one, one.must), bound(one, one.aim), one.mark, one.beside))
    widths = [*(max(len(row[column]) for row in rows) for column in range(5)), 0]
    cells = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in cells)
