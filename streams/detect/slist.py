"""Waveforms as slist text: headers with start and rate, each followed by its samples."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from detectors.base import Floats, Ints
from streams.detect.cells import as_numbers, first_wrong
from streams.gateway.file_error import FileError
from streams.gateway.lines import open_bytes
from streams.models.times import SECOND, microseconds

MARK = "TIMESERIES "
_FORM = "TIMESERIES NET_STA_LOC_CHA_Q, N samples, R sps, START, SLIST, …"


@dataclass(frozen=True)
class Segment:
    """Samples without a break: time of the first (microseconds), samples a second, and the line of each."""

    station: str
    channel: str
    start: int
    rate: float
    samples: Floats
    lines: Ints

    @property
    def time(self) -> Ints:
        """Time of each sample, microseconds."""
        since = np.rint(np.arange(len(self.samples)) * (SECOND / self.rate)).astype(np.int64)
        time: Ints = self.start + since
        return time


def is_slist(path: Path) -> bool:
    """Whether a file begins as slist does."""
    with open_bytes(path) as file:
        return file.read(len(MARK)) == MARK.encode()


def read_slist(path: Path) -> list[Segment]:
    """All segments, at least one. Raises FileError."""
    with open_bytes(path) as file:
        lines = file.read().decode("utf-8", "surrogateescape").splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith(MARK)]
    ends = [*heads[1:], len(lines)]
    return [_segment(path, begin, lines[begin:end]) for begin, end in zip(heads, ends, strict=True)]


def _segment(path: Path, first: int, lines: list[str]) -> Segment:
    head = [part.strip() for part in lines[0].split(",")]
    try:
        network_on, count, rate, start, kind = head[:5]
        _, station, _, channel, _ = network_on.removeprefix(MARK).split("_")
        expected, hertz = int(count.split()[0]), float(rate.split()[0])
        begin = microseconds(datetime.fromisoformat(start).replace(tzinfo=UTC))
    except (ValueError, IndexError):
        raise FileError(path, first + 1, None, repr(lines[0]), _FORM) from None
    if kind != "SLIST" or not hertz > 0:
        raise FileError(path, first + 1, None, repr(lines[0]), _FORM)
    cells = [(number, cell) for number, line in enumerate(lines[1:], start=first + 2) for cell in line.split()]
    texts = [cell for _, cell in cells]
    wrong = first_wrong(texts)
    if wrong is not None:
        raise FileError(path, cells[wrong][0], None, repr(texts[wrong]), "a sample: a number")
    if len(texts) != expected:
        raise FileError(path, first + 1, None, f"{len(texts)} samples", f"{expected}, as the header says")
    numbers = np.array([number for number, _ in cells], dtype=np.int64)
    return Segment(station, channel, begin, hertz, as_numbers(texts), numbers)
