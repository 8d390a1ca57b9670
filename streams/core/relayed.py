"""An alert of another hazard as one condition sees it."""

import msgspec

from streams.models.signal import Relay


class Held(msgspec.Struct, array_like=True, frozen=True):
    """The newest word of an alert; since when it is lower than the condition wants, if it is."""

    relay: Relay
    fell: int | None = None
    received: int = 0

    @classmethod
    def after(cls, before: "Held | None", relay: Relay, at_least: int) -> "Held":
        """It has changed."""
        if relay.level >= at_least:
            return cls(relay)
        if before is not None and before.fell is not None:
            return cls(relay, before.fell, before.received)
        return cls(relay, relay.time, relay.received)

    def counts(self, now: int, lasting: int) -> bool:
        """Whether it is high enough, or was so not longer ago than it lasts."""
        return self.fell is None or self.fell + lasting > now

    def place(self, by: str) -> str:
        """What it counts as: the subject it is about (in several zones it is one), or its zone."""
        return self.relay.origin if by == "zone" else self.relay.subject
