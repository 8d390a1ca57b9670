"""Which of the things that must hold a line about something wrong speaks of (docs/chaos.md, What must hold)."""

import re
from collections.abc import Iterable

#: how such a line begins -> what does not hold
BEGINNINGS = {
    "(a)": "(a)", "(b)": "(b)", "(c)": "(c)", "(d)": "(d)",
    "versions of": "versions", "feed of": "feed", "one id, two contents": "feed",
    "command.current": "current", "redis,": "redis", "rejects": "rejects", "reports": "reports", "audit": "audit",
    "StuckError": "stuck", "DiedError": "died",
}  # fmt: skip
NEVER = re.compile(r"StuckError: waited \S+ s until redis has all")  # it has lost its place, and nobody notices
OTHER = "other"
HEAD = "    broken: "


def sign_of(line: str) -> str:
    """One word for a line."""
    if NEVER.match(line):
        return "redis"
    return next((word for beginning, word in BEGINNINGS.items() if line.startswith(beginning)), OTHER)


def summary(wrong: Iterable[str]) -> str:
    """All that does not hold, in a line."""
    return HEAD + ", ".join(sorted({sign_of(line) for line in wrong}))


def broken_in(line: str) -> list[str]:
    """What a line of `summary` says; of any other line nothing."""
    return line.removeprefix(HEAD).strip().split(", ") if line.startswith(HEAD) else []
