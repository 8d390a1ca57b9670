"""One earthquake seen by several stations of a network."""

from dataclasses import dataclass

import numpy as np

from detectors.base import SECOND, Floats
from detectors.sta_lta import StaLta
from detectors.transforms.band_pass import BandPass


@dataclass(frozen=True)
class Trace:
    """A waveform of one station: time of its first sample (microseconds), samples a second."""

    station: str
    start: int
    rate: float
    samples: Floats


@dataclass(frozen=True)
class Happening:
    """Stations that were on together: time and duration in microseconds, stations in the order they went on."""

    time: int
    duration: int
    stations: tuple[str, ...]

    @property
    def sum(self) -> float:
        """How many stations."""
        return float(len(self.stations))


@dataclass(frozen=True)
class Coincidence:
    """Band-pass and STA/LTA on each trace, then what overlaps in time at `least` or more stations.

    A station is on from the first sample with a ratio above `thr_on` to the last above `thr_off`. From the earliest
    on, each station that goes on before all so far are off joins in, so that A may overlap B and B C. What ends no
    later than the one before is part of it.

    Args:
        low: lower corner of the band, Hz.
        high: upper corner, Hz.
        corners: sections of the band-pass.
        sta: short average, seconds.
        lta: long average, seconds.
        thr_on: ratio above which a station goes on.
        thr_off: ratio at or below which it goes off.
        least: stations that it takes.

    Reference: Trnkoczy 1999 (network trigger); ObsPy, `coincidence_trigger`.

    >>> random, time = np.random.default_rng(1), np.arange(2000) / 50
    >>> def station(name, late):
    ...     tremor = 10 * np.sin(time * 2 * np.pi * 15) * ((time > 20 + late) & (time < 23 + late))
    ...     return Trace(name, 0, 50.0, random.normal(size=2000) + tremor)
    >>> [found] = Coincidence(least=3).over([station("A", 0.5), station("B", 0), station("C", 1)])
    >>> round(found.time / SECOND, 1), found.stations, found.sum
    (20.1, ('B', 'A', 'C'), 3.0)
    """

    low: float = 10.0
    high: float = 20.0
    corners: int = 4
    sta: float = 0.5
    lta: float = 10.0
    thr_on: float = 3.5
    thr_off: float = 1.0
    least: int = 3

    def over(self, traces: list[Trace]) -> list[Happening]:
        """All happenings, in order."""
        waiting = sorted(on for trace in traces for on in self._on(trace))
        found: list[Happening] = []
        ended = None
        while waiting:
            begin, end, station = waiting.pop(0)
            stations = [station]
            for later, until, other in waiting:
                if other in stations:
                    continue
                if later > end:
                    break
                stations.append(other)
                end = max(end, until)
            if len(stations) >= self.least and (ended is None or end > ended):
                found.append(Happening(begin, end - begin, tuple(stations)))
                ended = end
        return found

    def _on(self, trace: Trace) -> list[tuple[int, int, str]]:
        """When the station went on and off, in microseconds."""
        ratio = np.nan_to_num(self.ratio(trace))
        step = SECOND / trace.rate
        high, not_low = np.flatnonzero(ratio > self.thr_on), np.flatnonzero(ratio > self.thr_off)
        ends = not_low[np.append(np.diff(not_low) > 1, [True] * (not_low.size > 0))]
        found, free = [], -1
        for at in high.tolist():
            if at > free:
                free = int(ends[np.searchsorted(ends, at)])
                found.append((trace.start + round(at * step), trace.start + round(free * step), trace.station))
        return found

    def ratio(self, trace: Trace) -> Floats:
        """STA/LTA of the filtered trace."""
        time = trace.start + np.rint(np.arange(len(trace.samples)) * SECOND / trace.rate).astype(np.int64)[None]
        here = np.zeros(1, dtype=np.int64)
        band = BandPass(low=self.low, high=self.high, order=self.corners, rate=trace.rate, slots=1)
        average = StaLta(nsta=int(self.sta * trace.rate), nlta=int(self.lta * trace.rate), slots=1)
        ratio: Floats = average.series(here, time, band.series(here, time, trace.samples[None]))[0]
        return ratio
