import pytest

from benchmarks.__main__ import Session, chosen, listed
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
