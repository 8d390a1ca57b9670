"""What unit a part's answers are in, from the unit of what it is fed: codes only, nothing is converted here."""

from dataclasses import dataclass, replace

from detectors.base import SECOND, Detector, Part
from detectors.threshold import Threshold
from detectors.transforms.drop import Drop
from detectors.transforms.high_pass import Filter
from detectors.transforms.integrate import Integrate
from detectors.transforms.rate import Rate
from detectors.transforms.sum import Sum


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor` times a UCUM code; `zero`: whether its zero point counts; that of a difference of two values does not.

    A step of 1 Cel is one of 1.8 [degF], though 1 Cel is 33.8 [degF].
    """

    code: str
    factor: float = 1.0
    zero: bool = True


def wanted(part: Part) -> str:
    """The unit that single values have to be in; empty: any."""
    return part.input_units[0] if part.input_units and not part.width else ""


def given(part: Part, unit: Unit, output: str | None = None) -> Unit:
    """The unit of a part's answers (of one of them, where it has several).

    >>> given(Rate(), Unit("Cel")), given(Sum(kind="rate"), Unit("mm/h"))
    (Unit(code='Cel/s', factor=1.0, zero=False), Unit(code='mm/h.s', factor=3600.0, zero=False))
    """
    if part.units:
        return Unit(part.units[0 if output is None else part.outputs.index(output)])
    if isinstance(part, Detector) and not isinstance(part, Threshold):
        return Unit("1")
    if isinstance(part, Rate):
        return Unit(f"{unit.code}/s", unit.factor, zero=False)
    if isinstance(part, Integrate):
        return Unit(f"{unit.code}.s", unit.factor, zero=False)
    if isinstance(part, Sum) and part.kind == "rate":
        return Unit(f"{unit.code}.s", unit.factor * part.per / SECOND, zero=False)
    return replace(unit, zero=False) if isinstance(part, Drop | Filter) else unit


def output_of(part: Part, output: str | None) -> int | None:
    """Which of several answers is meant; None: there is only one. A LookupError names those there are."""
    if len(part.outputs) == 1:
        return None
    if output not in part.outputs:
        raise LookupError(f"one of {', '.join(part.outputs)}")
    return part.outputs.index(output)
