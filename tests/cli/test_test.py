import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streams.cli.test import run as command
from tests.trial.given import CONFIG, HEAD

GOOD = HEAD + "until: 5 min\nreadings: [{station: R1, constant: 2.5}]\nexpect: [{level: blue}]\n"


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(command)
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in ("--config", CONFIG, *arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "scenarios"
    inner.mkdir()
    (inner / "good.yaml").write_text(GOOD, "utf-8")
    (inner / "_base.yaml").write_text(HEAD, "utf-8")
    return inner


def test_good(run, folder: Path):
    result = run(folder)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "1 scenario: 1 as expected" in result.stdout


def test_what_did_not_come_is_told_and_exits_1(run, folder: Path):
    (folder / "bad.yaml").write_text(GOOD.replace("level: blue}]", "level: red}]"), "utf-8")

    result = run(folder)

    assert result.exit_code == 1
    assert "level  expected red, came blue" in result.stdout
    assert "2 scenarios: 1 as expected, 1 not" in result.stdout


def test_files_that_cannot_be_read_exit_2_and_the_others_run(run, folder: Path):
    (folder / "bad.yaml").write_text(GOOD.replace("station: R1, const", "station: R2, const"), "utf-8")
    (folder / "worse.yaml").write_text("a: [", "utf-8")
    report = folder / "report.xml"

    result = run(folder, "--junit", report)

    assert result.exit_code == 2
    assert "bad.yaml:" in result.stderr
    assert "worse.yaml:1:" in result.stderr
    assert "1 scenario: 1 as expected, 2 files cannot be run" in result.stdout
    assert 'tests="3" failures="0" errors="2"' in report.read_text("utf-8")


def test_only_some(run, folder: Path):
    (folder / "bad.yaml").write_text(GOOD.replace("level: blue}]", "level: red}]"), "utf-8")

    assert run(folder, "-k", "GOOD").exit_code == 0
    assert run(folder, "-k", "b*d").exit_code == 1
    assert "no scenario fits 'ugly'" in run(folder, "-k", "ugly").stderr


def test_update_writes_what_came(run, folder: Path):
    (folder / "good.yaml").write_text(GOOD.replace("level: blue}]", "level: red}]"), "utf-8")

    result = run(folder, "--update")

    assert result.exit_code == 0
    assert "look at what changed" in result.stdout
    assert run(folder).exit_code == 0


def test_json(run, folder: Path):
    found = json.loads(run(folder, "--json").stdout)

    assert (found["ok"], found["errors"], [one["name"] for one in found["scenarios"]]) == (True, [], ["good"])


def test_the_folder_of_the_configuration(run, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    assert run("--config", tmp_path).exit_code == 0
    assert run("--config", tmp_path / "none").exit_code == 2
