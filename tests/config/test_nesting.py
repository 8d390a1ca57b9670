"""Which rules may stand within which: docs/configuration.md has the same table."""

import json
import random
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from streams.cli.schema import schema_text
from streams.config.problems import Problems
from streams.config.yaml_file import read_yaml
from tests.config import samples

INNER = {
    "any": "{any: [high, low]}",
    "all": "{all: [high, low]}",
    "not": "{not: low}",
    "vote": "{vote: {of: low, at_least: 2}}",
    "promote": "{promote: {to: yellow, items: {level: {yellow: low}}}}",
    "sequence": "{sequence: {of: [low, high], within: 1 h}}",
    "absence": "{absence: {of: high, after: low, within: 1 h}}",
    "count": "{count: {of: low, at_least: 2, within: 1 h}}",
}
OUTER = {
    "any": "{any: [high, INNER]}",
    "all": "{all: [high, INNER]}",
    "not": "{all: [high, {not: INNER}]}",
    "vote": "{vote: {of: INNER, at_least: 2, by: zone}}",
    "promote": "{promote: {to: yellow, items: {level: {yellow: INNER}}}}",
    "sequence": "{sequence: {of: [INNER, high], within: 1 h}}",
    "absence": "{absence: {of: high, after: INNER, within: 1 h}}",
    "count": "{count: {of: INNER, at_least: 2, within: 1 h}}",
}
IDLE = "a rule that can hold where none of its conditions does"
#: what stations, zones and points are asked has to have begun there
REFUSED = {("vote", "not"): IDLE, ("promote", "not"): IDLE}
BASE = samples.CORPUS / "good" / "hazard-vote-of-a-rule.yaml"


def said_of(tmp_path: Path, rule: str) -> list[str]:
    """What `tocsin check` says of a hazard with this rule."""
    lines = BASE.read_text("utf-8").splitlines()
    (number,) = (n for n, line in enumerate(lines) if line.startswith("levels:"))
    lines[number] = f"levels: {{blue: {{any: [high, low, seen]}}, yellow: {rule}}}"
    path = tmp_path / "hazard-nested.yaml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return samples.problems_of(samples.folder_with(tmp_path, path))


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("outer", OUTER)
def test_rules_stand_within_each_other(outer: str, inner: str, tmp_path: Path):
    said = said_of(tmp_path, OUTER[outer].replace("INNER", INNER[inner]))
    refused = REFUSED.get((outer, inner))
    assert (not said) if refused is None else (len(said) == 1 and refused in said[0] and "expected" in said[0])


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("outer", ["vote", "promote"])
def test_and_deeper(outer: str, inner: str, tmp_path: Path):
    """In what stations or zones answer for themselves all kinds stand again."""
    rule = f"{{all: [low, {{sequence: {{of: [high, {INNER[inner]}], within: 1 h}}}}]}}"
    assert said_of(tmp_path, OUTER[outer].replace("INNER", rule)) == []


@cache
def editor() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text("hazard")))


def made_up(chance: random.Random, depth: int) -> str:
    """A rule, right or wrong."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(["high", "low"])
    inner = [made_up(chance, depth - 1) for _ in range(2)]
    both, by, within = ", ".join(inner), chance.choice(["datastream", "station", "zone", "group"]), "within: 5 km"
    more = chance.choice(["", f", by: {by}", f", by: {by}, {within}", f", {within}"])
    rule = {
        "not": f"{{not: {inner[0]}}}", "any": f"{{any: [{both}]}}", "all": f"{{all: [{both}]}}",
        "vote": f"{{vote: {{of: {inner[0]}, at_least: 2{more}}}}}",
        "sequence": f"{{sequence: {{of: [{both}], within: 1 h}}}}",
        "absence": f"{{absence: {{of: {inner[0]}, after: {inner[1]}, within: 1 h}}}}",
        "count": f"{{count: {{of: {inner[0]}, at_least: 2, within: 1 h}}}}",
        "promote": f"{{promote: {{to: yellow, items: {{level: {{yellow: {inner[0]}}}}}}}}}",
    }  # fmt: skip
    return rule[chance.choice([*rule, "vote", "vote", "not"])]


@pytest.mark.parametrize("seed", range(100))
def test_editors_refuse_what_the_check_refuses(seed: int, tmp_path: Path):
    rule = made_up(random.Random(seed), 4)
    said = said_of(tmp_path, rule)
    node = read_yaml(tmp_path / "hazard-nested.yaml", Problems().in_file("hazard-nested.yaml"))
    assert node is not None
    assert editor().is_valid(node.plain()) == (not said), (rule, said)
