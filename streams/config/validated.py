"""Trees as models: pydantic checks the values, the tree knows where they stand."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from streams.config.check_cells import LENGTHS
from streams.config.problems import Report, Words, listed
from streams.config.table import said
from streams.config.yaml_file import Node
from streams.models.durations import FORM

M = TypeVar("M", bound=BaseModel)
_DURATIONS = {"progress", "rebuild_readings", "stuck_for", "retention", *LENGTHS}
_QUOTED = re.compile(r"'([^']*)'")
_ROUNDS = 10  # of what was wrong only behind something else


def validated(model: type[M], node: Node, where: str, report: Report) -> M | None:
    """The tree as a model; pydantic's complaints with their places."""
    if not isinstance(node.value, dict):
        report.error(node.at, where, said(node), "a mapping")
        return None
    try:
        return model.model_validate_json(json.dumps(node.plain()), strict=True)  # `yes` and "5" stay text
    except ValidationError as error:
        for one in error.errors(include_url=False):
            _complain(one, model, node, where, report)
        return None


def _complain(one: Any, model: type[BaseModel], node: Node, where: str, report: Report) -> None:
    path = [str(part) for part in one["loc"]]
    at, parent = node, node
    place = node.at
    for part in path:
        parent, at, place = at, *_below(at, part)
    name = ".".join([where, *path] if where else path)
    if path[-1:] == ["[key]"]:
        report.error(
            place, name.removesuffix(".[key]"), Words(f"the key {path[-2]}"), _right(one, model, path), _choices(one)
        )
    elif one["type"] == "extra_forbidden":
        known = _keys(model, path[:-1])
        report.error(place, name, path[-1], f"one of the keys {', '.join(known)}", known)
    elif one["type"] == "missing":
        report.error(parent.at, name, None, "a value")
    else:
        report.error(at.at, name, _keys_found(one) or said(at), _right(one, model, path), _choices(one))


def _keys_found(one: Any) -> Words | None:
    """What a mapping says, where it is these keys together that do not fit."""
    found = one["input"]
    return (
        Words(f"the keys {listed(found)}")
        if one["type"] == "value_error" and found and isinstance(found, dict)
        else None
    )


def _right(one: Any, model: type[BaseModel], path: list[str]) -> str:
    """What pydantic would have liked, in words of YAML."""
    if path[-1:] and path[-1] in _DURATIONS:
        return FORM
    if one["type"] == "model_type" and (known := _keys(model, path)):
        return f"a mapping with some of the keys {', '.join(known)}"
    if one["type"] in ("model_type", "dict_type"):
        return "a mapping"
    if one["type"] in ("tuple_type", "list_type"):
        return "a list"
    text = str(one["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _choices(one: Any) -> list[str]:
    """The words that would have been known, where it is one of some."""
    return _QUOTED.findall(one["ctx"]["expected"]) if one["type"] == "literal_error" else []


def _below(node: Node, part: str) -> tuple[Node, tuple[int, int]]:
    if isinstance(node.value, dict) and part in node.value:
        return node.value[part], node.keys.get(part, node.value[part].at)
    if isinstance(node.value, list) and part.isdigit() and int(part) < len(node.value):
        return node.value[int(part)], node.value[int(part)].at
    return node, node.at


def _keys(model: type[BaseModel], path: list[str]) -> list[str]:
    """The keys that a model knows at a path."""
    for part in path:
        field = next((one for name, one in model.model_fields.items() if (one.alias or name) == part), None)
        if field is None:
            continue  # a name of the file's own choice, below a mapping of models
        model = _model_in(field.annotation) or model
    return [one.alias or name for name, one in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := _model_in(part))), None)


def good_part(model: type[M], node: Node) -> M:
    """What is right of a wrong one: else whatever speaks of its report kinds, types and folders seemed wrong too."""
    tree = node.plain() if isinstance(node.value, dict) else {}
    for _ in range(_ROUNDS):
        try:
            return model.model_validate_json(json.dumps(tree), strict=True)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                _drop(tree, [part for part in one["loc"] if isinstance(part, str)])
    return model()


def _drop(tree: Any, path: list[str]) -> None:
    """Take the innermost key of a path away that is there; of a list all of it."""
    holder, key = None, ""
    while path and isinstance(tree, dict) and path[0] in tree:
        holder, key, tree, path = tree, path[0], tree[path[0]], path[1:]
    if holder is not None:
        del holder[key]
