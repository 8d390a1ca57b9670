"""Many phenomenon times at once: the same microseconds as `instant` gives one by one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streams.core.instant import instant
from streams.models.times import SECOND

Ints = NDArray[np.int64]
Digits = NDArray[np.int64]
LARGEST = 2.0**53  # seconds * 1e6 beyond it are outside every limit
_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_SEPARATORS = {4: "-", 7: "-", 13: ":", 16: ":"}
_DATE_TIME = [(0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2)]  # where each number begins and how many digits it has
_FRACTIONS = {19: 0, 23: 3, 26: 6}  # length without the zone -> digits after the point


def instants(given: Sequence[str | float]) -> Ints:
    """Microseconds since 1970. Raises ValueError or OverflowError if one of them is no time."""
    kinds = set(map(type, given))
    if kinds <= {float}:
        return of_seconds(np.array(given, np.float64))
    found = _of_texts(given) if kinds == {str} else None
    return np.array([instant(one) for one in given], np.int64) if found is None else found


def of_seconds(seconds: NDArray[np.float64]) -> Ints:
    """Epoch seconds, rounded as Python rounds. Raises OverflowError."""
    if len(seconds) and not np.abs(seconds).max() < LARGEST * 512 / 1_000_000:  # NaN is not either
        raise OverflowError
    return np.rint(seconds * 1_000_000).astype(np.int64)


def _of_texts(given: Sequence[str | float]) -> Ints | None:
    """Texts of one length in the common form; None when anything is unusual about them."""
    texts: list[str] = given  # type: ignore[assignment]
    length = len(texts[0])
    joined = "".join(texts)
    if len(joined) != length * len(texts) or not joined.isascii() or set(map(len, texts)) != {length}:
        return None
    letters = np.frombuffer(joined.encode(), np.uint8).reshape(len(texts), length)
    zoned = length - 6 in _FRACTIONS and bool(np.isin(letters[:, -6], (43, 45)).all())  # + or -
    body = length - 6 if zoned else length - 1
    if body not in _FRACTIONS or not (zoned or bool((letters[:, -1] == ord("Z")).all())):
        return None
    offset = _zone(letters[:, body:]) if zoned else 0
    time = None if offset is None else _local(letters[:, :body])
    return None if time is None or offset is None else np.asarray(time - offset)


def _local(letters: NDArray[np.uint8]) -> Ints | None:
    """Date and time of day, as if in UTC."""
    separators = {**_SEPARATORS, **({19: "."} if letters.shape[1] > 19 else {})}
    if any((letters[:, at] != ord(mark)).any() for at, mark in separators.items()):
        return None
    if not ((letters[:, 10] == ord("T")) | (letters[:, 10] == ord("t"))).all():
        return None
    numbers = [_number(letters[:, at : at + digits]) for at, digits in _DATE_TIME]
    fraction = _number(letters[:, 20:]) if letters.shape[1] > 19 else np.zeros(len(letters), np.int64)
    if any(number is None for number in numbers) or fraction is None:
        return None
    year, month, day, hour, minute, second = (number for number in numbers if number is not None)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (hour <= 23) & (minute <= 59) & (second <= 59)
    if not good.all() or (day > _DAYS[month - 1] - ((month == 2) & ~leap)).any():
        return None
    micros = fraction * 10 ** (6 - _FRACTIONS[letters.shape[1]])
    minutes = (_days(year, month, day) * 24 + hour) * 60 + minute
    return np.asarray((minutes * 60 + second) * SECOND + micros)


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 (Hinnant, days_from_civil)."""
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    found: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return found


def _zone(letters: NDArray[np.uint8]) -> Ints | None:
    """`±HH:MM` in microseconds."""
    hour, minute = _number(letters[:, 1:3]), _number(letters[:, 4:6])
    if hour is None or minute is None or (letters[:, 3] != ord(":")).any() or (hour > 23).any() or (minute > 59).any():
        return None
    found: Ints = (hour * 60 + minute) * 60 * SECOND * np.where(letters[:, 0] == ord("-"), -1, 1)
    return found


def _number(digits: NDArray[np.uint8]) -> Ints | None:
    """Digits as numbers; None if there is anything else."""
    found = np.zeros(len(digits), np.int64)
    for column in digits.T:
        figure = column - np.uint8(48)
        if (figure > 9).any():
            return None
        found = found * 10 + figure
    return found
