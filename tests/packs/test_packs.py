"""The shipped hazards: all are complete, sourced, tested by scenarios and told of in the documents."""

import math
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from detectors.transforms.beaufort import BOUNDS
from streams.config.problems import Problems
from streams.trial.file import scenarios

ROOT = Path(__file__).parents[2]
PACKS = {path.stem: path for path in sorted((ROOT / "configs" / "hazards").glob("*.yaml"))}
DEMO = sorted((ROOT / "configs" / "demo" / "hazards").glob("*.yaml"))
SCENARIOS = ROOT / "tests" / "scenarios"
BEGUN = date(2026, 11, 23)  # what the project proposes itself is no older than the project
OLDER = {"hj633", "guidance2024"}  # ours what its index means, from memory what its text says: as old as these


def read(name: str):
    return YAML(typ="safe").load(PACKS[name].read_text("utf-8"))


@pytest.mark.parametrize("name", PACKS)
def test_every_value_names_a_source_with_a_status(name: str):
    pack = read(name)
    for condition, body in pack["conditions"].items():
        assert body["source"] in pack["sources"], condition
    assert set(pack["sources"]) == {body["source"] for body in pack["conditions"].values()} | (
        {"gb39496"} if name == "tailings-pond" else set()
    )
    for source in pack["sources"].values():
        assert source["status"] in {"verified", "derived", "memory", "proposal", "local"}


@pytest.mark.parametrize("path", [*PACKS.values(), *DEMO], ids=str)
def test_every_source_says_from_when_on_it_holds(path: Path):
    """Without exception: of a proposal the day on which the project made it."""
    for name, source in YAML(typ="safe").load(path.read_text("utf-8"))["sources"].items():
        first = date.fromisoformat(source["valid_from"])
        assert first >= date(1980, 1, 1), name
        if source["status"] in {"proposal", "local", "memory"} and name not in OLDER:
            assert first >= BEGUN, name
        if "valid_to" in source:
            assert first < date.fromisoformat(source["valid_to"]), name


@pytest.mark.parametrize("name", PACKS)
def test_every_level_says_what_to_do_in_both_languages(name: str):
    pack = read(name)
    lowest, *others = pack["levels"]
    assert lowest not in pack["message"], "the lowest level is told by default"
    for level in ("default", *others):
        text = pack["message"][level]
        assert set(text["instruction"]) == {"zh", "en"}
        assert text["response"]
        assert all(len(said) > 15 for said in text["instruction"].values())


@pytest.mark.parametrize("name", PACKS)
def test_who_ends_an_alert(name: str):
    pack = read(name)
    assert pack["lower"]["end_red"] == "person"
    if pack["subject"] == "source" and name != "waterlogging":
        assert pack["lower"]["end"] == "person"


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_has_scenarios(name: str):
    titles = " ".join(one.title for one in scenarios(SCENARIOS / f"{name}.yaml", Problems()))
    assert "after an outage nobody is called for silence" in titles
    assert "late" in titles
    assert "silence" in titles
    assert "end of" in titles or name == "rainstorm-signal-equivalent"


@pytest.mark.parametrize("name", PACKS)
def test_the_page_of_hazards_names_every_pack(name: str):
    assert f"| `{name}` |" in (ROOT / "docs" / "hazards.md").read_text("utf-8")


@pytest.mark.parametrize("force", range(1, 15))
def test_the_bounds_of_the_forces_are_those_of_the_formula(force: int):
    assert BOUNDS[force - 1] == pytest.approx(0.836 * math.pow(force - 0.5, 1.5), abs=0.1)


@pytest.mark.parametrize("name", ["gale-signal-equivalent", "typhoon-signal-equivalent"])
def test_winds_begin_at_the_bounds_of_their_forces(name: str):
    pack = read(name)
    for condition, body in pack["conditions"].items():
        if "of" in body:
            force = int(condition.split("_")[1])
            assert float(body["at_least"].split()[0]) == BOUNDS[force - 1], condition
            assert body["source"] == ("cma16" if force <= 8 else "formula"), condition
