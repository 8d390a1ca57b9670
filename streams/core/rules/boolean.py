"""all, any, not: Kleene's three-valued logic (Kleene 1938)."""

from typing import Any

from streams.core.rules.base import Judge, Picture, Truth


def all_of(argument: list[Any], _: Picture, judge: Judge) -> Truth:
    """False if one is false; else unknown if one is unknown; else true."""
    truths = [judge(inner) for inner in argument]
    return False if False in truths else None if None in truths else True


def any_of(argument: list[Any], _: Picture, judge: Judge) -> Truth:
    """True if one is true; else unknown if one is unknown; else false."""
    truths = [judge(inner) for inner in argument]
    return True if True in truths else None if None in truths else False


def not_(argument: Any, _: Picture, judge: Judge) -> Truth:
    """Not unknown is unknown."""
    truth = judge(argument)
    return None if truth is None else not truth
