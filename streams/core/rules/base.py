"""What a rule is: true, false or unknown of a picture. The rule itself has no memory.

Kleene's logic: unknown (None) never raises and never lowers; `not unknown` is unknown. Rules that look back in time
(`sequence`, `count`, `absence`) are asked with the numbers of their inner rules, whose past the picture keeps.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

Truth = bool | None
Key = tuple[str, str]  # station, property


class Span(Protocol):
    """A time in which an inner rule held (`sure`), or in which nobody knows whether it did. Microseconds."""

    @property
    def since(self) -> int:
        """When it began."""

    @property
    def until(self) -> int | None:
        """When it was over; None = it is not."""

    @property
    def sure(self) -> bool:
        """It held; else it is unknown whether it did."""


class Picture(Protocol):
    """What rules may ask of a subject's picture."""

    def condition(self, name: str) -> Truth:
        """Whether a named condition holds at any datastream of the subject."""

    def where(self, name: str, during: int = 0) -> tuple[AbstractSet[Key], AbstractSet[Key]]:
        """At which datastreams it holds (or has held within `during` microseconds), and at which nobody knows."""

    def unit(self, key: Key, by: str) -> object:
        """What a datastream counts as: itself, its station, or its zone."""

    def near(self, key: Key, keys: Sequence[Key], metres: float) -> list[Truth]:
        """Which of these lie within a distance of one; None = a position is not known."""

    def past(self, number: int) -> Sequence[Span]:
        """When an inner rule held, oldest first; none overlaps another. As far back as its rule asks."""

    def apart(self, rule: Any, each: str) -> "Mapping[Key, Picture]":
        """Each station, zone or group where a rule that holds nowhere by itself may hold: a datastream of it -> it."""

    @property
    def now(self) -> int:
        """The newest phenomenon time that was heard of."""

    @property
    def passed(self) -> int:
        """The newest end of a window that all data has passed: what has not come by then is absent."""


class Judge(Protocol):
    """Truth of a rule within another: of the same picture, or of the one that is given."""

    def __call__(self, inner: Any, seen: Picture | None = None) -> Truth:
        """Judge it."""


Rule = Callable[[Any, Picture, Judge], Truth]
