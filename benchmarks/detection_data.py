"""What the detection benchmarks share: reading recordings, and counting."""

import gzip
import importlib.util
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from detectors.base import SECOND, Bools, Floats, Ints
from detectors.coincidence import Trace


class Missing(Exception):  # noqa: N818 - it is a reason, not an error
    """The recordings are not here."""


@dataclass
class Line:
    """One line of the table."""

    name: str
    must: str
    aim: str
    measured: str


def need(path: Path) -> Path:
    """The path, if it is there."""
    if not path.exists():
        raise Missing(f"{path} is not there")
    return path


def scorer(data: Path, name: str) -> ModuleType:
    """A scorer of ../bench."""
    path = need(data.parent / "bench" / f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def micros(text: "pd.Series[str]", form: str | None = None) -> Ints:
    """Times in UTC as microseconds."""
    return pd.to_datetime(text, format=form).to_numpy().astype("datetime64[us]").astype(np.int64)


def runs(on: Bools) -> Ints:
    """First row and row after the last of each run of true ones, [n, 2]."""
    return np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8))).reshape(-1, 2)


def rates(truth: Bools, alarm: Bools) -> tuple[float, float, float]:
    """F1, false alarm rate, missed alarm rate."""
    hit, false, missed = int((truth & alarm).sum()), int((~truth & alarm).sum()), int((truth & ~alarm).sum())
    return (
        2 * hit / max(2 * hit + false + missed, 1),
        false / max(int((~truth).sum()), 1),
        missed / max(hit + missed, 1),
    )


def found(truth: Bools, alarm: Bools) -> tuple[int, int]:
    """Events with an alarm in them, and how many there are."""
    events = runs(truth)
    return sum(bool(alarm[a:b].any()) for a, b in events), len(events)


def slist(path: Path) -> tuple[str, Trace]:
    """Channel and trace of an slist file."""
    head, *rows = gzip.decompress(path.read_bytes()).decode().splitlines()
    source, _, rate, start = (part.strip() for part in head.split(",")[:4])
    _, station, _, channel, *_ = source.removeprefix("TIMESERIES ").split("_")
    begin = round(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp() * SECOND)
    samples: Floats = np.array(" ".join(rows).split(), dtype=np.float64)
    return channel or source.split("_")[-2], Trace(station, begin, float(rate.split()[0]), samples)
