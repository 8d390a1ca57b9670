"""Numbers with units and thresholds, as hazard files and stations.csv write them: `3 m`, `station.NAME - 0.2 m`."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from streams.config.problems import Words, half_width
from streams.config.table import Table, said
from streams.config.unit_names import meant
from streams.models.site import Input, Threshold
from streams.models.units import is_dimensionless, is_unit, same_dimension

NUMBER = r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?"
LOCAL = "local"  # in place of a number or a rule: the site has to give it
_QUANTITY = re.compile(rf"\s*({NUMBER})\s*(\S*)\s*", re.ASCII)
_ATTRIBUTE = re.compile(r"\s*station\.(\w+)\s*(?:([-+])\s*([0-9].*))?")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a text is not what it should be."""

    found: str
    expected: str


T = TypeVar("T")


def quantity(text: str, like: str) -> tuple[float, str] | Wrong:
    """A number and its unit. Only where the unit is `1` may the number stand alone."""
    return _typed(_quantity, text, like)


def threshold(text: str, like: str) -> Threshold | Wrong:
    """`3 m`, `station.NAME`, `station.NAME - 0.2 m`; `like` is the unit that the input speaks."""
    return _typed(_threshold, text, like)


def _typed(read: Callable[[str, str], T | Wrong], text: str, like: str) -> T | Wrong:
    """What is right but for its characters (`３ m`, `a － 0.5 m`) is shown as it would be right."""
    found, plain = read(text, like), half_width(text)
    if isinstance(found, Wrong) and plain != text and not isinstance(read(plain, like), Wrong):
        return Wrong(repr(text[:60]), f"`{plain[:60]}`, in half-width characters")
    return found


def _quantity(text: str, like: str) -> tuple[float, str] | Wrong:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return Wrong(repr(text[:60]), f"a number with its unit, like `3 {like}`")
    number, unit = float(match[1]), match[2]
    if not math.isfinite(number):
        return Wrong(repr(text[:60]), "a finite number")
    if not unit and not is_dimensionless(like):
        return Wrong(f"{text.strip()} without a unit", f"the unit too, like `{text.strip()} {like}`")
    if unit and not is_unit(unit):
        return Wrong(f"the unit {unit!r}", f"a UCUM unit such as {meant(unit) or like}")
    if unit and not same_dimension(unit, like):
        return Wrong(f"{number:g} {unit}", f"a value that can be converted to {like}")
    return number, unit or like


def _threshold(text: str, like: str) -> Threshold | Wrong:
    match = _ATTRIBUTE.fullmatch(text)
    if match is None and text.strip().startswith("station"):
        return Wrong(repr(text[:60]), f"`station.NAME`, `station.NAME + 0.2 {like}` or `station.NAME - 0.2 {like}`")
    attribute, sign, rest = match.groups() if match else (None, None, text)
    if rest is None:
        return Threshold(attribute, 0.0, like)
    found = _quantity(rest, like)
    if isinstance(found, Wrong):
        return Wrong(found.found, found.expected.replace("`3 ", "`station.NAME` or `3 ")) if match is None else found
    return Threshold(attribute, -found[0] if sign == "-" else found[0], found[1])


def threshold_at(table: Table, key: str, source: Input) -> Threshold | None:
    """The threshold at a key of a condition. None without a word for `local`: a value that the site has to give."""
    node, like = table.get(key), source.unit
    if node is None:
        return None
    if isinstance(node.value, dict | list):
        table.error(key, said(node), f"`3 {like}` or `station.NAME`")
        return None
    if node.text == LOCAL:
        return None
    found = threshold(node.text, like)
    if isinstance(found, Wrong):
        table.error(key, Words(found.found), found.expected)
        return None
    if source.datum and found.attribute is None:
        words = Words(f"{node.text}, a height that names no datum")
        table.error(key, words, "`station.NAME`, with the height and its datum in stations.csv: x_NAME, datum")
        return None
    return found


def unit_at(table: Table, key: str) -> str | None:
    """The UCUM code at a key."""
    node = table.get(key, need="a UCUM unit such as m, mm/h or Cel")
    if node is None:
        return None
    if isinstance(node.value, dict | list) or not is_unit(node.text):
        table.error(key, said(node), "a UCUM unit such as m, mm/h, Cel or 1", meant(node.text))
        return None
    return node.text
