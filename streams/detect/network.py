"""Waveforms of several stations through the network trigger."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from detectors.coincidence import Coincidence, Trace
from detectors.preset import Preset
from streams.detect.parameters import COINCIDENCE
from streams.detect.slist import is_slist, read_slist
from streams.gateway.file_error import FileError
from streams.models.times import EPOCH, SECOND

VERTICAL = "Z"


def happenings(files: Sequence[Path], preset: Preset | None, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """What the network saw: time, duration in seconds, stations, how many. Raises FileError and ValueError."""
    if preset is not None and preset.part != COINCIDENCE:
        raise ValueError(f"the preset {preset.name!r} is for {preset.part!r}, not for {COINCIDENCE!r}")
    own = dict(preset.parameters) | {"thr_on": preset.thr_on.times, "thr_off": preset.thr_off.times} if preset else {}
    traces = [trace for path in files for trace in _traces(path)]
    found = Coincidence(**{**own, **parameters}).over(traces)
    return [
        {
            "time": _utc(one.time),
            "duration": one.duration / SECOND,
            "stations": list(one.stations),
            "sum": one.sum,
        }
        for one in found
    ]


def _utc(time: int) -> str:
    return (EPOCH + timedelta(microseconds=time)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _traces(path: Path) -> list[Trace]:
    """The vertical components in a file."""
    if not is_slist(path):
        raise FileError(path, 1, None, "no slist", "slist: it says station, channel, start and rate")
    segments = [one for one in read_slist(path) if one.channel.endswith(VERTICAL)]
    return [Trace(one.station, one.start, one.rate, one.samples) for one in segments]
