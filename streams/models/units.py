"""UCUM units: what a code means, whether two are of one dimension, and exact conversion between them.

`ucumvert` and `pint` do the knowing. They take a second to load, so they are asked only when two codes differ.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

#: Codes that need no look-up (a test asks ucumvert about each one).
COMMON = frozenset({
    "1", "%", "m", "cm", "mm", "km", "um", "[ft_i]", "[in_i]", "m/s", "cm/s", "mm/s", "km/h", "m/h", "cm/h", "mm/h",
    "mm/d", "m/d", "m/s2", "cm/s2", "mm/s2", "Gal", "s", "ms", "min", "h", "d", "Cel", "K", "[degF]", "Pa", "hPa",
    "kPa", "MPa", "bar", "mbar", "m3", "L", "m3/s", "m3/h", "L/s", "L/min", "ug/m3", "mg/m3", "g/m3", "mg/L",
    "ug/L", "[ppm]", "[ppb]", "deg", "rad", "V", "mV", "A", "mA", "W", "kW", "Hz", "W/m2", "N", "kN", "g", "kg",
    "t", "mS/cm", "uS/cm", "dB", "lx", "m/min", "mm/min", "%/m",
})  # fmt: skip
_ALONE = re.compile(r"(^|[./])\{[^{}]*\}")  # an annotation in place of a unit counts as 1
_ANNOTATION = re.compile(r"\{([^{}]*)\}")
_LONGEST = 60
_PLAIN_DECIMAL = 15  # digits that every float keeps


class UnitError(ValueError):
    """Not a UCUM code, or two codes of different dimension."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """`value * multiply / divide + add`: one of the first two is 1 wherever that makes the result exact."""

    multiply: float = 1.0
    divide: float = 1.0
    add: float = 0.0

    def __call__(self, value: float) -> float:
        """One value."""
        return value * self.multiply / self.divide + self.add

    def array(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The same for many values at once."""
        return values * self.multiply / self.divide + self.add

    def difference(self, value: float) -> float:
        """A difference of two values: a step of 1 Cel is 1.8 [degF], whatever the zero points are."""
        return value * self.multiply / self.divide


_SAME = Conversion()
_known: dict[tuple[str, str], Conversion] = {}


@lru_cache(4096)
def is_unit(code: str) -> bool:
    """Whether this is a UCUM code that can be computed with."""
    try:
        return _core(code) in COMMON or _quantity(_core(code)) is not None
    except UnitError:
        return False


def is_dimensionless(code: str) -> bool:
    """Whether a bare number says all: the unit is `1` or only an annotation. `%` has to be written."""
    return _core(code) == "1"


def same_dimension(a: str, b: str) -> bool:
    """Whether values can be converted. `%{LEL}` and `%{vol}` cannot: 5 % of the volume is 100 % of methane's LEL."""
    try:
        conversion(a, b)
    except UnitError:
        return False
    return True


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """A value in another unit. Raises UnitError.

    >>> convert(10.0, "[ft_i]", "m")
    3.048
    """
    return conversion(from_unit, to_unit)(value)


def conversion(from_unit: str, to_unit: str) -> Conversion:
    """How to convert, found once per pair of codes. Raises UnitError."""
    pair = (from_unit, to_unit)
    found = _known.get(pair)
    if found is None:
        found = _known[pair] = _conversion(from_unit, to_unit)
    return found


def known_conversions() -> dict[tuple[str, str], Conversion]:
    """What was found so far, for another process that need not ask the registry then."""
    return dict(_known)


def know(conversions: Mapping[tuple[str, str], Conversion]) -> None:
    """Take over what another process found."""
    _known.update(conversions)


def _conversion(from_unit: str, to_unit: str) -> Conversion:
    if from_unit == to_unit:
        return _SAME
    first, second = set(_ANNOTATION.findall(from_unit)), set(_ANNOTATION.findall(to_unit))
    if first and second and first != second:
        raise UnitError(f"{from_unit} and {to_unit} measure different things")
    if _core(from_unit) == _core(to_unit):
        return _SAME
    return _linear(_quantity(_core(from_unit)), _quantity(_core(to_unit)), f"{from_unit} to {to_unit}")


def per_time(unit: str, of: str) -> bool:
    """Whether `unit` is `of` per time, as a rate of change must be."""
    return unit in {f"{of}/{t}" for t in ("s", "min", "h", "d")} or same_dimension(unit, times(of, "/s"))


def times(unit: str, factor: str) -> str:
    """The code of a product: `times("m", "/s")` is `m/s`, `times("mm/h", ".s")` is `mm/h.s`."""
    return f"{unit}{factor}"


def _core(code: str) -> str:
    """The code without annotations; one that is nothing else is `1`."""
    return _ANNOTATION.sub("", _ALONE.sub(r"\g<1>1", code))


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry  # noqa: PLC0415 - takes a second; most sites never need it

    return PintUcumRegistry()


@cache
def _quantity(core: str) -> Any:
    if not core or len(core) > _LONGEST or not core.isascii():
        raise UnitError(f"not a UCUM unit: {core[:_LONGEST]!r}")
    try:
        quantity = _registry().from_ucum(core)
        quantity.dimensionality  # noqa: B018 - some codes fail only here
        float(quantity.magnitude)
    except Exception as error:
        raise UnitError(f"not a UCUM unit: {core!r}") from error
    return quantity


def _linear(source: Any, target: Any, what: str) -> Conversion:
    if source.dimensionality != target.dimensionality:
        raise UnitError(f"{what}: not of one dimension")
    try:
        zero, one, two = (_through(x, source, target) for x in (0.0, 1.0, 2.0))
    except Exception as error:
        raise UnitError(f"{what}: no conversion is known") from error
    if abs((two - one) - (one - zero)) > 1e-9 * max(abs(two), abs(one), abs(zero)):
        raise UnitError(f"{what}: not a linear scale")
    multiply, divide = _exact(one - zero) if zero else _exact(one)
    return Conversion(multiply, divide, _zero_point(zero))


def _through(value: float, source: Any, target: Any) -> float:
    registry = _registry()
    start = registry.Quantity(value * float(source.magnitude), source.units)
    return float(start.to(target.units).magnitude) / float(target.magnitude)


def _zero_point(found: float) -> float:
    """The registry finds 31.9999999999999 for 0 Cel in [degF]: the simple fraction next to it is meant."""
    simple = float(Fraction(found).limit_denominator(1_000))
    return simple if abs(simple - found) <= 1e-11 * max(1.0, abs(found)) else found


def _is_short(number: float) -> bool:
    """Whether some decimal of few digits is meant: 0.30479999999999996 is 0.3048."""
    return len(f"{number:.{_PLAIN_DECIMAL - 1}g}".strip("-0.").replace(".", "")) <= _PLAIN_DECIMAL - 3


def _exact(factor: float) -> tuple[float, float]:
    """(multiply, divide) that round least: 0.001 divides by 1000, 0.3048 multiplies, 5/9 does both."""
    inverse = 1 / factor
    if abs(inverse) > 1 and abs(inverse - round(inverse)) <= 1e-13 * abs(inverse):
        return 1.0, float(round(inverse))
    short = float(f"{factor:.{_PLAIN_DECIMAL}g}")
    ratio = Fraction(factor).limit_denominator(10_000)
    if not _is_short(factor) and abs(float(ratio) - factor) <= 1e-13 * abs(factor):
        return float(ratio.numerator), float(ratio.denominator)
    return short if _is_short(factor) else factor, 1.0
