"""What a rule is: true, false or unknown of a picture. The rule itself has no memory.

Kleene's logic: unknown (None) never raises and never lowers; `not unknown` is unknown.
"""

from collections.abc import Callable
from typing import Any, Protocol

Truth = bool | None
#: (rule, picture) -> truth of a rule within another
Judge = Callable[[Any], Truth]


class Picture(Protocol):
    """What rules may ask of a subject's picture."""

    def condition(self, name: str) -> Truth:
        """Whether a named condition holds at any datastream of the subject."""

    def tally(self, name: str) -> tuple[int, int]:
        """At how many datastreams it holds, and at how many nobody knows."""


Rule = Callable[[Any, Picture, Judge], Truth]
