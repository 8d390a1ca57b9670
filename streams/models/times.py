"""Points in time and durations are whole microseconds since 1970-01-01T00:00:00Z (int) everywhere inside Tocsin."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_2000 = 946_684_800 * SECOND


class NoTimeZoneError(ValueError):
    """A time was given without a zone: it is refused, never guessed."""


def parse_time(text: str | float, *, blank_for_t: bool = False) -> int:
    """RFC 3339 with a zone, or epoch seconds, to microseconds since 1970.

    `blank_for_t` also accepts a blank between date and time (files on the command line).
    Raises NoTimeZoneError, ValueError (not a time) or OverflowError (outside years 1-9999).

    >>> parse_time("2026-07-20T14:03:00+08:00")
    1784527380000000
    """
    if isinstance(text, int | float):
        return round(text * SECOND)
    if len(text) < 19 or (text[10] not in "Tt" and not (blank_for_t and text[10] == " ")):
        raise ValueError(f"not an RFC 3339 time: {text!r}")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise NoTimeZoneError(f"time without a zone: {text!r}")
    return microseconds(moment)


def microseconds(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds  # much faster than dividing


@lru_cache(maxsize=4096)  # one command says the same moment several times, and so do those that follow
def format_time(time: int, zone: tzinfo = UTC) -> str:
    """RFC 3339 with milliseconds in a deployment's zone; never `Z`.

    >>> from zoneinfo import ZoneInfo
    >>> format_time(1784527380000000, ZoneInfo("Asia/Shanghai"))
    '2026-07-20T14:03:00.000+08:00'
    """
    return (EPOCH + timedelta(microseconds=time)).astimezone(zone).isoformat(timespec="milliseconds")


def compact_utc(time: int) -> str:
    """`YYYYMMDDTHHMMSSZ`, seconds cut off: the time part of an alert id."""
    return (EPOCH + timedelta(microseconds=time)).strftime("%Y%m%dT%H%M%SZ")
