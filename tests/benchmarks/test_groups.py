import json
from itertools import count

import pytest

from benchmarks.__main__ import Session, chosen, listed, main
from benchmarks.figures import Figure
from benchmarks.groups import GROUPS


def test_only_picks_a_group_or_one_figure():
    assert chosen("") == {group: list(names) for group, names in GROUPS.items()}
    assert set(chosen("pipeline")) == {"pipeline"}
    assert chosen("pipeline.growth") == {"pipeline": ["growth"]}


@pytest.mark.parametrize("only", ["nothing", "pipeline.nothing"])
def test_what_is_not_there_is_refused(only: str):
    with pytest.raises(SystemExit, match="there is no"):
        chosen(only)


def test_every_figure_says_what_it_is():
    assert all(len(line.split(maxsplit=1)) == 2 for line in listed().splitlines())


def test_a_failure_leaves_the_other_figures(monkeypatch: pytest.MonkeyPatch):
    def bad(_):
        raise RuntimeError("no broker\nwith many lines")

    monkeypatch.setitem(GROUPS, "made_up", {"bad": bad, "good": lambda _: []})
    session = Session(quick=True, quiet=True)
    session.round({"made_up": ["bad", "good"]})
    assert session.failed == {"made_up.bad": "RuntimeError: no broker"}
    assert "made_up.good" in session.machine


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The command line, with one figure that gets worse each time it is measured, and one that cannot be had."""
    values = count(2)

    def worse(_):
        return [Figure("made_up.worse", float(next(values)), must=2.5, at_most=True, beside="raw 1")]

    def none(_):
        raise RuntimeError("no broker")

    monkeypatch.setitem(GROUPS, "made_up", {"worse": worse, "none": none})

    def run(*words: str, code: int = 0):
        monkeypatch.setattr("sys.argv", ["benchmarks", *words])
        assert main() == code
        return capsys.readouterr()

    return run


def test_each_figure_once_and_one_that_is_missed_is_no_failure(bench):
    assert "2.00" in bench("--only", "made_up.worse").out
    assert "missed" in bench("--only", "made_up.worse").out


def test_full_is_three_times_with_the_spread_and_what_else_the_machine_did(bench):
    said = bench("--only", "made_up.worse", "--full")
    assert "3.00 (2.00 … 4.00)" in said.out
    assert said.err.count("steal") == said.err.count("load") == 3


def test_json_is_one_object_with_figures_baseline_steal_and_load(bench):
    said = json.loads(bench("--only", "made_up", "--json", code=1).out)
    (figure,) = said["figures"]
    assert (figure["name"], figure["value"], figure["mark"], figure["beside"]) == (
        "made_up.worse",
        2.0,
        "must",
        "raw 1",
    )
    assert said["beside"]["made_up.worse"].keys() >= {"steal", "others", "load"}
    assert said["failed"] == {"made_up.none": "RuntimeError: no broker"}
