"""Versions of what is saved: a release reads its own and the previous one; a newer one is foreign."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streams.models.saved import Kind

#: the payload of the previous version -> that of this one
Upgrade = Callable[[Kind, bytes], bytes]


class ForeignError(Exception):
    """Saved by a version that this one cannot read."""


@dataclass(frozen=True)
class Schema:
    """Name and version of what a role saves, and how the previous version is read."""

    name: str
    version: int
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)

    def read(self, name: str, version: int, kind: Kind, payload: bytes) -> bytes:
        """The payload as this version would have written it. Raises ForeignError."""
        if name != self.name:
            raise ForeignError(f"saved state of {name!r}, not of {self.name!r}")
        if version == self.version:
            return payload
        if version == self.version - 1 and version in self.upgrades:
            return self.upgrades[version](kind, payload)
        raise ForeignError(f"saved state is {name}/{version}, this process reads {self.readable}")

    @property
    def readable(self) -> str:
        """What it can read, for people."""
        known = [self.version, *(v for v in self.upgrades if v == self.version - 1)]
        return " and ".join(f"{self.name}/{version}" for version in known)


#: change the version with every change of what a payload means, and write the upgrade (docs/architecture.md)
OBSERVE = Schema("observe", 1)
ASSESS = Schema("assess", 1)
