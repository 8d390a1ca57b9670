"""The whole job on a real Kafka and a real Valkey: bad input, people's acts, and a database that goes away."""

import base64
import json
import time
import urllib.error
import urllib.request

import pytest
import redis
from kafka import KafkaProducer

from tests.e2e.test_river import square
from tests.e2e.whole import Whole, once
from tests.servers.valkey import Redis

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
STATIONS = """\
station,property,unit,zone,interval,lon,lat,hard_max
S1,water_level,m,Z1,10 min,0.5,0.5,99
S2,water_level,m,Z2,10 min,2.5,0.5,99
"""
HAZARD = """\
schema: tocsin.hazard/1
hazard: flood
name: {zh: 洪水, en: Flood}
subject: reach
inputs: {stage: {property: water_level, unit: m}}
conditions:
  high: {of: stage, at_least: 3 m, clear_below: 2.8 m}
  top: {of: stage, at_least: 6 m, clear_below: 5.8 m}
levels: {blue: high, red: top}
lower: {after: 0 s, end: timer, end_red: person}
message: {event: {cap: OET-081, category: Met}, default: {instruction: {zh: 注意, en: Take care}}}
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    server = Redis(tmp_path_factory.mktemp("database"))
    yield server.start()
    server.kill()


@pytest.fixture(scope="module")
def job(tmp_path_factory, kafka, database):
    whole = Whole(tmp_path_factory.mktemp("job") / "site", kafka.bootstrap, database.url, {"readings": 2})
    whole.write("stations.csv", STATIONS)
    zones = {"type": "FeatureCollection", "features": [square("Z1", 0), square("Z2", 2)]}
    whole.write("zones.geojson", json.dumps(zones))
    whole.write("hazards/flood.yaml", HAZARD)
    whole.make_topics()
    with whole.worker("observe,assess,deliver.feed,deliver.redis,deliver.audit") as process:
        whole.process = process
        yield whole


class Publisher:
    """What a gateway would send, good or bad; times go on from now."""

    def __init__(self, job):
        self.producer = KafkaProducer(bootstrap_servers=job.bootstrap)

    def send(self, value, key=b"S1", **more):
        return self.producer.send("readings", key=key, value=value, **more).get(10)

    def value(self, value, station="S1", at=None, **more):
        body = {"station": station, "property": "water_level", "time": at or time.time(), "value": value, **more}
        return self.send(json.dumps(body).encode(), station.encode())


@pytest.fixture
def publisher(job):
    found = Publisher(job)
    yield found
    found.producer.close()


def latest(job, subject):
    """The newest command about a subject."""
    return next((c for c in reversed(once(job.feed())) if c["kind"] == "alert" and c["subject"] == subject), None)


def metric(job, name, **labels):
    """Sum over the roles' metrics."""
    total = 0.0
    for path in (job.folder / "run").glob("*-0.json"):
        port = json.loads(path.read_text())["port"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + "{") and all(f'{k}="{v}"' in line for k, v in labels.items()):
                    total += float(line.rsplit(" ", 1)[1])
    return total


GOOD = {"station": "S1", "property": "water_level", "value": 1.0}
BAD = {
    "not_json": b'{"station": "S1", ',
    "wrong_type": json.dumps({**GOOD, "time": 1_700_000_000, "value": "high"}).encode(),
    "no_time_zone": json.dumps({**GOOD, "time": "2026-07-20T14:03:00"}).encode(),
    "too_old": json.dumps({**GOOD, "time": "1970-01-01T00:00:00Z"}).encode(),
    "too_far_ahead": json.dumps({**GOOD, "time": "2100-01-01T00:00:00Z"}).encode(),
    "not_finite": b'{"station": "S1", "property": "water_level", "time": 1700000000, "value": NaN}',
    "unknown_property": json.dumps({**GOOD, "time": 1_700_000_001, "property": "mood"}).encode(),
    "wrong_unit": json.dumps({**GOOD, "time": 1_700_000_002, "unit": "kg"}).encode(),
    "empty": None,
}


