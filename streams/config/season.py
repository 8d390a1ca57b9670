"""`seasons:` of a condition: other thresholds from one day of the year to another."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from streams.config.problems import Words
from streams.config.table import Table, said
from streams.config.yaml_file import Node
from streams.models.site import Season, Threshold

Day = tuple[int, int]
Read = Callable[[Table, str], tuple[Threshold, Threshold] | None]
DAY_FORM = 'a day of the year in quotes, like "05-01" for May 1'
_FORM = '{from: "05-01", to: "09-30", at_least: 3 m, clear_below: 2.8 m}'
_DAY = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
_KEYS = ("at_least", "above", "at_most", "below")
LEAP = 2024  # a year with every day there is


def read_seasons(table: Table, read: Read, base: str) -> list[tuple[str, Season]] | None:
    """Each with the key of its comparison, which is `base` where the condition has a threshold of its own."""
    nodes = table.sequence("seasons")
    if not nodes:
        if nodes is not None:
            table.error("seasons", Words("an empty list"), f"a list like [{_FORM}]")
        return None
    tables = [one for node in nodes if (one := _table(node, table))]
    found = [_season(one, read, base) for one in tables]
    if _overlap(tables):
        return None
    good = [one for one in found if one is not None]
    if len(good) < len(nodes):
        return None
    if len({key for key, _ in good}) > 1:
        table.error("seasons", Words("different comparisons"), f"one of {', '.join(_KEYS)} in all seasons")
        return None
    missing = None if base else _uncovered([season for _, season in good])
    if missing:
        words = Words(f"no threshold on {missing:%m-%d}")
        table.error("seasons", words, "seasons for all of the year, or a threshold beside `seasons` for the rest of it")
        return None
    return good


def _table(node: Node, table: Table) -> Table | None:
    return Table.of(node, table.path("seasons"), table.report, _FORM)


def _season(table: Table, read: Read, base: str) -> tuple[str, Season] | None:
    first, last = _day(table, "from"), _day(table, "to")
    given = [key for key in _KEYS if table.has(key)]
    pair = None
    if len(given) != 1 or base not in ("", given[0]):
        found = Words("both " + " and ".join(given)) if len(given) > 1 else given[0] if given else None
        table.report.error(table.node.at, table.where, found, base or f"one of {', '.join(_KEYS)}")
    else:
        pair = read(table, given[0])
    table.close(also=(*_KEYS, "clear_below", "clear_above"))
    if first is None or last is None or pair is None:
        return None
    return given[0], Season(first, last, *pair)


def _overlap(tables: list[Table]) -> bool:
    """Say which seasons share a day: which of their thresholds counts then would be a matter of their order."""
    spans = [(one, first, last) for one in tables if (first := _as_day(one, "from")) and (last := _as_day(one, "to"))]
    wrong = False
    for number, (one, first, last) in enumerate(spans):
        for other, begins, ends in spans[:number]:
            if _inside(first, begins, ends) or _inside(begins, first, last):
                shown = f"{_shown(first, last)}, which overlaps {_shown(begins, ends)} in line {other.node.line}"
                one.report.error(one.node.at, one.where, Words(shown), "seasons that do not overlap")
                wrong = True
    return wrong


def _inside(day: Day, first: Day, last: Day) -> bool:
    """Whether a day lies in a season, which may go over the new year."""
    return first <= day <= last if first <= last else day >= first or day <= last


def _shown(first: Day, last: Day) -> str:
    return "..".join(f"{month:02}-{day:02}" for month, day in (first, last))


def _as_day(table: Table, key: str) -> Day | None:
    """A day of the year without a word about what is none."""
    node = table.node.value.get(key)
    match = _DAY.fullmatch(node.text) if node is not None else None
    try:
        day = date(LEAP, int(match[1]), int(match[2])) if match else None
    except ValueError:
        day = None
    return (day.month, day.day) if day else None


def _day(table: Table, key: str) -> Day | None:
    node = table.get(key, need=DAY_FORM)
    if node is None:
        return None
    day = _as_day(table, key)
    if day is None or not node.quoted:
        table.error(key, said(node), f'the quoted form "{node.text}"' if day else DAY_FORM)
        return None
    return day


def _uncovered(seasons: list[Season]) -> date | None:
    """The first day of the year that lies in no season."""
    days = (date(LEAP, 1, 1) + timedelta(n) for n in range(366))
    return next((day for day in days if not any(season.covers((day.month, day.day)) for season in seasons)), None)
