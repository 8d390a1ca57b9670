"""Why an alert is what it is: part of `tocsin.command/1` (docs/wire.md)."""

import msgspec


class Because(msgspec.Struct, gc=False):
    """A condition that holds, said so that a person sees why: values and thresholds."""

    condition: str
    zh: str
    en: str


class Change(msgspec.Struct, gc=False):
    """What would bring the alert to a level; null = it would end."""

    level: str | None
    zh: str
    en: str


class Confidence(msgspec.Struct, gc=False):
    """`value` is the product of the three factors (docs/alerts.md)."""

    value: float
    trustworthy: float
    agreement: float
    age: float


class Explanation(msgspec.Struct):
    """Conditions that hold, what would change the level, and how much of what could speak speaks clearly."""

    because: list[Because] = []
    would_change: list[Change] = []
    stations: int = 0  # at which a condition holds
    reports: int = 0  # different reporters that count
    alerts: int = 0  # alerts elsewhere that count
    hazard_version: str = ""
    confidence: Confidence | None = None  # null when nobody speaks
