"""The four colours of a warning, as numbers inside (0 = none) and as words on the wire."""

from collections.abc import Iterable, Mapping
from typing import Literal

Colour = Literal["blue", "yellow", "orange", "red"]
COLOURS: tuple[Colour, ...] = ("blue", "yellow", "orange", "red")
NONE, BLUE, YELLOW, ORANGE, RED = range(5)
# CAP 1.2 severities; the pairing is docs/architecture.md's (blue, yellow, orange, red = minor .. extreme)
SEVERITY = {BLUE: "Minor", YELLOW: "Moderate", ORANGE: "Severe", RED: "Extreme"}
NUMBER: dict[str, int] = {colour: number for number, colour in enumerate(COLOURS, start=1)}


def colour(level: int) -> Colour | None:
    """The wire's word for a level; null for none."""
    return COLOURS[level - 1] if level else None


def reached(levels: Iterable[int], counts: Mapping[int, int]) -> int:
    """The highest of these levels, or the one that many of them make (GB 39496-2020, 5.5.4: four blue make yellow)."""
    found = list(levels)
    made = [level for level, least in counts.items() if sum(one >= level - 1 for one in found) >= least]
    return max([*found, *made], default=NONE)
