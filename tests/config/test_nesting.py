"""Which rules may stand within which: docs/configuration.md has the same table."""

from pathlib import Path

import pytest

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
