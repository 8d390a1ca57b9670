"""Every shipped hazard is tested for the same cases: a table hazard x case, read from its scenario files.

A scenario says which cases it is (`shows`), a file which of them its hazard cannot have and why (`leaves_out`). Here is
asked whether the scenario has what makes the case; whether it is true, `tests/trial/test_scenarios.py` tells.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from streams.config.problems import Problems
from streams.trial.file import Scenario, scenarios
from streams.trial.model import Shown

ROOT = Path(__file__).parents[2]
PACKS = {path.stem: path for path in sorted((ROOT / "configs" / "hazards").glob("*.yaml"))}
CASES = get_args(Shown)
ON = ("first", "level_up", "reopened")
PENDING: set[str] = set()  # not yet brought into the table
#: a day after one day above 200 there are two running, or none
NO_WAY_DOWN_TO = {"heavy-pollution": {"blue"}}
Lines = list[dict[str, Any]]


@cache
def written(hazard: str) -> tuple[Scenario, ...]:
    """The scenarios of all files about one hazard: HAZARD.yaml, HAZARD-accepted.yaml."""
    names = [hazard, *(f"{hazard}-{more}" for more in ("accepted", "given", "cascades"))]
    paths = [ROOT / "tests" / "scenarios" / f"{name}.yaml" for name in names]
    return tuple(one for path in paths if path.exists() for one in scenarios(path, Problems()))


def showing(hazard: str, case: str) -> list[Scenario]:
    return [one for one in written(hazard) if case in one.case.shows]


def lines(scenario: Scenario, hazard: str, **wanted: Any) -> Lines:
    """Its expected commands, with what is wanted of them; those of other hazards do not count."""
    found = [one.model_dump(exclude_unset=True, mode="python") for one in scenario.case.expect or ()]
    ours = [one for one in found if one.get("hazard", hazard) == hazard]
    return [one for one in ours if all(one.get(key) == value for key, value in wanted.items())]


def every(hazard: str, case: str, **wanted: Any) -> Iterator[dict[str, Any]]:
    for one in showing(hazard, case):
        yield from lines(one, hazard, **wanted)


def checks(found: Lines) -> set[str]:
    return {evidence.get("check", "") for one in found for evidence in one.get("evidence") or ()}


def nevers(scenario: Scenario) -> list[dict[str, Any]]:
    given = [one.never for one in scenario.case.expect or () if one.never is not None]
    return [one.model_dump(exclude_unset=True) for one in given]


def levels_of(hazard: str) -> list[str]:
    return list(YAML(typ="safe").load(PACKS[hazard].read_text("utf-8"))["levels"])


def up(hazard: str) -> bool:
    said = {one.get("level") for reason in ON for one in every(hazard, "up", reason=reason)}
    return set(levels_of(hazard)) <= said


def down(hazard: str) -> bool:
    said = {one.get("level") for one in every(hazard, "down", reason="level_down")} | NO_WAY_DOWN_TO.get(hazard, set())
    ended = any(one.get("level") == "none" for one in every(hazard, "down", reason="ended"))
    return ended and set(levels_of(hazard)[:-1]) <= said


def flapping(hazard: str) -> bool:
    return all(
        len(lines(one, hazard, reason="first")) == 1 and {"reason": "reopened"} in nevers(one)
        for one in showing(hazard, "flapping")
    )


def stuck(hazard: str) -> bool:
    """Somebody sends the same again and again; what the alert says then is told."""
    return all(lines(one, hazard) or nevers(one) for one in showing(hazard, "stuck"))


def missing(hazard: str) -> bool:
    """It keeps its level, says that it has no data, and a person is prompted."""
    return all(
        any("holds" in said for said in lines(one, hazard))
        and lines(one, hazard, kind="health")
        and "gap" in checks(lines(one, hazard))
        for one in showing(hazard, "missing")
    )


def saturation(hazard: str) -> bool:
    """In doubt by itself, or by way of what is computed from it."""
    doubts = {"saturated", "suspect_before"}
    return all(doubts & checks(lines(one, hazard)) for one in showing(hazard, "saturation"))


def late(hazard: str) -> bool:
    return all(any("came" in said for said in lines(one, hazard)) for one in showing(hazard, "late"))


def silence(hazard: str) -> bool:
    """It mutes, it ends by itself."""
    return all(
        any(said.get("muted_by") for said in lines(one, hazard)) and lines(one, hazard, reason="unmuted")
        for one in showing(hazard, "silence")
    )


def timers(hazard: str) -> bool:
    """Nobody sends anything any more: what waits falls due all the same, and nothing is lowered."""
    return all(
        any("holds" in said for said in lines(one, hazard)) and {"reason": "ended"} in nevers(one)
        for one in showing(hazard, "timers")
    )


def outage(hazard: str) -> bool:
    """Nobody is called because everybody "was silent"."""
    return all(
        one.settings.outages and any(said.get("kind") == "health" for said in nevers(one))
        for one in showing(hazard, "outage")
    )


PROOF: dict[str, Callable[[str], bool]] = {
    "up": up, "down": down, "flapping": flapping, "stuck": stuck, "missing": missing, "saturation": saturation,
    "late": late, "silence": silence, "timers": timers, "outage": outage,
}  # fmt: skip


def left_out(hazard: str) -> dict[str, str]:
    return {case: why for one in written(hazard) for case, why in one.source.file.leaves_out.items()}


def test_every_case_has_its_proof():
    assert tuple(PROOF) == CASES


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("hazard", sorted(PACKS.keys() - PENDING))
def test_every_hazard_has_every_case(hazard: str, case: str):
    if case in left_out(hazard):
        assert len(left_out(hazard)[case]) > 20, "say why"
        assert not showing(hazard, case)
        return
    assert showing(hazard, case), f"no scenario of {hazard} shows {case}"
    assert PROOF[case](hazard), f"the scenario of {hazard} that shows {case} does not expect what makes the case"
