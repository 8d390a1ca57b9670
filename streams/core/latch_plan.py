"""One condition on one kind of datastream, as numbers: thresholds in the chain's own unit, and in the hazard's."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from streams.core.links import Scale
from streams.core.seasons import Day, season_of
from streams.models.level import ORANGE, RED
from streams.models.site import Condition, Datastream, Hazard, Input, Season, Threshold
from streams.models.units import convert

#: values equal to a threshold but for the rounding of a unit conversion count as having reached it
TOLERANCE = 1e-12
FORECAST_OFF = 0.8  # a forecast goes off below so much of the probability at which it went on
Number = float | NDArray[np.float64]  # an array: one for each variant of a kind


@dataclass(frozen=True, slots=True)
class LatchPlan:
    """One condition of one hazard on datastreams of one kind. Numbers marked so are arrays where variants differ."""

    hazard: str
    condition: str
    unit: str
    comparison: str
    rule_version: str
    sign: float
    thr_on: Number  # in the chain's own unit
    thr_off: Number
    threshold: Number  # in the hazard's unit, for evidence; of a forecast the level
    hold: int
    step: Number
    scale: Scale  # chain's unit -> hazard's unit: a * x + b; of a forecast that of the value
    checks: frozenset[str]
    clear: Number = np.nan  # in the hazard's unit, for evidence
    samples: tuple[int, int] | None = None  # at so many of the newest so many readings
    seasons: tuple[tuple[Season, "LatchPlan"], ...] = ()  # other thresholds: the first that fits the day
    forecast: bool = False  # the score is a probability
    part: str = ""  # the parts that make the score, with their versions
    tap: tuple[int, int] | None = None  # no condition: goes to a join, as this channel
    word: bool = False  # its first answer is told, though it is no

    @property
    def n(self) -> int:
        """At how many readings it has to hold."""
        return self.samples[0] if self.samples else 1

    @property
    def m(self) -> int:
        """Of how many; 0: it does not count readings."""
        return self.samples[1] if self.samples else 0

    def on(self, day: Day) -> "LatchPlan":
        """The same as it is on a day of the year."""
        which = season_of([season for season, _ in self.seasons], day)
        return self if which < 0 else replace(self.seasons[which][1], part=self.part, word=self.word)


def plan_latch(
    hazard: Hazard, condition: Condition, source: Input, stream: Datastream, scale: Scale
) -> LatchPlan | None:
    """One condition's latch on one datastream, or None when the station lacks the attribute that it names."""
    if condition.forecast is not None:
        return _forecast(hazard, condition, source, stream, scale)
    plan = _plan(hazard, condition, source, stream, scale)
    if plan is None or not condition.seasons:
        return plan
    seasons = []
    for season in condition.seasons:
        of_season = replace(condition, thr_on=season.thr_on, thr_off=season.thr_off, seasons=())
        other = _plan(hazard, of_season, source, stream, scale)
        if other is None:
            return None
        seasons.append((season, other))
    return replace(plan, seasons=tuple(seasons))


def _plan(hazard: Hazard, condition: Condition, source: Input, stream: Datastream, scale: Scale) -> LatchPlan | None:
    sign = -1.0 if condition.kind == "below" else 1.0
    on = resolve(condition.thr_on, source.unit, stream)
    off = resolve(condition.thr_off, source.unit, stream)
    if condition.kind == "absent":
        on = off = 0.0
    if on is None or (off is None and condition.thr_off is not None):
        return None
    return LatchPlan(
        hazard=hazard.name,
        condition=condition.name,
        unit=source.unit,
        comparison="absent"
        if condition.kind == "absent"
        else (">" if sign > 0 else "<") + ("" if condition.strict else "="),
        rule_version=hazard.version,
        sign=sign,
        thr_on=_inner(on, scale, sign, strict=condition.strict),
        thr_off=_inner(on if off is None else off, scale, sign, strict=condition.strict and off is None),
        threshold=on if isinstance(on, np.ndarray) else float(f"{on:.12g}"),
        hold=condition.hold,
        step=peak_step(hazard, condition, source, stream) / abs(scale[0]),
        scale=scale,
        checks=frozenset(hazard.checks),
        clear=np.nan if condition.kind == "absent" or off is None else off,
        samples=condition.samples,
    )


