"""The steps of a chain with what lies between them: units, and which of several answers goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from inspect import getmodule, getsource

import numpy as np
from numpy.typing import NDArray

from detectors import DETECTORS
from detectors.base import Bools, Part, State, Transform
from detectors.transforms import TRANSFORMS
from detectors.units import Unit, given, output_of, wanted
from streams.core.code_text import bare
from streams.models.site import Step
from streams.models.units import convert

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Scale = tuple[float, float]
PARTS: dict[str, type[Part]] = {**DETECTORS, **TRANSFORMS}  # what a hazard's steps may name
SAME: Scale = (1.0, 0.0)


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A step; `scale`: a and b of a * x + b before it; `output`: which of its answers goes on."""

    step: Step
    scale: Scale = SAME
    output: int | None = None

    @property
    def plain(self) -> bool:
        """Whether the step is all."""
        return self.scale == SAME and self.output is None


def make(step: Step, channels: int = 0) -> Part:
    """The part of a step; `channels`: how many it is fed, where it takes any number."""
    maker: Callable[..., Part] = PARTS[step.part]
    named = {"multivariate": "channels", "vector_sum": "components"}.get(step.part)
    return maker(**step.parameters, **({named: channels} if named and channels else {}))


def link_plans(steps: tuple[Step, ...], unit: Unit, output: str | None = None) -> tuple[tuple[LinkPlan, ...], Unit]:
    """The steps, fed with values in a unit, and what comes out.

    `output`: of the last one, where it has several; each of the others says its own.
    """
    found = []
    for step in steps:
        part = make(step)
        asked, scale = wanted(part) or step.unit, SAME
        if asked and not part.width:
            scale, unit = scale_of(unit, asked), Unit(asked, 1.0, unit.zero)
        chosen = output if output is not None and step is steps[-1] else step.output
        found.append(LinkPlan(step, scale, output_of(part, chosen)))
        unit = given(part, unit, chosen)
    return tuple(found), unit


def scale_of(unit: Unit, to: str) -> Scale:
    """(a, b) of a * x + b from a unit to another one."""
    if (unit.code, unit.factor) == (to, 1.0):
        return SAME
    zero = convert(0.0, unit.code, to)
    return (convert(1.0, unit.code, to) - zero) * unit.factor, zero if unit.zero else 0.0


class Link:
    """A part with the unit that it needs and the answer that is wanted; to a chain it is a part."""

    def __init__(self, part: Part, scale: Scale, output: int | None) -> None:
        self.part, self._scale, self.output = part, scale, output
        self.takes_late, self.long_rows, self.reach = part.takes_late, part.long_rows, part.reach
        self.tail = (len(part.outputs),) if output is None and len(part.outputs) > 1 else ()

    @property
    def state(self) -> State:
        """What the part remembers."""
        return self.part.state

    def grow(self, slots: int) -> None:
        """Makes room."""
        self.part.grow(slots)

    def update(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """One reading of each slot."""
        return self._picked(self.part.update(slot, time, self._scaled(value)))

    def series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """N readings of each of m slots."""
        return self._picked(self.part.series(slot, time, self._scaled(value)))

    def newest(self, slot: Ints) -> Ints:
        """Time of each slot's newest reading."""
        return self.part.newest(slot)

    def complete(self, slot: Ints) -> Bools:
        """Whether the latest answer rests on all the data it asks for."""
        return complete(self.part, slot)

    def _scaled(self, value: Floats) -> Floats:
        a, b = self._scale
        return value if self._scale == SAME else value * a + b

    def _picked(self, found: Floats) -> Floats:
        return found if self.output is None else np.ascontiguousarray(found[..., self.output])


def complete(part: Part | Link, slot: Ints) -> Bools:
    """Whether the latest answer rests on all the data it asks for; a detector's always does."""
    return part.complete(slot) if isinstance(part, Transform | Link) else np.ones(len(slot), np.bool_)


def link(plan: LinkPlan, channels: int = 0) -> Part | Link:
    """The live form of a plan."""
    part = make(plan.step, channels)
    return part if plan.plain else Link(part, plan.scale, plan.output)


def formed(steps: tuple[Step, ...]) -> tuple[tuple[str, int], ...]:
    """The parts whose saved state means something else than in the first release."""
    versions = dict.fromkeys((step.part, PARTS[step.part].state_version) for step in steps)
    return tuple(one for one in versions if one[1] > 1)


def version_of(steps: tuple[Step, ...]) -> str:
    """Which parts, in which version with which parameters: `median@1f3c9a2e+rate@…`; empty for no steps."""
    return "+".join(f"{step.part}@{_digest(step.part, repr(sorted(step.parameters.items())))}" for step in steps)


@cache
def _digest(part: str, parameters: str) -> str:
    """Changes with the code of the part and of what it is derived from (not with remarks), and with its parameters."""
    modules = {module.__name__: module for one in PARTS[part].__mro__ if (module := getmodule(one)) is not None}
    code = "".join(bare(getsource(modules[name])) for name in sorted(modules) if name.startswith("detectors"))
    return blake2b(f"{code}{parameters}".encode(), digest_size=4).hexdigest()
