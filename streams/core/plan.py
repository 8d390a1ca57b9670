"""From a site to what the Bank computes: one chain per distinct list of transforms, its latches per datastream."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from detectors import DETECTORS
from detectors.base import Part
from detectors.transforms import TRANSFORMS
from streams.core.quality import SILENT_AFTER
from streams.models.level import COLOURS, NUMBER, ORANGE, RED
from streams.models.site import Condition, Datastream, Hazard, Input, Site, Step, Threshold
from streams.models.units import convert

#: values equal to a threshold but for the rounding of a unit conversion count as having reached it
TOLERANCE = 1e-12
SECONDS_OUT = frozenset({"rate"})  # parts whose output is per second of the input's unit
SAME_OUT = frozenset({"threshold", *TRANSFORMS} - SECONDS_OUT)  # parts whose output is in the input's unit
PARTS: dict[str, type[Part]] = {**DETECTORS, **TRANSFORMS}  # what a hazard's steps may name
GAP_ENDS = frozenset({"sta_lta"})  # detectors that begin anew after a gap
Ints = NDArray[np.int64]
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
    threshold: Number  # in the hazard's unit, for evidence
    hold: int
    step: Number
    scale: tuple[float, float]  # chain's unit -> hazard's unit: a * x + b
    checks: frozenset[str]


@dataclass(slots=True)
class ChainPlan:
    """Kinds of datastreams that share the same transforms, and the latches of each."""

    steps: tuple[Step, ...]
    latches: dict[int, list[LatchPlan]] = field(default_factory=dict)  # by number of the kind


@dataclass(slots=True)
class AbsencePlan:
    """A condition that holds while a datastream of this kind has been silent this long."""

    kind: int
    latch: LatchPlan


@dataclass(slots=True)
class Kinds:
    """The datastreams of a partition by what they share (their profile), and by the attributes that conditions name.

    streams: one of each kind; the attributes that matter are arrays, an entry for each variant that there is. kind,
    variant: of each datastream, by its place. variants: how many there are of each kind.
    """

    streams: list[Datastream]
    kind: Ints
    variant: Ints
    variants: list[int]


def kinds_of(site: Site, numbers: Ints) -> Kinds:
    """The kinds of these datastreams."""
    table, named = site.datastreams, named_attributes(site)
    present, kind = np.unique(table.profile[numbers], return_inverse=True)
    found = Kinds([], kind, np.zeros(len(numbers), np.int64), [])
    order = np.argsort(kind, kind="stable")
    for members in np.split(order, np.cumsum(np.bincount(kind))[:-1]) if len(present) else ():
        stream = table.at(int(numbers[members[0]]))
        names = sorted(named & stream.attributes.keys())
        if names:
            amounts = [table.attribute(name)[0][numbers[members]] for name in names]
            different, found.variant[members] = _variants(amounts)
            own = {n: (a[different], stream.attributes[n][1]) for n, a in zip(names, amounts, strict=True)}
            stream = replace(stream, attributes={**stream.attributes, **own})  # type: ignore[dict-item]
            found.variants.append(len(different))
        else:
            found.variants.append(1)
        found.streams.append(stream)
    return found


def _variants(columns: list[NDArray[np.float64]]) -> tuple[Ints, Ints]:
    """Rows that are the first of their kind, and which of them each row is like."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        _, own = np.unique(column, return_inverse=True)
        _, code = np.unique(code * (int(own.max(initial=0)) + 1) + own, return_inverse=True)
    _, first, code = np.unique(code, return_index=True, return_inverse=True)
    return first, code


def named_attributes(site: Site) -> set[str]:
    """The attributes of stations that conditions speak of."""
    conditions = [c for h in site.hazards.values() for c in h.conditions.values() if isinstance(c, Condition)]
    thresholds = [t for c in conditions for t in (c.thr_on, c.thr_off) if t is not None]
    return {t.attribute for t in thresholds if t.attribute is not None}


