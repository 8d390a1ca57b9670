import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streams import topics as cluster
from streams.cli import topics
from tests.config.samples import CORPUS

MISSING = [cluster.Difference("readings", "topic", "missing", "16 partitions")]


@pytest.fixture
def run(tmp_path: Path):
    folder = shutil.copytree(CORPUS / "base", tmp_path / "configs")
    app = typer.Typer()
    app.command()(topics.apply)
    app.command()(topics.check)
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--config", str(folder)], env={"COLUMNS": "200"})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, list]:
    found: dict[str, list] = {"compare": [], "apply": []}
    monkeypatch.setattr(cluster, "compare", lambda _app, _topics: found["compare"])
    monkeypatch.setattr(cluster, "apply", lambda _app, _topics: found["apply"])
    return found


def test_good(run, answers):
    assert run("check").exit_code == 0


def test_differences(run, answers):
    answers["compare"] = MISSING

    result = run("check")

    assert result.exit_code == 1
    assert "readings" in result.stderr
    assert "16 partitions" in result.stderr


def test_apply_says_what_it_made(run, answers):
    answers["apply"] = ["readings"]

    result = run("apply")

    assert result.exit_code == 0
    assert "1 topics created" in result.stdout


def test_json(run, answers):
    answers["compare"] = MISSING
    expected = {"topic": "readings", "key": "topic", "found": "missing", "wanted": "16 partitions"}

    assert json.loads(run("apply", "--json").stdout) == {"ok": False, "created": [], "differences": [expected]}


def test_no_broker(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster, "_TIMEOUT_MS", 500)

    result = run("check", "--kafka", "127.0.0.1:1")

    assert result.exit_code == 2
    assert "127.0.0.1:1" in result.stderr


def test_bad_configuration(tmp_path: Path):
    app = typer.Typer()
    app.command()(topics.check)

    assert CliRunner().invoke(app, ["--config", str(tmp_path)]).exit_code == 2
