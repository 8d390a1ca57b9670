"""The catalogue of figures: group -> name -> what measures it. A new figure is a function and one line here.

The order matters: figures that are measured on the same stage stand together.
"""

from collections.abc import Callable

from benchmarks import (
    assess,
    detector_rivals,
    detectors,
    growth,
    latency,
    neighbours,
    quality,
    rebalance,
    rules,
    start,
    whole_job,
)
from benchmarks.figures import Figure
from benchmarks.lab import Lab

Measure = Callable[[Lab], list[Figure]]

GROUPS: dict[str, dict[str, Measure]] = {
    "pipeline": {
        "whole_job": whole_job.whole_job,
        "two_processes": whole_job.two_processes,
        "rivals": whole_job.rivals,
        "checkpoint": whole_job.checkpoint,
        "frames": whole_job.frames,
        "waveforms": whole_job.waveforms,
        "latency": latency.latency,
        "million": start.million,
        "assess": assess.assess,
        "growth": growth.growth,
    },
    "scale": {
        "rebalance": rebalance.rebalance,
    },
    "rules": {
        "assess": rules.assess,
        "timers": rules.timers,
        "quality": quality.quality,
        "polygons": rules.polygons,
        "neighbours": neighbours.neighbours,
    },
    "detectors": {
        "cost": detectors.cost_of_parts,
        "general": detector_rivals.general,
        "cheap": detector_rivals.cheap,
        "river": detector_rivals.rivals,
    },
}
