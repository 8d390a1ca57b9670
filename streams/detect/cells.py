"""Cells of a table as numbers and as times."""

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from detectors.base import Floats
from streams.detect.recording import Layout
from streams.models.times import SECOND, microseconds

MISSING = frozenset({"", "na", "nan", "null"})
EPOCH_FORMAT = "epoch"
LATEST = 253_402_300_800  # seconds: the end of year 9999
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value.

    >>> [is_missing(text) for text in ("", " NA", "null", "NaN", "-", "0")]
    [True, True, True, True, False, False]
    """
    return text.strip().lower() in MISSING


def is_number(text: str) -> bool:
    """Whether a cell is a number as files write them: no hexadecimal, no 1_000, no decimal comma.

    >>> [is_number(text) for text in ("-1.5e3", " .5 ", "1_0", "0x1", "1,5", "")]
    [True, True, False, False, False, False]
    """
    text = text.strip()
    return _NUMBER.fullmatch(text) is not None or _INFINITE.fullmatch(text) is not None


def first_wrong(texts: Sequence[str]) -> int | None:
    """The first row that is neither a number nor missing."""
    return next((row for row, text in enumerate(texts) if not is_missing(text) and not is_number(text)), None)


def as_numbers(texts: Sequence[str]) -> Floats:
    """Cells that are numbers or missing (NaN)."""
    return np.array([np.nan if is_missing(text) else float(text) for text in texts], dtype=np.float64)


def mostly_numbers(texts: Sequence[str]) -> bool:
    """Whether a column is one of numbers: then a cell of text in it is a mistake. One that is all missing is, too."""
    known = [text for text in texts if not is_missing(text)]
    return 2 * sum(map(is_number, known)) >= len(known)


def as_time(text: str, layout: Layout, after: int | None = None) -> int:
    """Microseconds. A number is seconds since 1970 unless a form is given; a time without a zone is in the layout's.

    In the hour that summer time has twice it is the first one, unless that is before `after`, the row before.

    Raises ValueError or OverflowError.

    >>> as_time("-0.5", Layout()), as_time("1970-01-01 00:00:01", Layout())
    (-500000, 1000000)
    >>> as_time("2/1/70", Layout(time_format="%d/%m/%y"))
    86400000000
    """
    form = layout.time_format
    if form == EPOCH_FORMAT or (form is None and is_number(text)):
        seconds = float(text)
        if not abs(seconds) < LATEST:
            raise OverflowError("beyond the year 9999")
        return round(seconds * SECOND)
    moment = datetime.fromisoformat(text) if form is None else datetime.strptime(text, form)  # noqa: DTZ007
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=layout.tz)
        again = moment.replace(fold=1)
        if after is not None and microseconds(moment) < after <= microseconds(again):
            moment = again
    return microseconds(moment)
