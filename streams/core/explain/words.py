"""Words of explanations, in Chinese and English. No decision here, only phrases."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from streams.models.durations import format_duration
from streams.models.site import Condition, Input, Name

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
    "%[LEL]": "%LEL", "%{LEL}": "%LEL",
    "m3/s": "m³/s", "ug/m3": "µg/m³", "mg/m3": "mg/m³", "m/s2": "m/s²",
}  # fmt: skip
SIGNS = {"above": "≥", "below": "≤"}
STRICT = {"above": ">", "below": "<"}
_TIMES_ZH = {"d": "天", "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "us": "微秒"}
#: what a step makes of its input, where that is a word that people know
STEPS = {
    "sum": Said("累计", "total"), "mean": Said("平均", "mean"), "median": Said("中位数", "median"),
    "max": Said("最大", "maximum"), "min": Said("最小", "minimum"), "rate": Said("变化率", "rate of change"),
    "range": Said("变幅", "range"),
}  # fmt: skip
#: names of properties; the page has the same ones (web/static/js/i18n.js, tested)
PROPERTIES = {
    "rain": Said("雨量", "rain"), "gas_lel": Said("可燃气体", "combustible gas"),
    "air_temperature": Said("气温", "air temperature"), "dam_seepage": Said("大坝渗流", "dam seepage"),
    "water_level": Said("水位", "water level"), "discharge": Said("流量", "discharge"),
    "rainfall": Said("雨量", "rainfall"), "rain_5min": Said("5分钟雨量", "rain 5 min"),
    "rain_10min": Said("10分钟雨量", "rain 10 min"), "rain_1h": Said("1小时雨量", "rain 1 h"),
    "rain_24h": Said("24小时雨量", "rain 24 h"), "precipitation": Said("降水量", "precipitation"),
    "displacement": Said("位移", "displacement"), "crack_width": Said("裂缝宽度", "crack width"),
    "tilt": Said("倾角", "tilt"), "soil_moisture": Said("土壤含水率", "soil moisture"),
    "pore_pressure": Said("孔隙水压", "pore pressure"), "acceleration": Said("加速度", "acceleration"),
    "methane": Said("甲烷", "methane"), "combustible_gas": Said("可燃气体", "combustible gas"),
    "gas": Said("气体浓度", "gas"), "co": Said("一氧化碳", "carbon monoxide"),
    "h2s": Said("硫化氢", "hydrogen sulphide"),
    "smoke": Said("烟雾", "smoke"), "temperature": Said("气温", "temperature"), "humidity": Said("湿度", "humidity"),
    "wind_speed": Said("风速", "wind speed"), "wind_gust": Said("阵风", "wind gust"),
    "wind_direction": Said("风向", "wind direction"), "pressure": Said("气压", "air pressure"),
    "pm25": Said("PM2.5", "PM2.5"), "pm2_5": Said("PM2.5", "PM2.5"), "pm10": Said("PM10", "PM10"),
    "o3": Said("臭氧", "ozone"), "no2": Said("二氧化氮", "nitrogen dioxide"),
    "so2": Said("二氧化硫", "sulphur dioxide"), "aqi": Said("空气质量指数", "air quality index"),
    "seepage": Said("渗流量", "seepage"), "visibility": Said("能见度", "visibility"),
    "flow_velocity": Said("流速", "flow velocity"),
}  # fmt: skip
#: kinds of report, checks and attributes of stations in Chinese; what is not here is said as the files say it (an
#: attribute in quotes)
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
ATTRIBUTES_ZH = {
    "warning_level": "警戒水位", "guarantee_level": "保证水位", "historic_maximum": "历史最高水位",
}  # fmt: skip


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


def quantity(source: Input) -> Said:
    """What an input measures: `rain, total over 1 h`."""
    what = PROPERTIES.get(source.property) or Said(source.property, source.property.replace("_", " "))
    if not source.steps:
        return what
    last = source.steps[-1]
    over = next((s.parameters["over"] for s in reversed(source.steps) if isinstance(s.parameters.get("over"), int)), 0)
    if last.part in STEPS:
        does, span = STEPS[last.part], lasting(over) if over else NOTHING
        zh = f"{what.zh} {span.zh}{does.zh}"
        return Said(zh, f"{what.en}, {does.en}{f' over {span.en}' if over else ''}")
    return Said(f"{what.zh}（{source.name}）", f"{what.en} ({source.name})")


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
