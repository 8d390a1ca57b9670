"""`tocsin publish` before it ever speaks to Kafka: every mistake ends with its place and exit 2."""

import json

import pytest
from typer.testing import CliRunner

from streams.cli import app
from tests.gateway.test_on_kafka import HAZARD, STATIONS, ZONES

GOOD = {"station": "QH-R-014", "property": "water_level", "time": "2026-07-20T14:03:00+08:00", "value": 3.21}
COLUMNS = ["--station", "QH-R-014", "--property", "water_level", "--time-column", "time", "--value-column", "stage"]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "configs"
    (made / "hazards").mkdir(parents=True)
    (made / "hazards/flood.yaml").write_text(HAZARD, encoding="utf-8")
    (made / "stations.csv").write_text(STATIONS)
    (made / "zones.geojson").write_text(json.dumps(ZONES))
    return made


def run(folder, *words):
    return CliRunner().invoke(app, ["publish", "--config", str(folder), "--kafka", "127.0.0.1:1", *map(str, words)])


def refused(result) -> str:
    assert result.exit_code == 2, result.output
    return " ".join(result.stderr.split())


def test_a_csv_mistake_names_file_line_and_column(folder, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("time,stage\n2026-07-20 14:03:00+08:00,1\n2026-07-20 14:04:00,2\n")
    said = refused(run(folder, "--csv", table, *COLUMNS))
    assert f"{table}:3:time: found '2026-07-20 14:04:00'; expected a time with a zone, or --tz" in said


def test_options_and_names_are_checked(folder, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("time,stage\n2026-07-20 14:03:00+08:00,1\n")
    assert "--station is needed" in refused(run(folder, "--csv", table))
    assert "no station" in refused(run(folder, "--csv", table, "--station", "nobody", *COLUMNS[2:]))
    assert "kg" in refused(run(folder, "--csv", table, *COLUMNS, "--unit", "kg"))
    assert "--speed" in refused(run(folder, "--csv", table, *COLUMNS, "--speed", "0"))
    assert "--status" in refused(run(folder, "--csv", table, *COLUMNS, "--status", "Real"))
    assert "no such file" in refused(run(folder, "--csv", tmp_path / "none.csv", *COLUMNS))
    assert "no file" in refused(run(folder))


def test_a_line_beyond_the_limit(folder, tmp_path):
    lines = tmp_path / "a.jsonl"
    lines.write_text(json.dumps(GOOD) + "\n" + json.dumps([GOOD] * 100_000) + "\n")
    said = refused(run(folder, lines))
    assert f"{lines}:2: too large" in said
