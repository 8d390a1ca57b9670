import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streams.cli.schema import NAMES, schema


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(schema)
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})


def test_without_a_name_it_says_what_there_is(run):
    said = run().stdout

    assert all(name in said for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_one_is_printed(run, name: str):
    assert json.loads(run(name).stdout)["$schema"].startswith("https://json-schema.org/")


def test_all_are_written_and_checked(run, tmp_path: Path):
    assert run("--out-dir", tmp_path).exit_code == 0
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(NAMES)
    assert run("--out-dir", tmp_path, "--check").exit_code == 0

    (tmp_path / "hazard.json").write_text("{}", "utf-8")
    found = run("--out-dir", tmp_path, "--check")
    assert (found.exit_code, "hazard.json is not current" in found.stderr) == (1, True)


def test_those_that_are_named_are_written(run, tmp_path: Path):
    run("hazard", "--out-dir", tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["hazard.json"]


def test_an_unknown_name(run):
    found = run("hazrd")

    assert (found.exit_code, "hazard" in found.stderr) == (2, True)
