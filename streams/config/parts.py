"""What the parts of `detectors/` can be told in words: names, kinds and durations of their parameters."""

import inspect
from collections.abc import Mapping
from typing import get_args

from detectors import DETECTORS
from detectors.base import Part
from detectors.offline import takes_rows
from detectors.transforms import TRANSFORMS

PARTS: Mapping[str, type[Part]] = {**TRANSFORMS, **DETECTORS}  # a name in both catalogues is the detector's
#: parameters that are lengths of time; people write them as `30 min`
DURATIONS = frozenset(
    {"over", "max_gap", "per", "fade", "horizon", "short", "long", "lag", "tide", "chop", "usual", "settle"}
)
NOT_SET = frozenset({"slots", "channels", "components"})  # follow from what is fed


def parameters_of(part: str) -> dict[str, inspect.Parameter]:
    """The parameters that somebody may set."""
    return {name: one for name, one in inspect.signature(PARTS[part]).parameters.items() if name not in NOT_SET}


def words_of(parameter: inspect.Parameter) -> tuple[str, ...]:
    """The words that a parameter may be, if it is one of some."""
    outer = get_args(parameter.annotation)
    return tuple(word for one in (*outer, *(w for o in outer for w in get_args(o))) if isinstance(word := one, str))


def fits_a_step(part: str) -> bool:
    """Whether a hazard may name it: one number in, one number out, which is all that the Bank can feed."""
    return not takes_rows(part) and len(PARTS[part].outputs) == 1
