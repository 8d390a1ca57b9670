"""The catalogue as lines of text: what a part is, what a reading costs, how many bytes a datastream takes."""

import inspect
import time
from collections.abc import Callable, Iterator

import numpy as np

from detectors import DETECTORS
from detectors.base import MINUTE, Part
from detectors.coincidence import Coincidence
from streams.config.parts import PARTS
from streams.config.presets import load_preset, preset_names
from streams.detect.parameters import COINCIDENCE

_TOGETHER = 200
_ROUNDS = 6


def catalogue() -> Iterator[str]:
    """A line for each part; the cost is measured now, on this machine."""
    yield f"{'part':<18}{'kind':<11}{'µs':>6}{'bytes':>8}  what (µs a reading with {_TOGETHER} datastreams together)"
    presets = [load_preset(name) for name in preset_names()]
    for name, part in sorted(PARTS.items(), key=lambda one: (one[0] in DETECTORS, one[0])):
        kind = "detector" if name in DETECTORS else "transform"
        named = ", ".join(one.name for one in presets if one.part == name)
        told = f" (presets: {named})" if named else ""
        yield f"{name:<18}{kind:<11}{_cost(part):>6.2f}{_memory(part):>8,}  {_idea(part)}{told}"
    named = ", ".join(one.name for one in presets if one.part == COINCIDENCE)
    yield f"{COINCIDENCE:<18}{'network':<11}{'–':>6}{'–':>8}  {_idea(Coincidence)} (presets: {named})"


def _memory(make: Callable[..., Part]) -> int:
    return make().memory


def _idea(part: type) -> str:
    return (inspect.getdoc(part) or "").split("\n", maxsplit=1)[0]


def _cost(make: Callable[..., Part]) -> float:
    """CPU in microseconds, the best of some rounds."""
    part = make(slots=_TOGETHER)
    slot = np.arange(_TOGETHER)
    shape = (_ROUNDS, _TOGETHER, part.width) if part.width else (_ROUNDS, _TOGETHER)
    best = np.inf
    for turn, row in enumerate(np.random.default_rng(1).normal(size=shape)):
        begin = time.process_time()
        part.update(slot, np.full(_TOGETHER, turn * MINUTE), row)
        best = min(best, time.process_time() - begin)
    return best / _TOGETHER * 1e6
