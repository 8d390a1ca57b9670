"""The JSON Schemas for editors take what `tocsin check` takes, and refuse what has the wrong shape."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from streams.cli.schema import FILES, schema_text
from streams.config.problems import Problems
from streams.config.yaml_file import read_yaml
from tests.config import samples

ROOT = Path(__file__).parents[2]
KINDS = ("hazard", "overlay", "app", "topics", "zones")
SHIPPED = [
    *((path, "hazard") for path in sorted(ROOT.glob("configs/**/hazards/*.yaml"))),
    *((path, "overlay") for path in sorted(ROOT.glob("configs/**/overlays/*.yaml"))),
    *((path, "app") for path in sorted(ROOT.glob("configs/**/app.yaml"))),
    *((path, "topics") for path in sorted(ROOT.glob("configs/**/topics.yaml"))),
    *((path, "zones") for path in sorted(ROOT.glob("configs/**/zones.geojson"))),
    (ROOT / "configs/demo/scenario.yaml", "scenario"),
]
#: whose keys are names of the same file, or of a part
MEANT = {"hazard-unknown-source.yaml", "hazard-transform-parameter.yaml"}


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text(name)))


def content_of(path: Path) -> Any:
    """What a YAML reader finds; None where it finds nothing."""
    if path.suffix == ".geojson":
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError:
            return None
    problems = Problems()
    node = read_yaml(path, problems.in_file(path.name))
    return None if node is None or problems.errors else node.plain()


def parts(kind: str) -> list[tuple[Path, str]]:
    """The samples that have a schema, also those within folders."""
    found = [(path, path.name.split("-")[0]) for path in samples.single(kind)]
    for folder in samples.files(kind):
        found += [(path, path.parent.name.removesuffix("s")) for path in sorted(folder.glob("*/*.y*ml"))]
    return [(path, name) for path, name in found if name in KINDS]


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_a_schema_and_is_committed(name: str):
    Draft202012Validator.check_schema(json.loads(schema_text(name)))
    assert (ROOT / "docs/schemas" / f"{name}.json").read_text("utf-8") == schema_text(name)


@pytest.mark.parametrize(
    ("path", "name"), [*SHIPPED, *parts("good"), *parts("warned")], ids=lambda value: getattr(value, "name", value)
)
def test_good_files_pass(path: Path, name: str):
    content = content_of(path)

    assert content is None or [error.message for error in validator(name).iter_errors(content)] == []


@pytest.mark.parametrize(("path", "name"), parts("bad"), ids=lambda value: getattr(value, "name", value))
def test_a_key_that_nobody_knows_is_refused(path: Path, name: str):
    content, said = content_of(path), path.with_name(f"{path.name}.txt")
    unknown = said.exists() and "expected one of the keys " in said.read_text("utf-8")
    if content is not None and unknown and name != "overlay" and path.name not in MEANT:
        assert not validator(name).is_valid(content)


def test_most_files_of_the_wrong_shape_are_refused():
    contents = [(path.name, name, content_of(path)) for path, name in parts("bad")]
    refused = [
        path for path, name, content in contents if content is not None and not validator(name).is_valid(content)
    ]

    assert len(refused) >= 80
