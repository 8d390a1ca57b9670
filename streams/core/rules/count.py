"""count: so many times within a window."""

from typing import Any

from streams.core.rules.base import Judge, Picture, Truth
from streams.core.rules.spans import after, doubtful, runs


def count(argument: dict[str, Any], picture: Picture, _: Judge) -> Truth:
    """{of: number of an inner rule, at_least: N, within: microseconds}. Times that reach into the window count.

    A window in which something is unknown is a lower bound: it raises, and never lowers.
    """
    spans = after(picture.past(argument["of"]), picture.now - argument["within"] + 1)
    if len(runs(spans)) >= argument["at_least"]:
        return True
    return None if doubtful(spans) else False
