"""docs/dependencies.md tells of exactly the distributions that pyproject.toml asks for."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
ROW = re.compile(r"^\| `([\w.-]+)` \|(.*)\|$", re.MULTILINE)


def name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found[0]


def plain(distribution: str) -> str:
    """`ruamel.yaml`, `ruamel_yaml` and `Ruamel-YAML` are one distribution."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def listed(page: str) -> list[str]:
    return [row[1] for row in ROW.finditer(page)]


def test_every_runtime_dependency_has_its_reason():
    runtime, _, extra = PAGE.partition("## Extra")
    assert sorted(listed(runtime)) == sorted(map(name, PROJECT["dependencies"]))
    assert sorted(listed(extra)) == sorted(map(name, PROJECT["optional-dependencies"]["demo"]))


@pytest.mark.parametrize("row", ROW.findall(PAGE), ids=lambda row: row[0])
def test_a_row_says_everything(row: tuple[str, str]):
    cells = [cell.strip() for cell in row[1].split("|")]
    assert len(cells) == 4
    assert all(cells), f"{row[0]}: an empty cell"


def test_the_exact_pins_are_the_ones_explained():
    exact = {name(r): r for r in PROJECT["dependencies"] if "==" in r}
    section = PAGE.partition("## Pinned to one version")[2].partition("## In a range")[0]
    assert sorted(listed(section)) == sorted(exact)
    for distribution, requirement in exact.items():
        assert f"`{requirement.removeprefix(distribution)}`" in section


def imported() -> set[str]:
    found: set[str] = set()
    for path in (path for folder in ("streams", "detectors") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"streams", "detectors"}


def test_what_the_code_imports_is_asked_for():
    """A distribution that only comes in with another one can go with it."""
    asked = {plain(name(r)) for r in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["demo"]]}
    brought_by = packages_distributions()
    unasked = {m for m in imported() if not asked & {plain(d) for d in brought_by.get(m, [])}}
    assert not unasked, f"not in pyproject.toml: {sorted(unasked)}"
