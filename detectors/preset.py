"""A named setting of a part: parameters and thresholds, with where they come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detectors.base import Floats

_TIMES = re.compile(r"\s*([^\s*]+)\s*\*\s*q(\d*\.?\d+)\s*")


@dataclass(frozen=True)
class Limit:
    """A threshold: a score, or a multiple (`times`) of a quantile of the scores in training.

    >>> Limit(2.0, quantile=0.5).among(np.array([1.0, np.nan, 3.0, 2.0])), Limit(2.0).among(np.array([]))
    (4.0, 2.0)
    """

    times: float
    quantile: float | None = None

    def among(self, scores: Floats) -> float:
        """The threshold, by the scores of the training."""
        if self.quantile is None:
            return self.times
        known = scores[np.isfinite(scores)]
        if not known.size:
            raise ValueError(f"a threshold of {self.times:g} times a quantile of the training, but there was none")
        return self.times * float(np.quantile(known, self.quantile))

    @classmethod
    def of(cls, found: object) -> "Limit":
        """From a number, from {quantile: 0.99, times: 2} or from `2*q0.99`. Raises ValueError.

        >>> Limit.of("2*q0.99"), Limit.of(3)
        (Limit(times=2.0, quantile=0.99), Limit(times=3.0, quantile=None))
        """
        if isinstance(found, Limit):
            return found
        if isinstance(found, Mapping):
            return cls._by_quantile(found["times"], found["quantile"])
        words = _TIMES.fullmatch(str(found))
        return cls._by_quantile(*words.groups()) if words else cls(float(str(found)))

    @classmethod
    def _by_quantile(cls, times: Any, quantile: Any) -> "Limit":
        if not 0 <= float(quantile) <= 1:
            raise ValueError(f"a quantile is between 0 and 1, found {quantile}")
        return cls(float(times), float(quantile))


@dataclass(frozen=True)
class Preset:
    """What `detectors/presets/NAME.yaml` says."""

    name: str
    part: str
    origin: str
    units: str
    thr_on: Limit
    thr_off: Limit
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Preset":
        """From the file's mapping; a key too many or too few is a ValueError."""
        keys = {"preset", "part", "origin", "units", "thr_on", "thr_off", "parameters"}
        if set(found) != keys:
            raise ValueError(f"a preset has {', '.join(sorted(keys))}; found {', '.join(sorted(found))}")
        limits = Limit.of(found["thr_on"]), Limit.of(found["thr_off"])
        name, part, origin, units = (str(found[key]) for key in ("preset", "part", "origin", "units"))
        return cls(name, part, origin, units, *limits, dict(found["parameters"]))
