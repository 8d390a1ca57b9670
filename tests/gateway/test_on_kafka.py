"""The doors, `publish`, `rejects` and `record` on a real Kafka, as processes."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from streams.gateway.log_reader import open_log
from streams.models.partition import partition_of
from streams.models.settings import App, Kafka, Topics
from streams.topics import apply

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
STATIONS = (
    "station,property,unit,zone,interval\nQH-R-014,water_level,m,QH-03,5 min\nQH-R-015,water_level,m,QH-03,5 min\n"
)
SQUARE = [[113, 23], [114, 23], [114, 24], [113, 24], [113, 23]]
ZONES = {
    "type": "FeatureCollection",
    "features": [{
        "type": "Feature",
        "properties": {"id": "QH-03", "name_zh": "区", "name_en": "Zone", "parent": None, "unit": "unit"},
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
    }],
}  # fmt: skip
HAZARD = """
schema: tocsin.hazard/1
hazard: flood
name: {zh: 洪水, en: Flood}
subject: station
inputs: {stage: {property: water_level, unit: m}}
conditions: {high: {of: stage, at_least: 3 m, clear_below: 2.8 m}}
levels: {blue: high}
lower: {after: 1 h, end: timer, end_red: person, reopen: 1 h}
quality: {suspect_raises_at_most: yellow, checks: [range, stuck, gap]}
message: {event: {cap: OET-081, category: Met}, expires: 6 h, default: {instruction: {zh: 注意, en: Take care}}}
"""
GOOD = {"station": "QH-R-014", "property": "water_level", "time": "2026-07-20T14:03:00+08:00", "value": 3.21}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("configs")
    (made / "stations.csv").write_text(STATIONS)
    (made / "zones.geojson").write_text(json.dumps(ZONES))
    (made / "hazards").mkdir()
    (made / "hazards/flood.yaml").write_text(HAZARD, encoding="utf-8")
    return made


@pytest.fixture
def bootstrap(kafka):
    apply(App(kafka=Kafka(bootstrap=kafka.bootstrap)), Topics())
    return kafka.bootstrap


def tocsin(folder, bootstrap, *words, **more):
    env = {**os.environ, "TOCSIN_CONFIG": str(folder), "KAFKA": bootstrap, "TOCSIN_PRIVACY_KEY": "key"}
    command = [sys.executable, "-m", "streams", *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=ROOT, timeout=120, **more)


async def everything(bootstrap, topic):
    async with open_log(Kafka(bootstrap=bootstrap), [topic]) as log:
        return [record async for records in log.records() for record in records]


def of(bootstrap, topic, key):
    return [r for r in asyncio.run(everything(bootstrap, topic)) if r.key == key]


@pytest.fixture
def gateway(folder, bootstrap, tmp_path):
    env = {**os.environ, "TOCSIN_CONFIG": str(folder), "KAFKA": bootstrap}
    command = [sys.executable, "-m", "streams", "gateway", "--port", "0", "--run-dir", str(tmp_path)]
    process = subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        told = tmp_path / "gateway.json"
        deadline = time.monotonic() + 30
        while not told.exists():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        url = f"http://127.0.0.1:{json.loads(told.read_text())['port']}"
        while httpx.get(f"{url}/healthz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        assert process.wait(10) is not None


def test_what_the_door_accepts_is_in_kafka(gateway, bootstrap):
    body = [GOOD, {**GOOD, "station": "QH-R-015"}, {**GOOD, "station": "nobody"}, {**GOOD, "value": "x"}]
    answer = httpx.post(f"{gateway}/v1/observations", json=body)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    assert [(r["index"], r["reason"]) for r in answer.json()["rejected"]] == [(2, "unknown_station"), (3, "wrong_type")]
    (record,) = of(bootstrap, "readings", b"QH-R-015")
    assert record.partition == partition_of(b"QH-R-015", 16)
    (reject,) = [json.loads(r.value) for r in of(bootstrap, "rejects", b"nobody")]
    assert json.loads(base64.b64decode(reject["raw_base64"])) == body


def test_ten_megabytes_are_answered_and_the_door_lives(gateway):
    answer = httpx.post(f"{gateway}/v1/observations", content=b"[" + b" " * 10_000_000 + b"]")
    assert answer.status_code == 413
    streamed = httpx.post(f"{gateway}/v1/observations", content=(b" " * 100_000 for _ in range(100)))
    assert streamed.status_code == 413
    assert httpx.post(f"{gateway}/v1/observations", json=GOOD).status_code == 202
    assert 'reason="too_large",stage="gateway",topic="readings"} 2.0' in httpx.get(f"{gateway}/metrics").text


def test_publish_a_csv_and_record_it(folder, bootstrap, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("time,stage\n" + "".join(f"2026-07-19 {h:02}:00:00+08:00,{h}\n" for h in range(24)))
    options = ["--csv", table, "--station", "QH-R-014", "--property", "water_level", "--time-column", "time",
               "--value-column", "stage", "--unit", "[ft_i]", "--json"]  # fmt: skip
    done = tocsin(folder, bootstrap, "publish", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["published"] == 24
    sent = [json.loads(r.value) for r in of(bootstrap, "readings", b"QH-R-014")]
    assert [s["value"] for s in sent if isinstance(s, dict) and s.get("unit") == "[ft_i]"] == [
        float(h) for h in range(24)
    ]
    done = tocsin(folder, bootstrap, "record", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out/readings.jsonl").read_text().splitlines()
    assert json.loads(done.stdout)["records"]["readings"] == len(lines) >= 24
    again = tocsin(folder, bootstrap, "record", tmp_path / "out")
    assert again.returncode == 2
    assert "exists" in again.stderr


def test_publish_refuses_ten_megabytes_before_anything_is_sent(folder, bootstrap, tmp_path):
    file = tmp_path / "a.jsonl"
    small = {**GOOD, "station": "QH-R-015", "id": "never-sent"}
    file.write_text(json.dumps(small) + "\n" + json.dumps([GOOD] * 120_000) + "\n")
    done = tocsin(folder, bootstrap, "publish", file)
    assert done.returncode == 2
    assert f"{file}:2: too large" in done.stderr
    assert not [r for r in of(bootstrap, "readings", b"QH-R-015") if b"never-sent" in r.value]


def test_rejects_are_listed_shown_and_sent_again(folder, bootstrap, gateway):
    body = {**GOOD, "station": "QH-R-099", "id": "redriven"}
    assert httpx.post(f"{gateway}/v1/observations", json=body).status_code == 422
    listed = tocsin(folder, bootstrap, "rejects", "list", "--reason", "unknown_station", "--topic", "door", "--json")
    assert listed.returncode == 0, listed.stderr
    found = [r for r in map(json.loads, listed.stdout.splitlines()) if r["key"] == "QH-R-099"]
    shown = tocsin(folder, bootstrap, "rejects", "show", found[0]["id"])
    assert json.loads(json.loads(shown.stdout)["raw"]) == body
    assert "unknown_station" in tocsin(folder, bootstrap, "rejects", "list", "--since", "1 h").stdout
    still = tocsin(folder, bootstrap, "rejects", "redrive", found[0]["id"], "--json")
    assert json.loads(still.stdout) == {"redriven": 1, "records": 0, "still_refused": 1}
    stations = folder / "stations.csv"
    try:
        stations.write_text(STATIONS + "QH-R-099,water_level,m,QH-03,5 min\n")
        done = tocsin(folder, bootstrap, "rejects", "redrive", found[0]["id"], "--json")
    finally:
        stations.write_text(STATIONS)
    assert json.loads(done.stdout) == {"redriven": 1, "records": 1, "still_refused": 0}
    assert [json.loads(r.value) for r in of(bootstrap, "readings", b"QH-R-099")] == [body]
