"""Does a command fit what is expected of it? Field by field, with tolerance where one is given."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import isclose
from typing import Any

import msgspec

from streams.models.times import SECOND, parse_time
from streams.trial.expected import Expected, Fields
from streams.trial.run import Said
from streams.trial.words import shown

ANY = "any"  # of `kind`: whatever it is
NONE = "none"  # of a level: null
_TOLERANCE = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(?:±|\+-|\+/-)\s*([\d.]+)\s*")


@dataclass(frozen=True, slots=True)
class Heard:
    """A command as a scenario speaks of it. Times from the start, microseconds."""

    fields: dict[str, Any]
    at: int
    came: int

    @classmethod
    def of(cls, said: Said, start: int) -> "Heard":
        """What was said."""
        fields = msgspec.to_builtins(said.command)
        return cls(fields, parse_time(said.command.time) - start, said.came - start)

    @property
    def about(self) -> str:
        """Hazard and subject."""
        return "/".join(str(self.fields[key]) for key in ("hazard", "subject") if self.fields[key] is not None)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is other than expected."""

    field: str
    expected: str
    came: str


@dataclass(frozen=True, slots=True)
class Window:
    """When a command may come: its time from the start, microseconds. None = no bound."""

    first: int | None = None
    last: int | None = None
    wanted: str = ""
    slack: int = 0  # of what is wanted to the second

    def __contains__(self, time: int) -> bool:
        return (self.first is None or time >= self.first) and (self.last is None or time <= self.last)


def window(expected: Expected, start: int, before: int) -> Window:
    """When it is expected; `before`: when the one before it is, for a `within` that stands alone."""
    within = expected.within
    if expected.at is not None:
        at = expected.at.since(start)
        if within is None:
            return Window(at - SECOND + 1, at + SECOND - 1, shown(at), SECOND - 1)
        return Window(at - within, at + within, f"{shown(at)} ± {shown(within)}")
    after = None if expected.after is None else expected.after.since(start)
    if within is None:
        return Window(after, None, "" if after is None else f"after {shown(after)}")
    first = before if after is None else after
    return Window(first, first + within, f"{shown(first)} to {shown(first + within)}")


def given(fields: Fields) -> dict[str, Any]:
    """The command's fields that are named."""
    own = Fields.model_fields
    return {name: getattr(fields, name) for name in own if name in fields.model_fields_set}


def fits(fields: Fields, heard: Heard) -> list[Mismatch]:
    """What differs. Without a `kind`, alerts are meant."""
    found = []
    for name, wanted in {"kind": "alert", **given(fields)}.items():
        came = heard.fields[name]
        if not (name == "kind" and wanted == ANY) and not _same(_none(name, wanted), came):
            found.append(Mismatch(name, _text(wanted), _text(came)))
    return found


def mismatches(expected: Expected, heard: Heard, when: Window, start: int) -> list[Mismatch]:
    """What differs from an expected command, its times first."""
    found = []
    if heard.at not in when:
        found.append(Mismatch("at", when.wanted, _when(heard.at, when)))
    if expected.came is not None:
        came = expected.came.since(start)
        if abs(heard.came - came) >= SECOND:
            found.append(Mismatch("came", shown(came), shown(heard.came)))
    return found + fits(expected, heard)


def _when(at: int, when: Window) -> str:
    if when.first is not None and at < when.first:
        return f"{shown(at)} ({shown(when.first + when.slack - at)} too early)"
    return f"{shown(at)} ({shown(at - (when.last or 0) + when.slack)} too late)"


def _none(name: str, wanted: Any) -> Any:
    return None if wanted == NONE and name in ("level", "previous_level", "raw_level") else wanted


def _same(wanted: Any, came: Any) -> bool:
    """Mappings: the keys that are named. Lists of mappings: each is there. Other lists: the same members."""
    if isinstance(wanted, dict):
        return isinstance(came, dict) and all(key in came and _same(one, came[key]) for key, one in wanted.items())
    if isinstance(wanted, list | tuple):
        return isinstance(came, list) and _same_members(list(wanted), came)
    if isinstance(came, bool) or isinstance(wanted, bool):
        return wanted is came
    if isinstance(came, int | float):
        return _same_number(wanted, came)
    if isinstance(wanted, str) and isinstance(came, str):
        return wanted == came or ("*" in wanted and fnmatchcase(came, wanted))
    return bool(wanted == came)


def _same_members(wanted: list[Any], came: list[Any]) -> bool:
    if any(isinstance(one, dict) for one in wanted):
        return all(any(_same(one, other) for other in came) for one in wanted)
    return len(wanted) == len(came) and all(any(_same(one, other) for other in came) for one in wanted)


def _same_number(wanted: Any, came: float) -> bool:
    if isinstance(wanted, int | float):
        return isclose(wanted, came, rel_tol=1e-9, abs_tol=1e-12)
    found = _TOLERANCE.fullmatch(wanted) if isinstance(wanted, str) else None
    return found is not None and abs(came - float(found[1])) <= float(found[2]) * (1 + 1e-9)


def _text(value: Any) -> str:
    if value is None:
        return NONE
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 200 else f"{text[:199]}…"
