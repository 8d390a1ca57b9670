"""From a site to what the Bank computes: one chain per distinct list of transforms, its latches per datastream."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from detectors.units import Unit
from streams.core.latch_plan import LatchPlan, Number, judgeable, names_of, plan_latch, resolve
from streams.core.links import LinkPlan, Scale, link_plans, scale_of, version_of
from streams.core.quality import SILENT_AFTER
from streams.core.seasons import Calendar, calendar_of
from streams.models.expression import colours_in, names_in
from streams.models.level import COLOURS, NUMBER
from streams.models.possible import first_words
from streams.models.site import Condition, Datastream, Hazard, Input, Site, Step

__all__ = [
    "AbsencePlan", "ChainPlan", "Kinds", "LatchPlan", "judgeable", "kinds_of", "level_of_condition", "make_plan",
    "named_attributes", "names_in", "resolve",
]  # fmt: skip
GAP_ENDS = frozenset({"sta_lta"})  # detectors that begin anew after a gap
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class ChainPlan:
    """Kinds of datastreams that share the same transforms, and the latches of each."""

    links: tuple[LinkPlan, ...]
    name: object = None  # what tells it from others with the same steps
    latches: dict[int, list[LatchPlan]] = field(default_factory=dict)  # by number of the kind
    levels: dict[int, Number] = field(default_factory=dict)  # of a forecast, by number of the kind
    timezone: str = "UTC"
    channels: int = 0  # how many numbers a row has; 0: it is one number

    @property
    def steps(self) -> tuple[Step, ...]:
        """The transforms."""
        return tuple(one.step for one in self.links)

    def levels_by(self, counts: list[int]) -> Floats:
        """The level of a forecast by number of the variant; `counts`: how many variants each kind has."""
        kinds = zip(self.latches, counts, strict=True)
        return np.concatenate([np.broadcast_to(np.asarray(self.levels[kind]), n) for kind, n in kinds])

    @property
    def calendar(self) -> Calendar | None:
        """The times of the year at which thresholds change; None: they never do."""
        seasons = [tuple(season for season, _ in latch.seasons) for row in self.latches.values() for latch in row]
        return calendar_of(seasons, self.timezone)


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
    return set().union(*map(names_of, conditions))


class Chains:
    """The chains that conditions ask for, each once."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self.found: dict[tuple[object, ...], ChainPlan] = {}
        self._words: dict[str, frozenset[str]] = {}

    def of(self, links: tuple[LinkPlan, ...], *more: object) -> ChainPlan:
        """The chain of some steps. `more`: what else tells it from others."""
        key = (*((*_told(one.step), one.scale, one.output) for one in links), *more)
        chain = self.found.get(key)
        if chain is None:
            name = None if all(one.plain for one in links) and not more else (links, more)
            chain = self.found[key] = ChainPlan(links, name, timezone=self._timezone)
        return chain

    def add(self, number: int, hazard: Hazard, condition: Condition, stream: Datastream) -> None:
        """A condition on the datastreams of a kind."""
        source = hazard.inputs[condition.input]
        links, scale = links_of(source.steps, source.unit, stream, source.output)
        latch = plan_latch(hazard, condition, source, stream, scale)
        if latch is None:
            return
        chain, steps = self.ahead(links, number, condition, source, latch, stream)
        self.put(chain, number, hazard, latch, version_of(steps))

    def put(self, chain: ChainPlan, number: int, hazard: Hazard, latch: LatchPlan, part: str) -> None:
        """A latch at the end of a chain."""
        if hazard.name not in self._words:
            self._words[hazard.name] = words_of(hazard)
        word = latch.condition in self._words[hazard.name]
        chain.latches.setdefault(number, []).append(replace(latch, part=part, word=word))

    def ahead(
        self,
        links: tuple[LinkPlan, ...],
        number: int,
        condition: Condition,
        source: Input,
        latch: LatchPlan,
        stream: Datastream,
    ) -> tuple[ChainPlan, tuple[Step, ...]]:
        """The chain of a condition, with a forecast at its end if it asks for one; and its steps."""
        steps = tuple(one.step for one in links)
        if condition.forecast is None:
            return self.of(links), steps
        told = {"horizon": condition.forecast.within, "over": condition.forecast.over}
        own = fit_steps((Step("forecast", told),), stream)
        chain = self.of((*links, LinkPlan(own[0], output=1)), condition.thr_on, source.unit, latch.scale)
        chain.levels[number] = (np.asarray(latch.threshold) - latch.scale[1]) / latch.scale[0]
        return chain, (*steps, *own)


def _told(step: Step) -> tuple[str, tuple[tuple[str, object], ...]]:
    return step.part, tuple(sorted(step.parameters.items()))


def make_plan(site: Site, streams: list[Datastream]) -> tuple[list[ChainPlan], list[AbsencePlan]]:
    """Resolve every hazard's conditions for one datastream of each kind; a threshold that it lacks makes no latch."""
    chains, absences = plan_chains(site, streams)
    return list(chains.found.values()), absences


def plan_chains(site: Site, streams: list[Datastream]) -> tuple[Chains, list[AbsencePlan]]:
    """The same, and where to add chains of which no condition speaks."""
    chains, absences = Chains(site.timezone), list[AbsencePlan]()
    for number, stream in enumerate(streams):
        for hazard in site.hazards_of.get(stream.property, ()):
            for condition in hazard.conditions.values():
                if not isinstance(condition, Condition):
                    continue
                source = hazard.inputs[condition.input]
                if source.property != stream.property:
                    continue
                if condition.kind == "absent":
                    latch = plan_latch(hazard, condition, source, stream, (1.0, 0.0))
                    absences += [AbsencePlan(number, latch)] if latch is not None else []
                elif not source.sources:
                    chains.add(number, hazard, condition, stream)
    return chains, absences


def links_of(
    steps: tuple[Step, ...], unit: str, stream: Datastream, output: str | None
) -> tuple[tuple[LinkPlan, ...], Scale]:
    """Steps on readings of a datastream, and (a, b) from what comes out to a unit."""
    links, out = link_plans(fit_steps(steps, stream), Unit(stream.unit), output)
    return links, scale_of(out, unit)


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
        fitted.append(replace(step, parameters={**step.parameters, "max_gap": longest}))
    return tuple(fitted)


def words_of(hazard: Hazard) -> frozenset[str]:
    """The conditions on values whose first answer is told, though it is no: levels may hold while nothing is on."""
    names = set[str]().union(*map(first_words, hazard.levels.values()))
    found = (one for name in names if isinstance(one := hazard.conditions.get(name), Condition))
    return frozenset(one.name for one in found if one.kind != "absent")


def level_of_condition(hazard: Hazard) -> dict[str, int]:
    """The highest level whose rule speaks of each condition; of points that are counted, the colour that each is of."""
    found: dict[str, int] = {}
    for colour in COLOURS:
        rule = hazard.levels.get(NUMBER[colour])
        points = dict(colours_in(rule))
        for name in names_in(rule):
            found[name] = max(found.get(name, 0), points.get(name, NUMBER[colour]))
    return found
