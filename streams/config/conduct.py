"""How an alert of a hazard is held: doubtful values, who lowers it, and the area that it speaks of."""

import re
from dataclasses import dataclass
from typing import Literal, cast

from streams.config.table import Table, said
from streams.models.level import COLOURS, NUMBER, YELLOW
from streams.models.site import CHECKS, Area, Check, Lower
from streams.models.times import HOUR

End = Literal["timer", "person"]
_ENDS: tuple[End, ...] = ("timer", "person")
_AREAS = ("zone", "cells")
_AREA_FORM = "zone, cells or {buffer: 500 m}"
_AGREEING = re.compile(r"\s*([0-9]{1,3})\s+agreeing\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What doubtful values may do."""

    raises_at_most: int = YELLOW
    agreeing: int = 2
    checks: tuple[Check, ...] = CHECKS


def read_quality(table: Table | None) -> Doubt:
    """`{suspect_raises_at_most: yellow, lifted_by: 2 agreeing, checks: [range]}`."""
    plain = Doubt()
    if table is None:
        return plain
    colour = table.choice("suspect_raises_at_most", COLOURS, "yellow") or "yellow"
    checks = table.words("checks", CHECKS)
    agreeing = _agreeing(table)
    table.close()
    return Doubt(NUMBER[colour], agreeing, plain.checks if checks is None else cast("tuple[Check, ...]", checks))


def _agreeing(table: Table) -> int:
    node = table.get("lifted_by")
    if node is None:
        return Doubt().agreeing
    match = _AGREEING.fullmatch(node.text)
    if match is None or int(match[1]) < 2:
        table.error("lifted_by", said(node), "so many stations that agree, `2 agreeing` or more")
        return Doubt().agreeing
    return int(match[1])


def read_lower(table: Table | None, subject: str) -> Lower:
    """Slopes, dams, tailings, gas and fire (the alerts about a source) and everything red are a person's to end."""
    end: End = "person" if subject == "source" else "timer"
    if table is None:
        return Lower(HOUR, end, "person", HOUR)
    after, reopen = table.duration("after", HOUR), table.duration("reopen", HOUR)
    found = table.choice("end", _ENDS, end), table.choice("end_red", _ENDS, "person")
    table.close()
    return Lower(after or 0, found[0] or end, found[1] or "person", reopen or 0)


def read_area(table: Table) -> Area:
    """`area:` of a hazard: zone (the default), cells, or {buffer: 500 m}."""
    node = table.get("area")
    if node is None:
        return Area()
    if not isinstance(node.value, dict):
        kind = table.choice("area", _AREAS) if node.value in _AREAS else None
        if kind is None:
            table.error("area", said(node), _AREA_FORM, _AREAS)
        return Area(cast("Literal['zone', 'cells']", kind or "zone"))
    inner = Table(node, table.path("area"), table.report)
    radius = inner.distance("buffer", need=_AREA_FORM)
    inner.close()
    return Area() if radius is None else Area("buffer", radius)
