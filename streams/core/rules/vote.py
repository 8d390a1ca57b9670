"""vote: at least so many datastreams of the subject agree on one condition."""

from typing import Any

from streams.core.rules.base import Judge, Picture, Truth


def vote(argument: dict[str, Any], picture: Picture, _: Judge) -> Truth:
    """{of: CONDITION, at_least: N}. Unknown when the silent ones could still make it up."""
    yes, unknown = picture.tally(argument["of"])
    wanted = int(argument["at_least"])
    if yes >= wanted:
        return True
    return None if yes + unknown >= wanted else False
