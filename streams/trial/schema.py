"""JSON Schema of scenario files, for editors."""

from typing import Any

from streams.trial.model import File


def file_schema() -> dict[str, Any]:
    """Of `tocsin.test/1`."""
    found = File.model_json_schema(by_alias=True)
    zones = found["properties"]["zones"]
    zones["items"] = {"anyOf": [{"type": "string"}, zones["items"]]}
    return {**found, "title": "Scenarios", "description": "What comes in, and what has to come out (tocsin test)"}
