"""The JSON Schema of a hazard file, for editors. It knows the shape; what fits together only `tocsin check` knows."""

from streams.config.message import CATEGORIES, RESPONSES, STATUSES
from streams.config.parts import DURATIONS, PARTS
from streams.config.schema_parts import (
    BOTH,
    COLOUR,
    DAY,
    DAY_OF_YEAR,
    DISTANCE,
    DURATION,
    ID,
    TEXT,
    THRESHOLD,
    UNIT,
    Schema,
    named,
    table,
    titled,
    whole,
    words,
)
from streams.config.schema_rule import RULE, levels, rule_defs
from streams.models.level import COLOURS
from streams.models.site import CHECKS

_COMPARISONS = ("at_least", "above", "at_most", "below")
_ENDS: Schema = {"enum": ["timer", "person"]}


def hazard_schema() -> Schema:
    """`hazards/NAME.yaml`."""
    properties: Schema = {
        "schema": {"const": "tocsin.hazard/1"},
        "hazard": {**ID, "description": "the file's name"},
        "name": BOTH,
        "subject": {"enum": ["zone", "station", "source", "reach", "event"], "description": "what one alert is about"},
        "sources": named(_source(), "overlay"),
        "inputs": named(_input()),
        "conditions": {**named({"$ref": "#/$defs/condition"}, "local"), "minProperties": 1},
        "levels": {**levels({"anyOf": [{"const": "local"}, RULE]}), "minProperties": 1},
        "lower": table({"after": DURATION, "end": _ENDS, "end_red": _ENDS, "reopen": DURATION}),
        "quality": _quality(),
        "area": {"anyOf": [{"enum": ["zone", "cells"]}, table({"buffer": DISTANCE}, ("buffer",))]},
        "message": _message(),
        "classification": {"enum": ["open", "sensitive", "restricted"]},
    }
    whole_file = table(properties, ("schema", "hazard", "name", "subject", "conditions", "levels"))
    defs = {"condition": _condition(), **rule_defs()}
    return titled(whole_file, "Hazard", "What is watched, which levels there are, what is said") | {"$defs": defs}


def _source() -> Schema:
    return table(
        {"cite": TEXT, "status": {"enum": list(STATUSES)}, "valid_from": DAY, "valid_to": DAY}, ("cite", "status")
    )


def _input() -> Schema:
    parameters = {"type": "object", "properties": dict.fromkeys(sorted(DURATIONS), DURATION)}
    step = {
        "type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"enum": sorted(PARTS)},
        "additionalProperties": parameters,
    }  # fmt: skip
    raw = table({"property": ID, "unit": UNIT, "datum": {"const": "required"}}, ("property", "unit"))
    derived = {
        "of": {"anyOf": [TEXT, {**named(TEXT), "minProperties": 1}]}, "unit": UNIT,
        "steps": {"type": "array", "items": step}, "join": {"enum": ["exact", "latest"]},
        "max_wait": DURATION, "max_age": DURATION, "output": TEXT,
    }  # fmt: skip
    return {"if": {"required": ["of"]}, "then": table(derived, ("of", "steps")), "else": raw}


def _condition() -> Schema:
    common: Schema = {"of": TEXT, "source": TEXT}
    wait = {"anyOf": [DURATION, {"type": "string", "pattern": r"^\s*[0-9]+\s+of\s+[0-9]+\s*$"}]}
    compared = dict.fromkeys((*_COMPARISONS, "clear_below", "clear_above"), THRESHOLD)
    one_of = {"oneOf": [{"required": [key]} for key in _COMPARISONS]}
    season = table({"from": DAY_OF_YEAR, "to": DAY_OF_YEAR, **compared}, ("from", "to"), **one_of)
    value = table(
        {**common, **compared, "for": wait, "seasons": {"type": "array", "items": season, "minItems": 1}}, ("of",),
        anyOf=[one_of, {"required": ["seasons"], "not": {"anyOf": one_of["oneOf"]}}],
    )  # fmt: skip
    probability = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
    forecast = table(
        {**common, "forecast_reaches": THRESHOLD, "within": DURATION, "probability": probability, "over": DURATION,
         "for": wait}, ("of", "within"),
    )  # fmt: skip
    reports = table(
        {"reports": {"type": "array", "items": TEXT, "minItems": 1}, "at_least": whole(1), "within": DURATION,
         "near": DISTANCE, "source": TEXT}, ("at_least", "within"),
    )  # fmt: skip
    where = {"within": DISTANCE, "upstream": DISTANCE, "downstream": DISTANCE, "subject": {"const": "same"}}
    alert = table(
        {"alert": ID, "at_least": COLOUR, **where, "lasting": DURATION, "count": whole(1),
         "by": {"enum": ["subject", "zone"]}, "source": TEXT}, ("at_least",),
        oneOf=[*({"required": [key]} for key in where), {"not": {"anyOf": [{"required": [key]} for key in where]}}],
    )  # fmt: skip
    silent = table({**common, "absent": DURATION}, ("of",))
    found: Schema = value
    for key, one in (("absent", silent), ("forecast_reaches", forecast), ("alert", alert), ("reports", reports)):
        found = {"if": {"required": [key]}, "then": one, "else": found}
    return {"type": "object", **found}


def _quality() -> Schema:
    agreeing = {"type": "string", "pattern": r"^\s*[0-9]+\s+agreeing\s*$", "examples": ["2 agreeing"]}
    return table({"suspect_raises_at_most": COLOUR, "lifted_by": agreeing, "checks": words(CHECKS)})


def _message() -> Schema:
    text = table({"headline": BOTH, "instruction": BOTH, "response": {"enum": list(RESPONSES)}})
    category = {"anyOf": [{"enum": list(CATEGORIES)}, words(CATEGORIES)]}
    event = table({"cap": {"type": "string", "pattern": "^OET-[0-9]{3}$"}, "category": category})
    return table({"event": event, "expires": DURATION, "default": text, **dict.fromkeys(COLOURS, text)}, ("default",))
