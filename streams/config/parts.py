"""What the parts of `detectors/` can be told in words: names, kinds and durations of their parameters."""

import inspect
from collections.abc import Callable, Mapping
from typing import get_args

from detectors import DETECTORS
from detectors.base import Part
from detectors.offline import takes_rows
from detectors.transforms import TRANSFORMS
from streams.models.site import Step

PARTS: Mapping[str, type[Part]] = {**TRANSFORMS, **DETECTORS}  # a name in both catalogues is the detector's
#: parameters that are lengths of time; people write them as `30 min`
DURATIONS = frozenset(
    {"over", "max_gap", "per", "fade", "horizon", "short", "long", "lag", "tide", "chop", "usual", "settle"}
    | {"day_starts", "utc_offset", "learn"}
)
SIZED = {"multivariate": "channels", "vector_sum": "components"}  # these take any number of channels
NOT_SET = frozenset({"slots", *SIZED.values()})  # follow from what is fed


def parameters_of(part: str) -> dict[str, inspect.Parameter]:
    """The parameters that somebody may set."""
    return {name: one for name, one in inspect.signature(PARTS[part]).parameters.items() if name not in NOT_SET}


def words_of(parameter: inspect.Parameter) -> tuple[str, ...]:
    """The words that a parameter may be, if it is one of some."""
    outer = get_args(parameter.annotation)
    return tuple(word for one in (*outer, *(w for o in outer for w in get_args(o))) if isinstance(word := one, str))


def fits_a_step(part: str) -> bool:
    """Whether it takes one value; what takes rows is the first step of an input that is made of several."""
    return not takes_rows(part)


def make(step: Step, channels: int = 0) -> Part:
    """The part of a step; in a chain `rate` is the transform. `channels`: how many it is fed."""
    maker: Callable[..., Part] = TRANSFORMS.get(step.part) or DETECTORS[step.part]
    sized = SIZED.get(step.part)
    return maker(**step.parameters, **({sized: channels} if sized and channels else {}))