def _forecast(
    hazard: Hazard, condition: Condition, source: Input, stream: Datastream, scale: Scale
) -> LatchPlan | None:
    level = resolve(condition.thr_on, source.unit, stream)
    if level is None or condition.forecast is None:
        return None
    chance = condition.forecast.probability
    return LatchPlan(
        hazard=hazard.name,
        condition=condition.name,
        unit=source.unit,
        comparison=">=",
        rule_version=hazard.version,
        sign=1.0,
        thr_on=chance,
        thr_off=FORECAST_OFF * chance,
        threshold=level if isinstance(level, np.ndarray) else float(f"{level:.12g}"),
        hold=condition.hold,
        step=np.inf,
        scale=scale,
        checks=frozenset(hazard.checks),
        samples=condition.samples,
        forecast=True,
    )


def tap(hazard: Hazard, join: int, channel: int, scale: Scale) -> LatchPlan:
    """No condition: the score goes to a join."""
    none = np.nan
    checks = frozenset(hazard.checks)
    return LatchPlan(hazard.name, "", "", "", "", 1.0, none, none, none, 0, np.inf, scale, checks, tap=(join, channel))


def _inner(threshold: Number, scale: Scale, sign: float, *, strict: bool) -> Number:
    """A threshold in the chain's unit; strictness and rounding become part of the number."""
    inner = (threshold - scale[1]) / scale[0]
    return inner + sign * (1 if strict else -1) * np.abs(inner) * TOLERANCE


def judgeable(condition: Condition, stream: Datastream) -> bool:
    """Whether the station has the attributes that a condition names; without them it is unknown there."""
    return names_of(condition) <= stream.attributes.keys()


def names_of(condition: Condition) -> set[str]:
    """The attributes that a condition names, at any time of the year."""
    pairs = ((condition.thr_on, condition.thr_off), *((one.thr_on, one.thr_off) for one in condition.seasons))
    return {t.attribute for pair in pairs for t in pair if t is not None and t.attribute is not None}


def resolve(threshold: Threshold | None, unit: str, stream: Datastream) -> Number | None:
    """A threshold as a number in the input's unit; None when there is none or the station lacks the attribute."""
    if threshold is None:
        return None
    offset = threshold.offset
    if threshold.attribute is None:
        return convert(offset, threshold.unit, unit)
    if threshold.attribute not in stream.attributes:
        return None
    value, own = stream.attributes[threshold.attribute]
    return convert(value, own, unit) + (difference(offset, threshold.unit, unit) if offset else 0.0)


def difference(amount: float, unit: str, to: str) -> float:
    """A difference in another unit: without the zero point of scales such as degrees Celsius."""
    return convert(amount, unit, to) - convert(0.0, unit, to)


def peak_step(hazard: Hazard, condition: Condition, source: Input, stream: Datastream) -> Number:
    """A tenth of the distance between the orange and the red threshold of this input; no steps without both."""
    found = {}
    for level in (ORANGE, RED):
        name = hazard.levels.get(level)
        other = hazard.conditions.get(name) if isinstance(name, str) else None
        if isinstance(other, Condition) and other.input == condition.input and other.kind == condition.kind:
            found[level] = resolve(other.thr_on, source.unit, stream)
    orange, red = found.get(ORANGE), found.get(RED)
    if orange is None or red is None:
        return np.inf
    distance = np.asarray(red - orange, np.float64)
    step: Number = np.where(distance == 0, np.inf, np.abs(distance) / 10)[()]
    return step