def test_bad_input_ends_in_rejects_and_the_rest_goes_on(job, publisher):
    now = time.time()
    sent = {reason: value for reason, value in BAD.items() if publisher.send(value)}
    publisher.send(b"")
    strange = json.dumps({**GOOD, "time": now, "station": "S9"}).encode()
    publisher.send(strange, b"S9")
    home = publisher.value(1.0, at=now - 60).partition
    publisher.send(json.dumps({**GOOD, "time": now - 50}).encode(), partition=1 - home)
    publisher.send(json.dumps({**GOOD, "time": now - 40, "station": "S2"}).encode(), b"S1")
    frame = [{**GOOD, "time": now - 30}, {**GOOD, "time": now - 29, "value": []}, {**GOOD, "time": now - 28}]
    publisher.send(json.dumps(frame).encode())
    publisher.value(1.0, at=now - 60)  # the same again: no effect
    publisher.value(2.0, at=now - 60)  # other content
    wanted = {*sent, "unknown_station", "wrong_partition", "wrong_key", "conflict"}

    def rejects():
        found = [json.loads(r.value) for r in job.read("rejects")]
        return found if wanted <= {r["reason"] for r in found} else None

    found = job.wait_for(rejects)
    assert {r["reason"] for r in found} == wanted
    raw = {(r["reason"], base64.b64decode(r["raw_base64"])) for r in found}
    assert {(reason, value or b"") for reason, value in sent.items()} | {("unknown_station", strange)} <= raw
    assert all(
        r["stage"] and r["topic"] == "readings" and r["raw_length"] == len(base64.b64decode(r["raw_base64"]))
        for r in found
    )
    bad_row = next(r for r in found if r["row"] == 1)
    assert (bad_row["reason"], bad_row["field"], bad_row["expected"]) == ("wrong_type", "value", "a number or null")
    assert metric(job, "tocsin_rejects_total", reason="not_json") == 1
    assert metric(job, "tocsin_repeats_total") >= 0
    publisher.value(3.5, at=now)
    job.wait_for(lambda: (latest(job, "S1") or {}).get("level") == "blue")
    publisher.value(1.0, at=now + 1)
    job.wait_for(lambda: latest(job, "S1")["level"] is None)


def test_people_acknowledge_and_two_end_a_red_one(job, publisher):
    now = time.time()
    publisher.value(7.0, "S2", at=now)
    job.wait_for(lambda: (latest(job, "S2") or {}).get("level") == "red")
    alert = latest(job, "S2")["alert"]
    job.tocsin("ack", alert, "--by", "Li Hua", "--note", "on my way", "--zone", "Z2")
    job.wait_for(lambda: latest(job, "S2")["reason"] == "acknowledged")
    publisher.value(1.0, "S2", at=now + 1)
    job.wait_for(lambda: latest(job, "S2")["proposed"] == "ended")
    job.tocsin("end", alert, "--by", "Li Hua")
    job.tocsin("end", alert, "--by", "Wang Fang")
    last = job.wait_for(lambda: (found := latest(job, "S2"))["level"] is None and found)
    assert (last["msg_type"], last["reason"], last["by"]) == ("Cancel", "ended", "Li Hua, Wang Fang")
    versions = [c["version"] for c in once(job.feed()) if c.get("alert") == alert]
    assert versions == list(range(1, len(versions) + 1))
    trail = [
        json.loads(line) for path in (job.folder / "audit").glob("*.jsonl") for line in path.read_text().splitlines()
    ]
    assert [t["reason"] for t in trail if t["alert"] == alert][-1] == "ended"


def test_the_feed_goes_on_without_redis_which_catches_up(job, publisher, database):
    now = time.time()
    database.stop()
    publisher.value(3.5, at=now + 60)
    job.wait_for(lambda: (latest(job, "S1") or {}).get("level") == "blue")

    def complaint():
        port = json.loads((job.folder / "run" / "deliver.redis-0.json").read_text())["port"]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
        except urllib.error.HTTPError as answer:
            return answer.read().decode()
        return None

    assert "waiting" in job.wait_for(complaint)
    database.start()
    job.wait_ready(job.process)
    alert = latest(job, "S1")["alert"]
    with redis.Redis.from_url(job.redis) as link:
        job.wait_for(lambda: link.hexists("tocsin:alerts", alert))
        assert json.loads(link.hget("tocsin:alerts", alert))["level"] == "blue"
