"""JSON Schemas of the configuration files, for editors: they complete and check while somebody writes."""

from typing import Any

from pydantic import BaseModel

from streams.config.schema_hazard import hazard_schema
from streams.config.schema_parts import COLOUR, ID, TEXT, Schema, table, titled
from streams.config.settings import DEFAULTS
from streams.models.settings import App, Topic, Topics
from streams.models.zone_tree import ZONE_LEVELS

__all__ = ["app_schema", "hazard_schema", "overlay_schema", "topics_schema", "zones_schema"]


def overlay_schema() -> Schema:
    """`overlays/NAME.yaml`."""
    accept = table({"memory": TEXT, "levels": {"type": "array", "items": COLOUR}}, ("memory",))
    path = {"pattern": r"^(?!(schema|hazard)$)[^\s]+$", "examples": ["conditions.near.at_least"]}
    sets = {"type": "object", "propertyNames": path, "minProperties": 1}
    found = table(
        {"schema": {"const": "tocsin.overlay/1"}, "hazard": ID, "set": sets, "accept": accept}, ("schema", "hazard"),
        anyOf=[{"required": ["set"]}, {"required": ["accept"]}],
    )  # fmt: skip
    return titled(found, "Overlay", "What a site sets in a hazard file without editing it")


def app_schema() -> Schema:
    """`app.yaml`."""
    return _of_model(App) | {"title": "App", "description": "Addresses, ports, names and quality defaults of a site"}


def topics_schema() -> Schema:
    """`topics.yaml`."""
    model = _of_model(Topic)
    keys: Schema = model["properties"]
    defaults = table({name: keys[name] for name in DEFAULTS})
    topics = table(dict.fromkeys(Topics().topics, table(keys)))
    return titled(table({"defaults": defaults, "topics": topics}), "Topics", "Numbers of the Kafka topics")


def zones_schema() -> Schema:
    """`zones.geojson`. Other properties are left alone, as GeoJSON wants it."""
    position = {"type": "array", "prefixItems": [_degrees(180), _degrees(90)], "minItems": 2}
    polygon = {"type": "array", "items": {"type": "array", "items": position, "minItems": 4}, "minItems": 1}
    shapes = [_shape("Polygon", polygon), _shape("MultiPolygon", {"type": "array", "items": polygon, "minItems": 1})]
    text: Schema = {"type": ["string", "null"]}
    about: Schema = {
        "id": ID, "name_zh": text, "name_en": text, "parent": text, "unit": text,
        "level": {"enum": [*ZONE_LEVELS, None]},
    }  # fmt: skip
    feature = {
        "type": "object", "required": ["type", "properties", "geometry"],
        "properties": {
            "type": {"const": "Feature"}, "geometry": {"anyOf": shapes},
            "properties": {"type": "object", "properties": about, "required": ["id"]},
        },
    }  # fmt: skip
    found = {
        "type": "object", "required": ["type", "features"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": feature, "minItems": 1},
        },
    }  # fmt: skip
    return titled(found, "Zones", "Areas with their responsible units")


def _degrees(most: int) -> Schema:
    return {"type": "number", "minimum": -most, "maximum": most}


def _shape(kind: str, coordinates: Schema) -> Schema:
    return {
        "type": "object", "required": ["type", "coordinates"],
        "properties": {"type": {"const": kind}, "coordinates": coordinates},
    }  # fmt: skip


def _of_model(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)
