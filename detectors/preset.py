"""A named setting of a part: parameters and thresholds, with where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detectors.base import Floats


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
        """From a number, or from {quantile: 0.99, times: 2}."""
        if isinstance(found, Mapping):
            return cls(float(found["times"]), float(found["quantile"]))
        return cls(float(str(found)))


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
