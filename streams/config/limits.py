"""Limits that app.yaml sets for many datastreams at once."""

from collections.abc import Sequence

from streams.models.settings import PropertyQuality, Quality
from streams.models.units import conversion


def layers_of(quality: Quality, observed: str, kind: str) -> list[PropertyQuality]:
    """What app.yaml says of a datastream: of its type, then of its property."""
    return [one for one in (quality.types.get(kind), quality.properties.get(observed)) if one is not None]


def limit_of(layers: Sequence[PropertyQuality], name: str, unit: str) -> float | None:
    """A limit that app.yaml sets, in a datastream's unit. Raises UnitError."""
    for one in layers:
        general: float | None = getattr(one, name)
        if general is not None:
            return conversion(one.unit or unit, unit)(general)
    return None
