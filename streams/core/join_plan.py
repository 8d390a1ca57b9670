"""Which stations' datastreams are joined, and through which chains what comes of it goes."""

from dataclasses import dataclass, replace
from hashlib import blake2b

from detectors.units import Unit
from streams.core.latch_plan import plan_latch, tap
from streams.core.links import formed, link_plans, scale_of, version_of
from streams.core.plan import Chains, links_of
from streams.models.site import Condition, Datastream, Hazard, Input, Site


@dataclass(slots=True)
class JoinPlan:
    """An input of a hazard that is made of several; its rows belong to the datastream of its first source."""

    hazard: str
    source: Input
    chains: Chains
    name: str  # of its state: another one, and what was saved does not fit


def plan_joins(site: Site, streams: list[Datastream], chains: Chains) -> list[JoinPlan]:
    """Those that conditions speak of; the chains that feed them are told so. `streams`: one of each kind."""
    found: list[JoinPlan] = []
    for hazard in site.hazards.values():
        for source in hazard.inputs.values():
            conditions = [c for c in hazard.conditions.values() if isinstance(c, Condition) and c.input == source.name]
            conditions = [c for c in conditions if c.kind != "absent"]
            if not source.sources or not conditions:
                continue
            plan = JoinPlan(hazard.name, source, Chains(site.timezone), _name(hazard, source, conditions))
            for number, stream in enumerate(streams):
                if stream.property == source.property:
                    for condition in conditions:
                        _add(plan.chains, number, hazard, condition, stream)
                _tap(chains, number, hazard, source, stream, len(found))
            found.append(plan)
    return found


def _add(chains: Chains, number: int, hazard: Hazard, condition: Condition, stream: Datastream) -> None:
    source = hazard.inputs[condition.input]
    links, out = link_plans(source.steps, Unit(source.sources[0].unit), source.output)
    latch = plan_latch(hazard, condition, source, stream, scale_of(out, source.unit))
    if latch is None:
        return
    chain, steps = chains.ahead(links, number, condition, source, latch, stream)
    chain.channels = len(source.sources)
    chains.put(chain, number, hazard, latch, version_of(steps))


def _tap(chains: Chains, number: int, hazard: Hazard, source: Input, stream: Datastream, join: int) -> None:
    for channel, one in enumerate(source.sources):
        if one.property == stream.property:
            links, scale = links_of(one.steps, one.unit, stream, one.output)
            chains.of(links).latches.setdefault(number, []).append(tap(hazard, join, channel, scale))


def _name(hazard: Hazard, source: Input, conditions: list[Condition]) -> str:
    chains = (source.steps, *(one.steps for one in source.sources))
    picked = [step.output for steps in chains for step in steps]
    more: tuple[object, ...] = (picked,) if any(picked) else ()
    newer = formed(tuple(step for steps in chains for step in steps))
    more = (*more, newer) if newer else more
    told = repr((hazard.name, source, [replace(one, source=None) for one in conditions], hazard.checks, *more))
    return blake2b(told.encode(), digest_size=8).hexdigest()
