"""The detectors beside others in the same run: a plain EWMA z, the least that numpy needs, the nearest ones of river.

Of river there is one model a datastream, which takes one reading a call: that is how it works.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from river import anomaly, drift

from benchmarks.detection_cost import CHEAP, Least, PlainEwmaZ, micros_a_point
from benchmarks.figures import Figure
from benchmarks.lab import Lab
from detectors import DETECTORS

SLOTS = 2_000
GENERAL = {SLOTS: (40, 1_200.0, 300.0), 1: (4_000, 13.0, None)}  # rounds, must, aim
MOST_BYTES = 16_384
RIVALS_READ = 500  # readings of one datastream for each of river's
RUNS = 3


@dataclass(frozen=True)
class Rival:
    """A detector of river. take: scores and learns one reading."""

    name: str
    make: Callable[[], Any]
    take: Callable[[Any, Any], object]


def _of_features(model: Any, row: Any) -> object:
    score = model.score_one(row)
    model.learn_one(row)
    return score


def _of_a_number(model: Any, number: float) -> object:
    score = model.score_one(None, number)
    model.learn_one(None, number)
    return score


NEAREST = {
    "anomaly": Rival("HalfSpaceTrees", lambda: anomaly.HalfSpaceTrees(seed=1), _of_features),
    "multivariate": Rival("HalfSpaceTrees", lambda: anomaly.HalfSpaceTrees(seed=1), _of_features),
    "tail": Rival("GaussianScorer", anomaly.GaussianScorer, _of_a_number),
    "ewma_z": Rival("StandardAbsoluteDeviation", anomaly.StandardAbsoluteDeviation, _of_a_number),
    "cusum": Rival("PageHinkley", drift.PageHinkley, lambda model, number: model.update(number)),
}


def general(lab: Lab) -> list[Figure]:
    """CPU of `anomaly` ÷ a plain EWMA z's, with 2,000 datastreams and with one; and its bytes a datastream."""
    lab.clear()
    found = []
    for slots, (rounds, must, aim) in GENERAL.items():
        plain = micros_a_point(PlainEwmaZ, slots, slots, rounds)
        own = micros_a_point(lambda n: DETECTORS["anomaly"](slots=n), slots, slots, rounds)
        beside = f"{own:.2f} µs a point; plain EWMA z {plain:.3f} µs"
        name = f"detectors.anomaly_over_ewma_at_{slots}"
        found.append(Figure(name, own / plain, must=must, aim=aim, at_most=True, beside=beside))
    size = DETECTORS["anomaly"]().memory
    return [*found, Figure("detectors.anomaly_bytes", size, "bytes", must=MOST_BYTES, at_most=True)]


def cheap(lab: Lab) -> list[Figure]:
    """CPU in batches of 1,000 over 2,000 datastreams ÷ gathering, changing and scattering what the part remembers."""
    lab.clear()
    found = []
    for name in CHEAP:
        own = micros_a_point(lambda n, name=name: DETECTORS[name](slots=n), SLOTS, 1_000, 100)
        least = micros_a_point(lambda n, name=name: Least(name, n), SLOTS, 1_000, 100)
        beside = f"{own:.3f} µs a point; gather, update, scatter {least:.3f} µs"
        named = f"detectors.{name}_over_least"
        found.append(Figure(named, own / least, must=4.0, aim=2.0, at_most=True, beside=beside))
    return found


def rivals(lab: Lab) -> list[Figure]:
    """The nearest detector of river ÷ ours: CPU a point and bytes a datastream."""
    lab.clear()
    found = []
    for name, rival in NEAREST.items():
        part = DETECTORS[name]()
        own, theirs = _ours(name), _theirs(rival, part.width)
        size = part.memory
        bytes_each = f"{theirs[1]:,} : {size:,} bytes a datastream = {theirs[1] / size:.1f}"
        beside = f"river {rival.name} {theirs[0]:.2f} µs a point, ours {own:.2f} µs; {bytes_each}"
        found.append(Figure(f"detectors.river_over_{name}", theirs[0] / own, beside=beside))
    return found


def _ours(name: str) -> float:
    rounds = 40
    if not DETECTORS[name]().width:
        return micros_a_point(lambda n: DETECTORS[name](slots=n), SLOTS, SLOTS, rounds)
    width = DETECTORS[name]().width
    return micros_a_point(lambda n: DETECTORS[name](slots=n), SLOTS, SLOTS, rounds, width)


def _theirs(rival: Rival, width: int) -> tuple[float, int]:
    """Microseconds a point, the best of some runs, and bytes once all of it was read."""
    values = np.random.default_rng(1).normal(size=(RIVALS_READ, max(width, 1)))
    rows: list[Any] = [dict(enumerate(row)) for row in values.tolist()]
    if rival.take is not _of_features:
        rows = values[:, 0].tolist()
    best, size = np.inf, 0
    for _ in range(RUNS):
        model = rival.make()
        begin = time.process_time()
        for row in rows:
            rival.take(model, row)
        best = min(best, (time.process_time() - begin) / len(rows))
        size = int(model._raw_memory_usage)  # noqa: SLF001 - its `_memory_usage` is text for people
    return best * 1e6, size
