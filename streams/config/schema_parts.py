"""JSON Schemas of small things that several configuration files hold: ids, times, distances, texts in two languages."""

from collections.abc import Iterable
from typing import Any

from streams.models.level import COLOURS

Schema = dict[str, Any]

_NUMBER = r"[-+]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?"
DURATION: Schema = {
    "type": "string",
    "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(us|ms|s|min|h|d|wk)\s*$",
    "examples": ["10 min"],
}
_TIMES = "us|ms|s|min|h|d|wk"
DISTANCE: Schema = {
    "type": "string",
    "pattern": rf"^\s*[0-9]+(\.[0-9]+)?\s*(?!({_TIMES})\s*$)[^\s0-9]\S*\s*$",
    "examples": ["5 km"],
}
ID: Schema = {"type": "string", "pattern": r"^[^\s:|/]{1,128}$"}
UNIT: Schema = {"type": ["string", "integer"], "description": "UCUM code", "examples": ["m", "mm/h", "Cel", "1"]}
DAY: Schema = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "in quotes"}
DAY_OF_YEAR: Schema = {"type": "string", "pattern": r"^(0[1-9]|1[0-2])-[0-3][0-9]$", "description": "in quotes"}
COLOUR: Schema = {"enum": list(COLOURS)}
TEXT: Schema = {"type": "string", "pattern": r"\S"}
#: a number with its unit, an attribute of the station with or without a distance from it, or `local`
THRESHOLD: Schema = {
    "anyOf": [
        {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*\S*\s*$"},
        {"type": "string", "pattern": r"^\s*station\.\w+\s*([-+]\s*[0-9]\S*\s*\S*)?\s*$"},
        {"const": "local"},
        {"type": "number", "description": "only where the input's unit is 1"},
    ],
    "examples": ["3 m", "station.warning_level - 0.5 m", "local"],
}


def whole(least: int) -> Schema:
    """A whole number from `least` on."""
    return {"type": "integer", "minimum": least}


def table(properties: Schema, needed: Iterable[str] = (), **more: Any) -> Schema:
    """A mapping with these keys and no others."""
    needed = list(needed)
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False, **more}
    return found | ({"required": needed} if needed else {})


def named(value: Schema, never: str = "") -> Schema:
    """A mapping with names of the file's own choice."""
    reserved = {"propertyNames": {"not": {"const": never}}} if never else {}
    return {"type": "object", "additionalProperties": value, **reserved}


def words(known: Iterable[str]) -> Schema:
    """A list of known words."""
    return {"type": "array", "items": {"enum": list(known)}}


def titled(schema: Schema, name: str, description: str) -> Schema:
    """What an editor shows of a whole file."""
    return {"title": name, "description": description, **schema}


BOTH: Schema = table({"zh": TEXT, "en": TEXT}, ("zh", "en"))
