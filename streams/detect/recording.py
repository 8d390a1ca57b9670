"""A recording as `tocsin detect` takes it, and how the command line describes what is in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from detectors.offline import Series
from streams.models.times import SECOND

ALL = "*"


@dataclass(frozen=True)
class Layout:
    """Which columns are what, and where times come from: columns, or a regular step (microseconds)."""

    value: str | None = None
    ignore: str = ""
    time: str | None = None
    time_format: str | None = None
    tz: tzinfo = UTC
    rate: float | None = None
    step: int | None = None
    sep: str = ","

    @property
    def hertz(self) -> float | None:
        """Readings a second, where they are regular."""
        return SECOND / self.step if self.step else self.rate


@dataclass(frozen=True)
class Recording:
    """One slot: its channels, its readings ([n], or [n, channels]), and what to say about each row.

    stamps: the time as the output shows it. lines: where a row stands in the file. rate: samples a second, if regular.
    """

    path: Path
    channels: tuple[str, ...]
    series: Series
    stamps: Sequence[str]
    lines: Sequence[int]
    rate: float | None = None


def split(text: str, names: Sequence[str] = ()) -> list[str]:
    """`a, b` as its names; a name with a comma in it counts as itself.

    >>> split(" a, b "), split("a,b", ["a,b"]), split("")
    (['a', 'b'], ['a,b'], [])
    """
    if text.strip() in names:
        return [text.strip()]
    return [part.strip() for part in text.split(",") if part.strip()]
