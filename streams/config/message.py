"""The `message:` and `sources:` of a hazard."""

import re
from datetime import date
from typing import Any

from streams.config.table import Table, bilingual, said
from streams.models.level import COLOURS, NUMBER
from streams.models.site import Message, Name, Text

CATEGORIES = (
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "CBRNE",
    "Other",
)
RESPONSES = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
STATUSES = ("verified", "derived", "memory", "proposal", "local")
PLACEHOLDERS = ("{zone}", "{subject}", "{hazard}")  # what core/announce.py puts a name in place of
OVERLAY = "overlay"  # the source of what an overlay sets
_CAP = re.compile(r"OET-\d{3}", re.ASCII)
_BRACED = re.compile(r"[{｛][^{}｛｝]*[}｝]?")  # the wide ones come from Chinese keyboards


def read_message(table: Table | None) -> Message:
    """What the commands of a hazard say. A level inherits from `default` what it does not say itself."""
    if table is None:
        return Message()
    plain = Message()
    event = table.table("event")
    cap, category = _event(event) if event else (plain.cap, plain.category)
    expires = table.duration("expires", plain.expires)
    base = _text(table.table("default", need="{instruction: {zh: …, en: …}}"), Text())
    texts = {0: base}
    for colour in COLOURS:
        one = table.table(colour)
        if one is not None:
            texts[NUMBER[colour]] = _text(one, base)
    if expires == 0:
        table.error("expires", said(table.node.value["expires"]), "longer than nothing, like 6 h")
    table.close()
    return Message(cap, category, expires or plain.expires, texts)


def _event(table: Table) -> tuple[str, tuple[str, ...]]:
    cap = table.text("cap", Message().cap)
    if cap is not None and not _CAP.fullmatch(cap):
        table.error("cap", cap, "an OASIS event term like OET-081")
    node = table.get("category")
    if node is not None and isinstance(node.value, list):
        category = table.words("category", CATEGORIES)
    else:
        one = table.choice("category", CATEGORIES)
        category = (one,) if one else None
    table.close()
    return cap or Message().cap, category or Message().category


def _text(table: Table | None, base: Text) -> Text:
    if table is None:
        return base
    response = table.choice("response", RESPONSES, base.response)
    headline: Name = _sentence(table.table("headline")) or base.headline
    need = "" if base.instruction else "{zh: …, en: …}"
    instruction: Name = _sentence(table.table("instruction", need=need)) or base.instruction
    table.close()
    return Text(headline, instruction, response)


def _sentence(table: Table | None) -> Name:
    """Text in both languages: a placeholder that nobody fills would go out as it stands."""
    found = bilingual(table)
    for language, text in found.items() if table else ():
        for mark in _BRACED.findall(text):
            if mark not in PLACEHOLDERS:
                table.error(language, mark, f"one of {', '.join(PLACEHOLDERS)}, or no braces", PLACEHOLDERS)  # type: ignore[union-attr]
    return found


def read_sources(table: Table | None) -> dict[str, dict[str, Any]]:
    """Where the numbers come from: cite, status and the time in which the source is valid."""
    found: dict[str, dict[str, Any]] = {}
    for key, node in table.items() if table else ():
        one = Table.of(node, f"sources.{key}", table.report, "{cite: …, status: verified}")  # type: ignore[union-attr]
        if one is None:
            continue
        if key == OVERLAY:
            one.report.error(one.node.at, one.where, key, f"another key: {OVERLAY} is what overlays set")
        found[key] = {
            "cite": one.text("cite", need="what to look up: title, number, page"),
            "status": one.choice("status", STATUSES, need=True),
            "valid_from": _day(one, "valid_from"),
            "valid_to": _day(one, "valid_to"),
        }
        first, last = found[key]["valid_from"], found[key]["valid_to"]
        if first and last and last < first:
            one.error("valid_to", last, f"a day after valid_from, {first}")
        one.close()
    return found


def _day(table: Table, key: str) -> str | None:
    node = table.get(key)
    if node is None:
        return None
    try:
        day = date.fromisoformat(node.text).isoformat()
    except ValueError:
        day = ""
    if not day or not node.quoted:
        right = f'the quoted form "{day}"' if day else 'a day in quotes, like "2026-07-20"'
        table.error(key, said(node), right)
        return None
    return day
