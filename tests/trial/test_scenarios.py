"""Every scenario of tests/scenarios, by the same runner as `tocsin test`."""

import re
from functools import cache
from pathlib import Path

import pytest

from streams.trial.session import Ready, files_of, open_session, run
from streams.trial.told import lines_of

ROOT = Path(__file__).parents[2]
FILES = files_of([ROOT / "tests" / "scenarios"])


def names(path: Path) -> list[str]:
    """The scenarios of a file. Reading all files properly takes seconds in each process that collects tests."""
    _, given, inside = path.read_text("utf-8").partition("\nscenarios:\n")
    return [name.strip("\"'") for name in re.findall(r"^  (\S.*):$", inside, re.MULTILINE)] if given else [path.stem]


NAMES = [(path, name) for path in FILES for name in names(path)]


@cache
def ready(path: Path) -> dict[str, Ready]:
    session = open_session([path], ROOT / "configs")
    assert not session.problems, "\n".join(map(str, session.problems[str(path)]))
    return {one.scenario.title: one for one in session.ready}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_can_be_run(path: Path):
    assert list(ready(path)) == names(path)


@pytest.mark.parametrize(("path", "name"), NAMES, ids=lambda one: one.stem if isinstance(one, Path) else one)
def test_scenario(path: Path, name: str):
    verdict = run(ready(path)[name])

    assert verdict.ok, "\n" + "\n".join(lines_of(verdict))


def test_the_example_of_the_documents_is_true(tmp_path: Path):
    text = (ROOT / "docs" / "testing.md").read_text("utf-8")
    (tmp_path / "example.yaml").write_text(text.split("```yaml\n")[1].split("```")[0], "utf-8")
    (one,) = open_session([tmp_path / "example.yaml"], ROOT / "configs").ready
    verdict = run(one)

    assert verdict.ok, "\n" + "\n".join(lines_of(verdict))
