"""What a datastream of a scenario measures at a time: a pure function of the scenario, its seed and the datastream."""

import math
import random
from collections.abc import Sequence

from streams.gateway.scenario import Piece, Readings


def level(pieces: Sequence[Piece], time: int) -> float:
    """The curve at a time, above the start value. Pieces count in order of their times."""
    held, passing = 0.0, 0.0
    for piece in sorted(pieces, key=lambda one: one.at):
        if time < piece.at:
            break
        passed = time - piece.at
        if piece.to is not None:
            held += (piece.to - held) * _progress(passed, piece)
        elif passed < piece.over and piece.burst is not None:
            passing += piece.burst * math.sin(math.pi * passed / piece.over)
        elif passed < piece.over and piece.wave is not None:
            passing += piece.wave * math.sin(2 * math.pi * passed / piece.period)
    return held + passing


def _progress(passed: int, piece: Piece) -> float:
    """From 0 to 1: straight, or slow at first and ever faster."""
    part = 1.0 if passed >= piece.over else passed / piece.over
    return math.expm1(piece.steepness * part) / math.expm1(piece.steepness) if piece.steepness else part


def value(readings: Readings, start: float, seed: str, time: int) -> float:
    """One reading. `seed` names scenario and datastream; equal arguments give equal readings on every machine."""
    exact = start + level(readings.pieces, time - readings.later)
    if readings.noise:
        exact += random.Random(f"{seed}|{time}").gauss(0.0, readings.noise)  # noqa: S311 - made-up weather
    least = -math.inf if readings.least is None else readings.least
    most = math.inf if readings.most is None else readings.most
    return round(min(max(exact, least), most), readings.decimals) + 0.0  # + 0.0: never -0.0
