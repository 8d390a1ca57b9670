import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streams.cli.check import check
from tests.config.samples import CORPUS, folder_with


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(check)
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CORPUS / "base", tmp_path / "configs"))


def test_good(run, folder: Path):
    result = run("--config", folder)

    assert result.exit_code == 0
    assert "2 zones, 2 stations, 2 datastreams, 1 hazard, 0 warnings" in result.stdout
    assert "timer, red: person" in result.stdout


def test_which_zone_has_datastreams_for_which_hazard(run, folder: Path):
    result = run("--config", folder, "--coverage")
    assert result.exit_code == 0
    assert "none for" in result.stdout
    assert "none for" not in run("--config", folder).stdout
    told = json.loads(run("--config", folder, "--coverage", "--json", "--strict").stdout)
    assert told["ok"] is True
    assert told["coverage"] == {"Z1": {"flood": 2}, "Z2": {"flood": 0}}


def test_bad(run, tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "bad" / "hazard-several.yaml")

    result = run("--config", folder)

    assert result.exit_code == 2
    assert f"{folder}/hazards/flood.yaml:4:10  subject" in result.stderr
    assert "nearest   reach" in result.stderr
    assert "4 problems" in result.stderr
    assert result.stdout == ""


def test_the_folder_may_come_from_the_environment(run, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOCSIN_CONFIG", str(folder))

    assert run().exit_code == 0


def test_json_of_a_bad_one(run, tmp_path: Path):
    result = run("--json", "--config", folder_with(tmp_path, CORPUS / "bad" / "hazard-unknown-key.yaml"))

    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["ok"]) == (2, False)
    assert answer["errors"][0]["line"] == 7
    assert answer["errors"][0]["nearest"] == "at_least"


def test_json_of_a_good_one(run, folder: Path):
    answer = json.loads(run("--json", "--config", folder).stdout)

    assert (answer["ok"], answer["zones"], answer["hazards"], answer["warnings"]) == (True, 2, ["flood"], [])


def test_strict_makes_warnings_errors(run, tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good" / "hazard-least.yaml")

    assert run("--config", folder).exit_code == 0
    refused = run("--config", folder, "--strict")
    assert refused.exit_code == 2
    assert "refused, as warnings count" in refused.stdout
    assert "good" not in refused.stdout.splitlines()[-2]


def test_markup_in_a_file_is_only_text(run, folder: Path):
    path = folder / "hazards" / "flood.yaml"
    path.write_text(path.read_text("utf-8").replace("subject: reach", 'subject: "[red]x[/nonsense]"'), "utf-8")

    assert "[red]x[/nonsense]" in run("--config", folder).stderr


def test_levels_that_wait_for_a_confirmation_are_in_brackets(run, tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "warned" / "hazard-memory.yaml")

    assert "yellow (red)" in run("--config", folder).stdout
    assert run("--config", folder, "--strict").exit_code == 2
    assert "from memory" in json.loads(run("--json", "--config", folder).stdout)["inactive"]["flood"]["red"]
