"""Of everything in the configuration that decides a slot's state 64 bits: another number, and it is rebuilt.

What a later release adds to the configuration is left out where it stands at its default, which means what was so
before: else an upgrade would rebuild the state of every site, also of those that do not use it.
"""

from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.core.chains import Chain
from streams.core.links import formed
from streams.core.moves import used_by
from streams.core.plan import Kinds, named_attributes
from streams.models.datastream import NO_CHECKS, Datastream
from streams.models.site import Condition, Hazard, Site

Ints = NDArray[np.int64]
Prints = NDArray[np.uint64]
FIRST_CHECKS = ("range", "stuck", "gap")
#: neighbours are compared elsewhere: what is said of it here decides no slot's state
NOT_OF_SLOTS: dict[str, Any] = {
    one.name: one.default for one in fields(NO_CHECKS) if one.name.startswith(("neighbour", "drift"))
}
MIX = np.uint64(0x9E3779B97F4A7C15)
#: what is always told: the fields of the first release
FIRST = {
    "Step": {"part", "parameters"},
    "Input": {"name", "property", "unit", "steps"},
    "Threshold": {"attribute", "offset", "unit"},
    "Condition": {"name", "input", "kind", "thr_on", "thr_off", "strict", "hold", "source"},
}


def told(value: Any) -> str:
    """What `repr` says, but for what was added later and is not used."""
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        parts = [f for f in fields(value) if f.name in FIRST.get(name, ()) or not _at_default(value, f)]
        return f"{name}({', '.join(f'{f.name}={told(getattr(value, f.name))}' for f in parts)})"
    if type(value) is dict:
        return f"{{{', '.join(f'{told(k)}: {told(v)}' for k, v in value.items())}}}"
    if type(value) is list:
        return f"[{', '.join(map(told, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(told, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _at_default(value: Any, one: Field[Any]) -> bool:
    default = one.default if one.default_factory is MISSING else one.default_factory()
    return default is not MISSING and bool(getattr(value, one.name) == default)


def name_of(chain: Chain) -> str:
    """A chain's name in chunks: what it computes."""
    computed: Any = chain.steps if chain.plan.name is None else (chain.steps, chain.plan.name)
    newer = formed(chain.steps)
    return blake2b(told((computed, newer) if newer else computed).encode(), digest_size=8).hexdigest()


def fingerprints(site: Site, numbers: Ints, kinds: Kinds) -> Prints:
    """Of each datastream 64 bits of all that decides its state: its kind, its bounds, the attributes that count."""
    table = site.datastreams
    of_kind = np.array([_kind_print(site, stream) for stream in kinds.streams], np.uint64)
    found = of_kind[kinds.kind] if len(of_kind) else np.empty(0, np.uint64)
    own = [*table.bounds.values(), *(table.attribute(name)[0] for name in sorted(named_attributes(site)))]
    for column in own:
        found = (found ^ np.ascontiguousarray(column[numbers]).view(np.uint64)) * MIX
        found ^= found >> np.uint64(29)
    return found


def _kind_print(site: Site, stream: Any) -> int:
    unit, rest = stream.unit, (stream.interval, stream.stuck_for, stream.rest, site.remember)
    checks = sorted(_of_checks(site.checks_of(stream), stream))
    own = replace(stream.checks, **NOT_OF_SLOTS)
    more = (own,) if own != NO_CHECKS else ()
    units = sorted((name, unit) for name, (_, unit) in stream.attributes.items())
    hazards = [_of_hazard(hazard, stream) for hazard in site.hazards_of.get(stream.property, ())]
    text = told((stream.property, unit, rest, checks, units, hazards, *more))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _of_checks(checks: Iterable[str], stream: Datastream) -> tuple[str, ...]:
    """Those of the first release, and of the others what the datastream is put to."""
    used = used_by(stream.checks, stream.stuck_for, frozenset(checks))
    return tuple(check for check in checks if check in FIRST_CHECKS or check in used)


def _of_hazard(hazard: Hazard, stream: Datastream) -> Iterable[object]:
    """What of a hazard decides the state of a datastream."""
    inputs = {name: one for name, one in hazard.inputs.items() if one.property == stream.property}
    conditions = [
        replace(c, source=None)
        for c in hazard.conditions.values()
        if isinstance(c, Condition) and c.input in inputs
    ]  # fmt: skip
    of_inputs = [steps for one in inputs.values() for steps in (one.steps, *(source.steps for source in one.sources))]
    newer = formed(tuple(step for steps in of_inputs for step in steps))
    return (
        hazard.name, inputs, conditions, hazard.levels, _of_checks(hazard.checks, stream), *((newer,) if newer else ())
    )  # fmt: skip
