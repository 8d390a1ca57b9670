"""absence: something was, and what should have followed has not come in time."""

from collections.abc import Sequence
from typing import Any

from streams.core.rules.base import Judge, Picture, Span, Truth
from streams.core.rules.spans import after, doubtful, runs


def absence(argument: dict[str, Any], picture: Picture, _: Judge) -> Truth:
    """{of: number of what should come, after: number of what was, within: microseconds}.

    True from `within` after it began, once all data has passed that time, until what should come is there; at the
    longest until `within` after it was over. What already held when it began has come.
    """
    spans = picture.past(argument["after"])
    found = [_is_absent(argument, picture, *run) for run in runs(spans)]
    if True in found:
        return True
    doubt = (_may_be_absent(argument, picture, spans[at:]) for at, span in enumerate(spans) if not span.sure)
    return None if None in found or any(doubt) else False


def _is_absent(argument: dict[str, Any], picture: Picture, since: int, until: int | None) -> Truth:
    """Of what was at one time."""
    if not _counts(argument["within"], picture, since, until):
        return False
    came = after(picture.past(argument["of"]), since + 1)
    return False if any(span.sure for span in came) else None if doubtful(came) else True


def _may_be_absent(argument: dict[str, Any], picture: Picture, spans: Sequence[Span]) -> bool:
    """Of what may have begun at any moment of a time of doubt, and gone on as long as what follows upon that."""
    until = spans[0].until
    for span in spans[1:]:
        if span.since != until:
            break
        until = span.until
    latest = picture.passed - argument["within"]
    begins = latest if spans[0].until is None else min(latest, spans[0].until)
    if spans[0].since > latest or not _counts(argument["within"], picture, begins, until):
        return False
    return not any(span.sure for span in after(picture.past(argument["of"]), begins + 1))


def _counts(within: int, picture: Picture, since: int, until: int | None) -> bool:
    """Whether its time to be followed is over, and it is not too long ago."""
    due = since + within
    return due <= picture.passed and (until is None or max(until, due) + within > picture.now)
