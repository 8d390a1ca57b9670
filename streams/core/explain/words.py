"""Words of explanations, in Chinese and English. No decision here, only phrases."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from streams.models.durations import format_duration
from streams.models.site import Condition, Name

PARTS = 3  # of a list in one sentence; the others are counted
LONGEST = 240  # characters of one sentence
EXACT = 18  # with so many more digits any two floats differ


class Said(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


NOTHING = Said("", "")
COLOUR_ZH = {1: "蓝色", 2: "黄色", 3: "橙色", 4: "红色"}
UNITS = {
    "Cel": "°C", "deg": "°", "1": "", "[ft_i]": "ft", "[ppm]": "ppm", "10*-6": "ppm",
    "[NTU]": "NTU", "%[LEL]": "%LEL", "%{LEL}": "%LEL",
    "m3/s": "m³/s", "ug/m3": "µg/m³", "mg/m3": "mg/m³", "m/s2": "m/s²",
}  # fmt: skip
SIGNS = {"above": "≥", "below": "≤"}
STRICT = {"above": ">", "below": "<"}
_TIMES_ZH = {"d": "天", "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "us": "微秒"}
#: kinds of report and checks in Chinese; what is not here is said as the files say it
KINDS_ZH = {
    "smoke": "烟雾", "fire": "火情", "flooding": "积水", "gas_smell": "燃气异味", "crack": "裂缝", "collapse": "垮塌",
    "injury": "人员受伤", "rockfall": "落石", "seepage": "渗漏", "mudflow": "泥石流", "typhoon": "台风", "snow": "积雪",
    "pollution": "污染", "other": "其他",
}  # fmt: skip
CHECKS_ZH = {
    "range_hard": "超出量程", "range_soft": "超出常见范围", "range": "超出量程", "stuck": "数值不变",
    "gap": "数据中断", "rise": "上升过快", "fall": "下降过快", "shift": "短时偏移", "oscillation": "振荡",
    "neighbour": "与邻站不符", "drift": "相对邻站漂移", "saturated": "饱和", "future": "时间超前", "late": "迟到",
    "unreliable": "不可靠", "missing": "缺测",
}  # fmt: skip
CHECKS_EN = {"neighbour": "unlike its neighbours", "drift": "drifts away from its neighbours"}


def kinds_of(kinds: Iterable[str]) -> Said:
    """Kinds of report."""
    names = list(kinds)
    en = ", ".join(name.replace("_", " ") for name in names)
    return Said("、".join(KINDS_ZH.get(name, name) for name in names), en)


def check_of(check: str) -> Said:
    """Why a value is doubtful, or a datastream says nothing."""
    return Said(CHECKS_ZH.get(check, check), CHECKS_EN.get(check, check))


def figure(number: float, more: int = 0) -> str:
    """As many digits as help: 5, 4.62, 0.0015; and some `more`."""
    size = abs(number)
    if size >= 1e7 or 0 < size < 1e-4:
        return f"{number:.{4 + more}g}"
    text = f"{number:.{more + (1 if size >= 1000 else 2 if size >= 100 else 3 if size >= 1 else 5)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(4096)  # one command says the same thresholds several times, and so do those that follow
def amount(number: float, unit: str) -> str:
    """A number with its unit."""
    return f"{figure(number)} {UNITS.get(unit, unit)}".strip()


@lru_cache(4096)
def apart(value: float, limit: float, unit: str, *, touching: bool = False) -> tuple[str, str]:
    """A value and its threshold, with as many digits as show on which side of it the value is.

    `touching`: a value beyond its threshold may be printed as on it.
    """
    name = UNITS.get(unit, unit)
    for more in range(EXACT):
        shown, edge = figure(value, more), figure(limit, more)
        if touching or _side(value, limit) == _side(float(shown), float(edge)):
            break
    return f"{shown} {name}".strip(), f"{edge} {name}".strip()


def _side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


@lru_cache(256)
def lasting(length: int) -> Said:
    """A duration in microseconds."""
    text = format_duration(length)
    number, _, unit = text.partition(" ")
    return Said(f"{number} {_TIMES_ZH[unit]}", text)


def far(metres: float) -> str:
    """A distance."""
    return f"{figure(metres / 1000)} km" if metres >= 1000 else f"{figure(metres)} m"


def named(name: Name, otherwise: str) -> Said:
    """A name in both languages."""
    return Said(name.get("zh") or otherwise, name.get("en") or otherwise)


def sign(condition: Condition) -> str:
    """How a value has to stand to the threshold."""
    return (STRICT if condition.strict else SIGNS)[condition.kind]


def both(parts: Iterable[Said]) -> Said:
    """All of them."""
    return _listed(list(parts), "，且", " and ", "项", "more")


def either(parts: Iterable[Said]) -> Said:
    """One of them."""
    return _listed(list(parts), "，或", " or ", "项", "more")


def _listed(parts: list[Said], zh: str, en: str, unit_zh: str, more: str) -> Said:
    told = [part for part in dict.fromkeys(parts) if part != NOTHING]
    rest = len(told) - PARTS
    if rest > 0:
        told = [*told[:PARTS], Said(f"另 {rest} {unit_zh}", f"{rest} {more}")]
    return Said(zh.join(part.zh for part in told), en.join(part.en for part in told))


def cut(said: Said) -> Said:
    """Not longer than a sentence may be."""
    return Said(*(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…" for text in said))
