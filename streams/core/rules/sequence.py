"""sequence: one after the other, the last not long after the first."""

from typing import Any

from streams.core.rules.base import Judge, Picture, Truth
from streams.core.rules.spans import Run, after, doubtful, possibly_since, runs


def sequence(argument: dict[str, Any], picture: Picture, _: Judge) -> Truth:
    """{of: [numbers of inner rules], within: microseconds}. Holds while the last one does.

    Each begins no earlier than the one before it, and the first has held at most `within` before the last began.
    What nobody knows of that time may have been part of it: then it is unknown.
    """
    within = argument["within"]
    *earlier, last = (picture.past(number) for number in argument["of"])
    if not last or last[-1].until is not None:
        return False
    begins, possibly = last[-1].since, possibly_since(last)
    if last[-1].sure and _led_to([runs(spans) for spans in earlier], runs(last)[-1][0], within):
        return True
    if last[-1].sure and possibly == begins:
        in_doubt = any(doubtful(span for span in spans if span.since <= begins) for spans in earlier)
    else:  # nobody knows when it began
        in_doubt = all(after(spans, possibly - within) for spans in earlier)
    return None if in_doubt else False


def _led_to(earlier: list[list[Run]], last: int, within: int) -> bool:
    """Whether each had its turn before `last`; of several times that fit the newest one says it."""
    begins = at = last
    for found in reversed(earlier):
        fitting = [run for run in found if run[0] <= begins]
        if not fitting:
            return False
        begins, until = fitting[-1]
        at = at if until is None else min(at, until)
    return last - at <= within
