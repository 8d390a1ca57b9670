"""`tocsin replay`: the same core over files, twice the same bytes."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from streams.cli import app
from streams.models.site import AlertCondition
from streams.replay import Replay
from tests.core.sites import above, hazard, site, stream

ZONES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "Z1", "name_zh": "一区", "name_en": "One", "parent": None, "unit": "u"},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
        }
    ],
}
HAZARD = """\
schema: tocsin.hazard/1
hazard: flood
name: {zh: 洪水, en: Flood}
subject: reach
inputs: {stage: {property: water_level, unit: m}}
conditions:
  high: {of: stage, at_least: 3 m, clear_below: 2.8 m}
  long: {of: stage, at_least: 4 m, for: 10 min}
  calls: {reports: [flooding], at_least: 2, within: 30 min}
levels: {blue: {any: [high, calls]}, yellow: long}
lower: {after: 1 h, end: timer, end_red: timer}
message: {event: {cap: OET-081, category: Met}, default: {instruction: {zh: 注意, en: Take care}}}
"""


@dataclass
class FileRecord:
    topic: str
    key: bytes
    value: bytes

    @property
    def latest(self):
        return round(json.loads(self.value)["time"] * 1_000_000)


def test_alerts_of_other_hazards_come_back_in_order():
    works = hazard([AlertCondition("other", "flood", 1)], {2: "other"}, name="works", subject="zone", prop="none")
    more = hazard([AlertCondition("other", "works", 2)], {3: "other"}, name="more", subject="zone", prop="none")
    the_site = site([stream()], hazard([above("high", 3, 2.5)], {1: "high"}), works, more)
    bodies = [{"station": "S1", "property": "water_level", "time": 60 * m, "value": v} for m, v in ((0, 4), (9, 1))]
    records = [FileRecord("readings", b"S1", json.dumps(b | {"time": 1e9 + b["time"]}).encode()) for b in bodies]
    said = [(c.hazard, c.level) for c in Replay(the_site, str).run(records)]
    assert said[:3] == [("flood", "blue"), ("works", "yellow"), ("more", "orange")]
    assert said[3:] == [("flood", None), ("works", None), ("more", None)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("site")
    (found / "app.yaml").write_text("timezone: UTC\n")
    (found / "stations.csv").write_text("station,property,unit,zone,interval\nS1,water_level,m,Z1,5 min\n")
    (found / "zones.geojson").write_text(json.dumps(ZONES))
    (found / "hazards").mkdir()
    (found / "hazards/flood.yaml").write_text(HAZARD)
    return found


def line(minute, value, **more):
    at = f"2026-07-20T{8 + minute // 60:02}:{minute % 60:02}:00Z"
    return json.dumps({"station": "S1", "property": "water_level", "time": at, "value": value, **more})


def replay(folder, lines, *words, code=0):
    path = folder / "in.jsonl"
    path.write_text("\n".join(lines) + "\n")
    result = CliRunner().invoke(app, ["replay", str(path), "--config", str(folder), *words])
    assert result.exit_code == code, result.output
    return [json.loads(found) for found in result.stdout.splitlines()], result.stderr


def told(commands):
    return [(c["time"][11:16], c["reason"], c["level"]) for c in commands if c["kind"] == "alert"]


def test_levels_holds_and_lowering_in_phenomenon_time(folder):
    quiet = [line(minute, 1) for minute in range(20, 90, 5)]
    commands, _ = replay(folder, [line(0, 1), line(5, 4.1), line(10, 4.2), line(15, 4.2), *quiet])
    assert told(commands) == [
        ("08:05", "first", "blue"),
        ("08:15", "level_up", "yellow"),
        ("09:20", "ended", None),
    ]
    assert all("stages" not in command for command in commands)
    assert list(commands[0])[:5] == ["id", "schema", "kind", "msg_type", "status"]


def test_it_stops_after_the_last_record_unless_told_until_when(folder):
    lines = [line(0, 3), line(5, 1)]
    assert told(replay(folder, lines)[0]) == [("08:00", "first", "blue")]
    silent, _ = replay(folder, lines, "--until", "2026-07-20 10:00:00Z")
    assert [c["subject"] for c in silent] == ["S1", "health:Z1", "coverage:flood:Z1"]  # silence holds the lowering back


def test_flawed_lines_are_named_and_left_out(folder):
    lines = [line(0, 3), '{"station": "S1"', line(5, "high"), line(10, 1, station="S9"), line(10, 3.5)]
    commands, errors = replay(folder, lines)
    assert told(commands) == [("08:00", "first", "blue")]
    assert "in.jsonl:2" in errors
    assert "in.jsonl:3" in errors
    assert "1 unknown_station" in errors
    _, errors = replay(folder, lines, "--strict", code=2)
    assert "in.jsonl:2" in errors


def test_reports_take_their_turn(folder):
    def report(minute, who):
        at = f"2026-07-20T08:{minute:02}:00Z"
        body = {"id": f"r{minute}", "kind": "flooding", "time": at, "zone": "Z1", "source": "citizen", "reporter": who}
        return json.dumps(body)

    commands, _ = replay(folder, [report(1, "a"), report(2, "a"), report(3, "b")])
    assert told(commands) == [("08:03", "first", "blue")]
    assert commands[0]["reports"] == 2
    assert '"a"' not in json.dumps(commands)


def test_a_bad_time_for_until_is_refused(folder):
    assert "with a zone" in replay(folder, [line(0, 1)], "--until", "2026-07-20T10:00:00", code=2)[1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([None, 1, 2.9, 3.1, 4.5]), min_size=1, max_size=30))
def test_twice_the_same_bytes(folder, values):
    lines = [line(5 * i, value) for i, value in enumerate(values)]
    assert replay(folder, lines) == replay(folder, lines)
