"""A record's phenomenon time: parsed, and held against the limits that WIRE sets."""

from datetime import UTC, tzinfo
from functools import lru_cache

from streams.core.refusal import Refusal, wrong_type
from streams.models.times import DAY, YEAR_2000, NoTimeZoneError, format_time, parse_time

TIME = "an RFC 3339 time with a zone or epoch seconds"
#: a site's stations report at the same full seconds, so most strings come more than once
parse_cached = lru_cache(maxsize=16_384)(parse_time)


def instant(given: str | float) -> int:
    """Microseconds since 1970. Raises ValueError or OverflowError (`checked_instant` says why)."""
    return parse_cached(given) if isinstance(given, str) else round(given * 1_000_000)


def checked_instant(given: str | float, received: int, field: str = "time") -> int:
    """The same with WIRE's limits; raises Refusal."""
    try:
        time = instant(given)
    except NoTimeZoneError:
        expected = "a zone, as in 2026-07-20T14:03:00+08:00"
        raise Refusal("no_time_zone", f"{field} has no zone", field, given, expected) from None
    except (ValueError, OverflowError):
        raise wrong_type(field, given, TIME) from None
    check_limits(time, received, field, given)
    return time


def check_limits(time: int, received: int, field: str, given: str | float) -> None:
    """Neither before 2000 nor more than a day ahead of received time; raises Refusal."""
    if time < YEAR_2000:
        raise Refusal("too_old", f"{field} is before the year 2000", field, given, "2000-01-01 or later")
    if time > received + DAY:
        limit = f"at most 24 h after received ({shown(received) or 'unknown'})"
        raise Refusal("too_far_ahead", f"{field} is more than 24 h ahead of received", field, given, limit)


def shown(time: int, zone: tzinfo = UTC) -> str | None:
    """RFC 3339, or None for a broker timestamp outside the years 1-9999."""
    try:
        return format_time(time, zone)
    except (OverflowError, ValueError):
        return None
