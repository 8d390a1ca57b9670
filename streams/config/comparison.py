"""A condition on a value: a threshold, what clears it, how long it has to hold, and other numbers in other seasons."""

import re
from typing import Literal, cast

from streams.config.problems import Words
from streams.config.quantity import LOCAL, threshold_at
from streams.config.season import read_seasons
from streams.config.table import Table, said
from streams.models.durations import FORM, parse_duration
from streams.models.site import Condition, Input, Season, Threshold
from streams.models.units import conversion

#: key -> (kind, strict, key of the clearing threshold)
COMPARISONS = {
    "at_least": ("above", False, "clear_below"),
    "above": ("above", True, "clear_below"),
    "at_most": ("below", False, "clear_above"),
    "below": ("below", True, "clear_above"),
}
KEYS = {
    "of", *COMPARISONS, "clear_below", "clear_above", "for", "seasons", "forecast_reaches", "within", "probability",
    "over", "absent", "source",
}  # fmt: skip
FOR_FORM = f"{FORM}; or how many of the newest readings, like `3 of 5`"
_SAMPLES = re.compile(r"\s*([0-9]{1,4})\s+of\s+([0-9]{1,4})\s*", re.ASCII)
MOST_SAMPLES = 64
Pair = tuple[Threshold, Threshold]


def read_comparison(name: str, table: Table, source: Input, key: str) -> Condition | None:
    """`{of: stage, at_least: 3 m, clear_below: 2.8 m, for: 10 min}`; `key` is empty where only seasons stand."""
    refuse(table, ("within", "probability", "over"), "forecast_reaches")
    seasons: list[tuple[str, Season]] | None = []
    if table.has("seasons"):
        seasons = read_seasons(table, lambda one, own: _pair(one, own, source), key)
    wait = read_for(table)
    base = _pair(table, key, source) if key else None
    if wait is None or seasons is None or (base is None and (key or not seasons)):
        return None
    kind, strict, _ = COMPARISONS[key or seasons[0][0]]
    on, off = base or (seasons[0][1].thr_on, seasons[0][1].thr_off)
    return Condition(
        name, source.name, cast("Literal['above', 'below']", kind), on, off, strict, wait[0], table.text("source"),
        wait[1], tuple(season for _, season in seasons),
    )  # fmt: skip


def read_for(table: Table) -> tuple[int, tuple[int, int] | None] | None:
    """`for:` as a duration, or as so many of the newest so many readings."""
    node = table.get("for")
    if node is None:
        return 0, None
    match = _SAMPLES.fullmatch(node.text)
    if match:
        some, all_ = int(match[1]), int(match[2])
        if 1 <= some <= all_ <= MOST_SAMPLES:
            return 0, (some, all_)
        table.error("for", said(node), f"at least 1 of at most {MOST_SAMPLES}, like `3 of 5`")
        return None
    try:
        return parse_duration(node.text), None
    except ValueError:
        table.error("for", said(node), FOR_FORM)
        return None


def refuse(table: Table, keys: tuple[str, ...], needed: str) -> None:
    """Keys that mean something only beside another one."""
    for key in keys:
        if table.has(key):
            table.error(key, Words(f"{key} without {needed}"), f"{needed} beside it, or nothing")


def _pair(table: Table, key: str, source: Input) -> Pair | None:
    """The threshold at `key` and the one that clears it."""
    kind, _, clear = COMPARISONS[key]
    other = "clear_above" if clear == "clear_below" else "clear_below"
    if table.has(other):
        table.error(other, Words(f"{other} beside {key}"), f"{clear}: it is what ends {key}")
    on = threshold_at(table, key, source)
    off = threshold_at(table, clear, source) if table.has(clear) else on
    if on is None or off is None:
        return None
    if wrong_side(on, off, kind, source.unit):
        _say_wrong_side(table, key, clear, kind)
    return on, off


def _say_wrong_side(table: Table, key: str, clear: str, kind: str) -> None:
    """At the clearing threshold, or where an overlay has moved the other one beyond it."""
    begins, ends = table.node.value[key], table.node.value[clear]
    below, above = ("at or below", "at or above") if kind == "above" else ("at or above", "at or below")
    if begins.file != ends.file and ends.file == table.report.file:
        words = Words(f"{begins.text}, but {clear} is {ends.text}")
        table.error(key, words, f"a value {above} {ends.text}, or {clear} set too")
    else:
        table.error(clear, ends.text, f"a value {below} {begins.text}")


def wrong_side(on: Threshold, off: Threshold, kind: str, unit: str) -> bool:
    """Whether a clearing threshold lies beyond the one it clears; of different attributes only a station can tell."""
    if on.attribute != off.attribute:
        return False
    distance = _in(off, unit) - _in(on, unit)
    return distance > 0 if kind == "above" else distance < 0


def _in(threshold: Threshold, unit: str) -> float:
    change = conversion(threshold.unit, unit)
    return change.difference(threshold.offset) if threshold.attribute else change(threshold.offset)


__all__ = ["COMPARISONS", "KEYS", "LOCAL", "read_comparison", "read_for", "refuse", "wrong_side"]
