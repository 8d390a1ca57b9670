"""`datum: required` of an input stays: without it heights above different zeros would be compared without a word."""

from streams.config.problems import Words
from streams.config.table import Table
from streams.config.yaml_file import Node

Placed = tuple[tuple[str, ...], Table, str]  # the path that was set, the overlay's file, the key that it stands at


def datums_needed(node: Node) -> set[str]:
    """Names of the inputs of a hazard's tree that need a datum."""
    inputs = _below(node, "inputs")
    names = inputs.value if inputs is not None and isinstance(inputs.value, dict) else ()
    return {name for name in names if _needs(inputs, name)}


def check_datums(needed: set[str], node: Node, placed: list[Placed]) -> None:
    """Say where an overlay has taken a datum away: alone, with its input, or with all inputs."""
    inputs = _below(node, "inputs")
    for name in sorted(name for name in needed if not _needs(inputs, name)):
        want = ("inputs", name, "datum")
        path, overlay, key = next(one for one in placed if one[0] == want[: len(one[0])])
        if path == want and overlay.node.value["set"].value[key].value is not None:
            continue  # another word, which the file's own checks refuse
        words = Words(f"input {name} without `datum: required`")
        expected = "`datum: required`, as in the hazard file: heights are compared only above the same zero"
        overlay.report.error(overlay.node.value["set"].keys[key], f"set.{key}", words, expected)


def _needs(inputs: Node | None, name: str) -> bool:
    one = _below(inputs, name)
    datum = _below(one, "datum")
    return datum is not None and datum.text == "required"


def _below(node: Node | None, key: str) -> Node | None:
    return node.value.get(key) if node is not None and isinstance(node.value, dict) else None