def make_plan(site: Site, streams: list[Datastream]) -> tuple[list[ChainPlan], list[AbsencePlan]]:
    """Resolve every hazard's conditions for one datastream of each kind; a threshold that it lacks makes no latch."""
    chains: dict[tuple[object, ...], ChainPlan] = {}
    absences: list[AbsencePlan] = []
    for number, stream in enumerate(streams):
        for hazard in site.hazards_of.get(stream.property, ()):
            for condition in hazard.conditions.values():
                if not isinstance(condition, Condition) or hazard.inputs[condition.input].property != stream.property:
                    continue
                source = hazard.inputs[condition.input]
                latch = plan_latch(hazard, condition, source, stream)
                if latch is None:
                    continue
                if condition.kind == "absent":
                    absences.append(AbsencePlan(number, latch))
                    continue
                steps = fit_steps(source.steps, stream)
                key = tuple((s.part, tuple(sorted(s.parameters.items()))) for s in steps)
                chain = chains.setdefault(key, ChainPlan(steps))
                chain.latches.setdefault(number, []).append(latch)
    return list(chains.values()), absences


def fit_steps(steps: tuple[Step, ...], stream: Datastream) -> tuple[Step, ...]:
    """Steps with the longest gap that a datastream of this reporting interval may have: 3 intervals, as for silence.

    A rate or a mean over less than that is still one; a sum over a longer gap is a lower bound.
    """
    if stream.interval is None:
        return steps
    gap = SILENT_AFTER * stream.interval
    fitted = []
    for step in steps:
        over = step.parameters.get("over")
        if "max_gap" in step.parameters or (over is None and step.part not in GAP_ENDS):
            fitted.append(step)
            continue
        longest = gap if over is None else stream.interval * 3 // 2 if step.part == "sum" else max(gap, over)
        fitted.append(Step(step.part, {**step.parameters, "max_gap": longest}))
    return tuple(fitted)


def plan_latch(hazard: Hazard, condition: Condition, source: Input, stream: Datastream) -> LatchPlan | None:
    """One condition's latch on one datastream, or None when the station lacks the attribute that it names."""
    scale = chain_scale(source, stream)
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
    )


def _inner(threshold: Number, scale: tuple[float, float], sign: float, *, strict: bool) -> Number:
    """A threshold in the chain's unit; strictness and rounding become part of the number."""
    inner = (threshold - scale[1]) / scale[0]
    return inner + sign * (1 if strict else -1) * np.abs(inner) * TOLERANCE


def chain_scale(source: Input, stream: Datastream) -> tuple[float, float]:
    """(a, b): what the chain gives out, in the datastream's unit (per second after `rate`), to the input's unit."""
    unit = stream.unit
    if any(step.part not in SECONDS_OUT | SAME_OUT for step in source.steps):
        return 1.0, 0.0  # a detector's score is a plain number
    if any(step.part in SECONDS_OUT for step in source.steps):
        return convert(1.0, f"{unit}/s", source.unit), 0.0
    if unit == source.unit:
        return 1.0, 0.0
    zero = convert(0.0, unit, source.unit)
    return convert(1.0, unit, source.unit) - zero, zero


def judgeable(condition: Condition, stream: Datastream) -> bool:
    """Whether the station has the attributes that a condition names; without them it is unknown there."""
    named = {t.attribute for t in (condition.thr_on, condition.thr_off) if t is not None and t.attribute is not None}
    return named <= stream.attributes.keys()


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


def names_in(expression: object) -> set[str]:
    """The conditions that a level's rule speaks of."""
    if isinstance(expression, str):
        return {expression}
    if isinstance(expression, dict):
        return {name for key, inner in expression.items() if key != "at_least" for name in names_in(inner)}
    if isinstance(expression, list | tuple):
        return {name for inner in expression for name in names_in(inner)}
    return set()


def level_of_condition(hazard: Hazard) -> dict[str, int]:
    """The highest level whose rule speaks of each condition."""
    found: dict[str, int] = {}
    for colour in COLOURS:
        for name in names_in(hazard.levels.get(NUMBER[colour])):
            found[name] = NUMBER[colour]
    return found
