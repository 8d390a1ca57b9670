"""One command of the feed as one line that a person reads at three in the morning. Takes whatever JSON comes."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any, Literal

from rich.text import Text

from streams.models.level import NUMBER

Language = Literal["zh", "en"]
STYLES = {"red": "bold white on red3", "orange": "bold black on dark_orange", "yellow": "bold black on yellow3"}
STYLES["blue"] = "bold white on dodger_blue3"
_SIGNS = {">=": "≥", "<=": "≤"}
_SHOWN = 2  # pieces of evidence

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝", "none": "··", "Exercise": "【演练】",
        "Test": "【测试】", "muted": "已静默", "by": "", "no data": "无数据", "more": "另有", "health": "设备",
        "case": "处置", "inspection": "巡查", "call": "叫应", "ended": "已结束", "expired": "已到期",
        "withdrawn": "已撤回", "reopened": "再次开启", "acknowledged": "已确认", "escalated": "已上报",
        "unmuted": "恢复通知", "rules_changed": "规则变更", "digest": "汇总", "repeat": "重发", "evidence": "新峰值",
        "area": "范围变化", "proposed": "待人工结束",
    },
    "en": {
        "red": "RED", "orange": "ORANGE", "yellow": "YELLOW", "blue": "BLUE", "none": "·", "Exercise": "EXERCISE ",
        "Test": "TEST ", "by": "by ", "more": "and", "rules_changed": "rules changed", "evidence": "new peak",
        "proposed": "a person may end it",
    },
}  # fmt: skip
#: reasons that the arrow tells already
_SAID_BY_ARROW = ("first", "level_up", "level_down")


def line_of(command: Any, language: Language, zone: tzinfo) -> Text:
    """Time, level, change, headline, evidence, remarks. Missing and unknown fields are simply not shown."""
    if not isinstance(command, dict):
        return Text(_string(f"? {command!r}"[:200]), style="dim")
    line = Text().append(_time(command.get("time"), zone), style="dim").append("  ")
    line.append_text(_level(command, language)).append(f" {_arrow(command)} ")
    line.append(_word(language, _string(command.get("status")), ""), style="bold magenta")
    line.append(_headline(command, language), style=_weight(command))
    for evidence in _evidence(command, language):
        line.append("   ").append(evidence, style="cyan")
    for remark in _remarks(command, language):
        line.append("   ").append(remark, style="dim")
    return line


def level_number(command: Any) -> int:
    """The higher of a command's level and the one before, so that an end counts as what ended; 0 = none."""
    if not isinstance(command, dict):
        return 0
    return max(NUMBER.get(_string(command.get(field)), 0) for field in ("level", "previous_level"))


def _string(value: Any) -> str:
    """Text without what would move the cursor, colour the terminal or turn the line around."""
    return "".join(c if c.isprintable() else " " for c in value) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(language: Language, word: str, otherwise: str | None = None) -> str:
    return _WORDS[language].get(word, word if otherwise is None else otherwise)


def _time(value: Any, zone: tzinfo) -> str:
    try:
        return datetime.fromisoformat(value).astimezone(zone).strftime("%m-%d %H:%M:%S")
    except (TypeError, ValueError, OverflowError):
        return "--:--:--".center(14)


def _level(command: dict[str, Any], language: Language) -> Text:
    level = _string(command.get("level"))
    word = _word(language, level if level in NUMBER else "none")
    width = 4 if language == "zh" else 8
    cells = Text(word).cell_len
    left = (width - cells) // 2
    return Text(" " * left + word + " " * (width - cells - left), style=STYLES.get(level, "dim on grey23"))


def _arrow(command: dict[str, Any]) -> str:
    if command.get("kind") == "health":
        return " "
    now, before = (NUMBER.get(_string(command.get(field)), 0) for field in ("level", "previous_level"))
    return "↑" if now > before else "↓" if now < before else " "


def _weight(command: dict[str, Any]) -> str:
    return "bold" if command.get("level") in ("orange", "red") else ""


def _headline(command: dict[str, Any], language: Language) -> str:
    texts = command.get("headline")
    texts = texts if isinstance(texts, dict) else {}
    text = _string(texts.get(language)) or next(filter(None, map(_string, texts.values())), "")
    names = (_string(command.get(field)) for field in ("hazard", "subject", "zone"))
    return " ".join((text or " ".join(name for name in names if name) or "?").split())


def _evidence(command: dict[str, Any], language: Language) -> Iterator[str]:
    items = [item for item in _list(command.get("evidence")) if isinstance(item, dict)]
    for item in items[:_SHOWN]:
        value, unit, limit = item.get("value"), _string(item.get("unit")), item.get("threshold")
        sign = _string(item.get("comparison"))
        where = " ".join(part for part in (_string(item.get("station")), _string(item.get("property"))) if part)
        measured = f"{_number(value)} {unit}".rstrip() if value is not None else _word(language, "no data")
        against = f" {_SIGNS.get(sign, sign)} {_number(limit)}" if limit is not None else ""
        yield f"{where} {measured}{against}".strip()
    if len(items) > _SHOWN:
        yield f"{_word(language, 'more')} {len(items) - _SHOWN}"


def _number(value: Any) -> str:
    is_number = isinstance(value, float) or (type(value) is int and abs(value) < 1e15)
    return f"{value:.6g}" if is_number else _string(str(value)[:40])


def _remarks(command: dict[str, Any], language: Language) -> Iterator[str]:
    kind, reason, by = (_string(command.get(field)) for field in ("kind", "reason", "by"))
    if kind not in ("alert", ""):
        yield _word(language, kind)
    if reason and reason not in _SAID_BY_ARROW:
        yield _word(language, reason)
    if by:
        yield _word(language, "by") + by
    if command.get("proposed"):
        yield _word(language, "proposed")
    if muted := _list(command.get("muted_by")):
        yield f"{_word(language, 'muted')} ({', '.join(_string(str(mark)) for mark in muted)})"
