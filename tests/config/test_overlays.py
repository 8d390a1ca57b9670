"""What a site sets over a hazard file, and what waits until it does."""

import shutil
from pathlib import Path

import pytest

from streams.config import Loaded, load
from streams.models.site import Condition, Threshold
from tests.config.samples import CORPUS, folder_with


def loaded(tmp_path: Path, name: str) -> Loaded:
    return load(folder_with(tmp_path, CORPUS / name))


def test_values_rules_and_texts(tmp_path: Path):
    hazard = loaded(tmp_path, "good/overlay-sets.yaml").site.hazards["flood"]
    high = hazard.conditions["high"]

    assert isinstance(high, Condition)
    assert (high.thr_on, high.samples, high.source) == (Threshold(None, 2.5, "m"), (3, 5), "overlay")
    assert hazard.sources["overlay"] == {
        "cite": "set by overlays/flood.yaml", "status": "local", "valid_from": None, "valid_to": None,
    }  # fmt: skip
    assert hazard.levels[1] == {"any": ["high", "rise"]}
    assert hazard.lower.after == 2 * 3600 * 1_000_000
    assert hazard.message.texts[0].instruction["en"] == "Watch the Qingling."


def test_an_overlay_is_part_of_the_version(tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good/overlay-sets.yaml")
    changed = load(folder).site
    shutil.rmtree(folder / "overlays")
    plain = load(folder).site

    assert changed.hazards["flood"].version != plain.hazards["flood"].version
    assert changed.version != plain.version


def test_an_overlay_that_sets_what_is_there_changes_nothing(tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good/overlay-sets.yaml")
    (folder / "overlays/flood.yaml").write_text(
        "schema: tocsin.overlay/1\nhazard: flood\nset: {conditions.high.at_least: 2 m}\n", "utf-8"
    )
    same = load(folder).site.hazards["flood"]
    shutil.rmtree(folder / "overlays")

    assert same.version == load(folder).site.hazards["flood"].version


def test_null_takes_a_key_away(tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good/overlay-sets.yaml")
    (folder / "overlays/flood.yaml").write_text(
        "schema: tocsin.overlay/1\nhazard: flood\nset: {levels.blue: null, conditions.high: null}\n", "utf-8"
    )
    hazard = load(folder).site.hazards["flood"]

    assert (list(hazard.conditions), hazard.levels) == (["warn"], {2: "warn"})


def test_what_is_from_memory_is_not_active(tmp_path: Path):
    found = loaded(tmp_path, "warned/hazard-memory.yaml")
    hazard = found.site.hazards["flood"]

    assert (list(hazard.conditions), hazard.levels) == (["high"], {2: "high"})
    assert hazard.inactive == {4: "the source of conditions.x is from memory and nobody has confirmed it"}
    (warning,) = found.warnings
    assert (warning.where, "hazard flood" in warning.found, "red" in warning.found) == ("levels.red", True, True)


def test_a_person_may_accept_what_is_from_memory(tmp_path: Path):
    found = loaded(tmp_path, "good/site-memory-accepted")
    hazard = found.site.hazards["flood"]

    assert (hazard.levels[4], hazard.inactive, found.warnings) == ("x", {}, [])
    assert hazard.sources["s"]["accepted_by"] == "Zhang San"


def test_accepting_is_part_of_the_version(tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good/site-memory-accepted")
    accepted = load(folder).site.hazards["flood"].version
    shutil.rmtree(folder / "overlays")

    assert load(folder).site.hazards["flood"].version != accepted


def test_accepting_one_level_is_not_accepting_another(tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good/site-memory-accepted")
    overlay = folder / "overlays/flood.yaml"
    overlay.write_text(overlay.read_text("utf-8").replace("[red]", "[blue]"), "utf-8")

    assert list(load(folder).site.hazards["flood"].inactive) == [4]


def test_a_value_in_an_overlay_is_confirmed(tmp_path: Path):
    hazard = loaded(tmp_path, "good/site-memory-given").site.hazards["flood"]
    condition = hazard.conditions["x"]

    assert isinstance(condition, Condition)
    assert (condition.thr_on, condition.source, hazard.inactive) == (Threshold(None, 3.3, "m"), "overlay", {})


def test_a_person_accepts_what_an_overlay_leaves_from_memory(tmp_path: Path):
    hazard = loaded(tmp_path, "good/site-memory-partly-given-and-accepted").site.hazards["flood"]

    assert (hazard.levels[4], hazard.conditions["x"].source) == ("x", "s")
    assert hazard.sources["s"]["accepted_by"] == "Zhang San"


@pytest.mark.parametrize("name", ["site-memory-forecast-given", "site-memory-all-seasons-given"])
def test_a_condition_is_active_when_all_that_decides_is_given(tmp_path: Path, name: str):
    hazard = loaded(tmp_path, f"good/{name}").site.hazards["flood"]

    assert (hazard.levels[4], hazard.conditions["x"].source, hazard.inactive) == ("x", "overlay", {})


@pytest.mark.parametrize("name", ["site-memory-within-only", "site-memory-one-season-only"])
def test_a_condition_of_which_a_part_is_given_still_waits(tmp_path: Path, name: str):
    hazard = loaded(tmp_path, f"warned/{name}").site.hazards["flood"]

    assert (list(hazard.levels), list(hazard.inactive), list(hazard.conditions)) == ([2], [4], ["high"])


def test_different_persons_may_accept_different_levels(tmp_path: Path):
    hazard = loaded(tmp_path, "good/site-two-accept-different-levels").site.hazards["flood"]

    assert hazard.sources["s"]["accepted_by"] == "Zhang San, Li Si"


def test_what_is_local_waits_for_the_site(tmp_path: Path):
    waiting = loaded(tmp_path / "a", "warned/hazard-local-values.yaml").site.hazards["flood"]
    given = loaded(tmp_path / "b", "good/site-local-given").site.hazards["flood"]

    assert (list(waiting.levels), list(waiting.inactive)) == ([2], [1, 3, 4])
    assert waiting.inactive[4] == "conditions.x.at_least is `local`: the site has not given a value"
    assert waiting.inactive[3] == "levels.orange is `local`: the site has not given a rule"
    assert (list(given.levels), given.inactive) == ([2, 3, 4], {})


def test_hazards_that_are_not_used_are_checked_and_left_out(tmp_path: Path):
    assert list(loaded(tmp_path, "good/site-two-editions").site.hazards) == ["flood-town"]
