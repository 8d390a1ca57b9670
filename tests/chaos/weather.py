"""What stations measure in ten minutes of their time, by a seed: floods, rain, slides, leaks, quakes, gaps, doubt."""

import random
from typing import NamedTuple

from tests.chaos.county import GAS, LEVELS, RAIN, SLOPES, WAVES

FASTER = 30  # seconds of phenomenon time in one second of the run
CALM_S = 130  # at the end nothing happens any more, so that every timer of the data is due
LAST_S = 65  # before the end everybody has a reading, and one at the end: longer than any lowering time
GAP = (5.0, 9.0)  # seconds of the run for which a station is silent


class Value(NamedTuple):
    """One reading: seconds after the start of the run, phenomenon seconds, what."""

    at: float
    time: float
    station: str
    measured: str
    value: float | list[float | None] | None


def weather(chance: random.Random, length: float, *, gaps: bool) -> list[Value]:
    """All readings in the order in which they happen; `length` in seconds of the run."""
    end = length * FASTER
    found = [*_levels(chance, end), *_rain(chance, end), *_slopes(chance, end), *_waves(chance, end)]
    found += _gas(chance, length, gaps=gaps)
    return sorted(found)


def _times(chance: random.Random, every: float, end: float) -> list[float]:
    """A station's own beat, and two readings in the calm at the end."""
    first = chance.uniform(0, every)
    beats = (round(first + n * every, 1) for n in range(int(end / every)))
    return [*(time for time in beats if time < end - LAST_S - 2), end - LAST_S, end]


def _value(time: float, station: str, measured: str, value: float | None) -> Value:
    return Value(time / FASTER, time, station, measured, None if value is None else round(value, 3))


def _hill(time: float, begin: float, width: float) -> float:
    """0 .. 1 .. 0"""
    x = (time - begin) / width
    return max(0.0, 1 - (2 * x - 1) ** 2) if 0 <= x <= 1 else 0.0


def _levels(chance: random.Random, end: float) -> list[Value]:
    found = []
    busy = end - CALM_S
    floods = {
        reach: (chance.uniform(0, busy / 2), chance.uniform(0.3, 0.5) * busy, chance.uniform(0.8, 5.5))
        for reach in chance.sample(range(len(LEVELS) // 6), 45)
    }
    for number, name in enumerate(LEVELS):
        begin, width, height = floods.get(number // 6, (0, 1, 0))
        lag = chance.uniform(0, 20)
        for time in _times(chance, 25 if height else 100, end):
            value = 2 + height * _hill(time - lag, begin, width) + chance.gauss(0, 0.12 if height else 0.05)
            doubt = chance.random() if time < busy else 1.0
            if doubt < 0.012:
                value = chance.choice([99.0, 13.0, None])  # impossible, beyond the instrument, missing
            found.append(_value(time, name, "water_level", value))
    return found


def _rain(chance: random.Random, end: float) -> list[Value]:
    storm = chance.sample(range(8), 3)
    begin, width = chance.uniform(5, 30), chance.uniform(0.6, 1) * (end - LAST_S - 180 - 35)  # no sum holds any of it
    return [
        _value(time, name, "rain", 9 * chance.random() * _hill(time, begin, width) if number % 8 in storm else 0.0)
        for number, name in enumerate(RAIN)
        for time in _times(chance, 60, end)
    ]


def _slopes(chance: random.Random, end: float) -> list[Value]:
    moving = set(chance.sample(range(len(SLOPES) // 3), 12))
    found = []
    for number, name in enumerate(SLOPES):
        begin, size = chance.uniform(5, end - LAST_S - 280), chance.uniform(5, 40)
        for time in _times(chance, 60, end):
            moved = size * min(max((time - begin) / 150, 0), 1) if number // 3 in moving else 0.0
            found.append(_value(time, name, "displacement", moved + chance.gauss(0, 0.02)))
    return found


def _gas(chance: random.Random, length: float, *, gaps: bool) -> list[Value]:
    """Every second, as received; some of them are silent for a while, some leak, some both."""
    found = []
    leaks, silent = set(chance.sample(GAS, 25)), set(chance.sample(GAS, 40)) if gaps else set()
    for name in GAS:
        begin = chance.uniform(10, length * FASTER - LAST_S - 160)
        gap_at, first = chance.uniform(1, length - GAP[1] - 2), chance.random()
        gap = chance.uniform(*GAP) if name in silent else 0
        for beat in range(int(length)):
            at = first + beat
            if at >= length or gap_at <= at < gap_at + gap:
                continue
            time = at * FASTER
            leak = 60 * _hill(time, begin, 150) if name in leaks else 0
            found.append(Value(at, time, name, "gas_lel", round(2 + leak + chance.random(), 2)))
    return found


def _waves(chance: random.Random, end: float) -> list[Value]:
    """A sampled frame every three seconds of the run; one quake that half of them feel."""
    quake = chance.uniform(60, end - CALM_S - 60)
    found = []
    for number, name in enumerate(WAVES):
        for time in _times(chance, 90, end):
            strong = 4.0 if number % 2 and quake <= time < quake + 60 else 0.3
            values: list[float | None] = [round(chance.gauss(0, strong / 2), 3) for _ in range(15)]
            if chance.random() < 0.05:
                values[chance.randrange(15)] = None
            found.append(Value(time / FASTER, time, name, "acceleration", values))
    return found
