"""State over kill -9 and over damage, with the whole job on a real broker: what was going on goes on."""

import json
import os
import signal
import time
import urllib.request

import msgspec
import pytest
from kafka import KafkaProducer

from streams.checkpoint.records import decode, encode
from streams.models.saved import Delta, Header, Index
from streams.models.signal import Act
from tests.e2e.test_river import square
from tests.e2e.whole import Whole, once

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
STATIONS = """\
station,property,unit,zone,interval
RAIN,rainfall,mm,Z1,1 min
GAS,gas_lel,%{LEL},Z1,1 min
LEVEL,water_level,m,Z2,1 min
QUIET,water_level,m,Z2,2 s
BUSY,water_level,m,Z2,1 min
"""
HAZARDS = {
    "rain": """\
inputs: {rain: {property: rainfall, unit: mm}, hour: {of: rain, unit: mm, steps: [{sum: {over: 1 h, kind: increment}}]}}
conditions: {much: {of: hour, at_least: 30 mm, clear_below: 20 mm}}
levels: {blue: much}
lower: {after: 0 s, end: timer, end_red: timer}
""",
    "gas": """\
inputs: {gas: {property: gas_lel, unit: "%{LEL}"}}
conditions: {high: {of: gas, at_least: "20 %{LEL}", clear_below: "15 %{LEL}", for: 6 s}}
levels: {orange: high}
lower: {after: 0 s, end: timer, end_red: timer}
""",
    "flood": """\
inputs: {stage: {property: water_level, unit: m}}
conditions: {high: {of: stage, at_least: 3 m, clear_below: 2.8 m}, top: {of: stage, at_least: 4 m, clear_below: 3.8 m}}
levels: {blue: high, yellow: top}
lower: {after: 0 s, end: timer, end_red: timer}
""",
}
FRAME = """\
schema: tocsin.hazard/1
hazard: {name}
name: {{zh: {name}, en: {name}}}
subject: source
{body}quality: {{checks: [gap]}}
message: {{event: {{cap: OET-081, category: Met}}, default: {{instruction: {{zh: 注意, en: Take care}}}}}}
"""


def a_site(folder, bootstrap, kafka=""):
    whole = Whole(folder, bootstrap, partitions={"readings": 2, "signals": 2})
    whole.write("app.yaml", (whole.folder / "app.yaml").read_text().replace("kafka: {", f"kafka: {{{kafka}"))
    whole.write("stations.csv", STATIONS)
    zones = {"type": "FeatureCollection", "features": [square("Z1", 0), square("Z2", 2)]}
    whole.write("zones.geojson", json.dumps(zones))
    for name, body in HAZARDS.items():
        whole.write(f"hazards/{name}.yaml", FRAME.format(name=name, body=body))
    whole.make_topics()
    return whole


class Publisher:
    def __init__(self, job):
        self.producer = KafkaProducer(bootstrap_servers=job.bootstrap)
        self.now = time.time()

    def __call__(self, station, prop, value, at):
        body = {"station": station, "property": prop, "time": self.now + at, "value": value}
        self.producer.send("readings", key=station.encode(), value=json.dumps(body).encode())

    def act(self, act):
        self.producer.send("signals", key=act.zone.encode(), value=msgspec.json.encode(act))

    def done(self):
        self.producer.flush()


def metric(job, role, name):
    """Sum over one role's process, with its labels: {labels: value}."""
    port = json.loads((job.folder / "run" / f"{role}-0.json").read_text())["port"]
    found = {}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + "{"):
                found[line[len(name) : line.rindex(" ")]] = float(line.rsplit(" ", 1)[1])
    return found


def newest(job, subject, kind="alert"):
    return next((c for c in reversed(once(job.feed())) if c["kind"] == kind and c.get("subject") == subject), {})


def wait_saved(job):
    """Until everything that has come so far is saved."""
    for topic, checkpoints, kind in (
        ("readings", "checkpoints.observe", "index"),
        ("signals", "checkpoints.assess", "delta"),
    ):
        last = {r.partition: r.offset for r in job.read(topic) if r.value}
        job.wait_for(lambda t=checkpoints, k=kind, at=last: all(saved(job, t, k).get(p, 0) > o for p, o in at.items()))


def saved(job, topic, kind):
    """Partition -> what a restart would read from."""
    found = [decode(record.value, 0) for record in job.read(topic)]
    return {h.partition: read_from(h, payload) for h, payload in found if h.kind == kind}


def read_from(header, payload):
    if header.kind != "index":
        return header.upto
    return min(e.upto for e in msgspec.msgpack.decode(payload, type=Index).chunks)


def kill(job, process):
    """kill -9 of observe and assess; the supervisor starts them anew."""
    (job.folder / "run" / "deliver.feed-0.json").rename(job.folder / "kept")
    job.kill_roles()
    (job.folder / "kept").rename(job.folder / "run" / "deliver.feed-0.json")
    time.sleep(0.5)
    job.wait_ready(process)


def test_what_was_going_on_when_everything_was_killed_goes_on(tmp_path, kafka):
    job = a_site(tmp_path / "site", kafka.bootstrap)
    with job.worker() as process:
        publish = Publisher(job)
        for minute in range(40):
            publish("RAIN", "rainfall", 0.7, at=60 * (minute - 45))  # 28 mm
        for second in range(2_000):
            publish("BUSY", "water_level", second % 7 / 10, at=second - 2_000)
        publish("LEVEL", "water_level", 3.5, at=-60)
        publish.done()
        job.wait_for(lambda: newest(job, "LEVEL").get("level") == "blue")
        alert = newest(job, "LEVEL")["alert"]
        publish.act(Act("a-1", "Z2", "ack", "Li Hua", alert=alert))
        publish.act(Act("a-2", "Z2", "silence", "Li Hua", ends=int((publish.now + 3_600) * 1_000_000)))
        job.wait_for(lambda: newest(job, "LEVEL").get("muted_by"))
        publish.now = time.time()
        publish("GAS", "gas_lel", 25.0, at=0)  # a hold of 6 s begins
        publish("QUIET", "water_level", 1.0, at=0)  # silent after 6 s
        publish.done()
        wait_saved(job)
        kill(job, process)
        assert metric(job, "observe", "tocsin_checkpoint_restored_total") == {'{how="saved",role="observe"}': 2.0}
        assert metric(job, "assess", "tocsin_checkpoint_restored_total") == {'{how="saved",role="assess"}': 2.0}
        for role in ("observe", "assess"):
            assert sum(metric(job, role, "tocsin_checkpoint_replayed_total").values()) < 100
            assert metric(job, role, "tocsin_checkpoint_refused_total") == {}
        publish("RAIN", "rainfall", 3.0, at=0)  # with what fell before the crash: 31 mm
        publish("LEVEL", "water_level", 4.5, at=0)
        publish.done()
        job.wait_for(lambda: newest(job, "LEVEL").get("level") == "yellow")
        found = newest(job, "LEVEL")
        assert (found["alert"], found["reason"]) == (alert, "level_up")
        assert found["muted_by"]
        job.wait_for(lambda: newest(job, "RAIN").get("level") == "blue")
        job.wait_for(lambda: newest(job, "GAS").get("level") == "orange")
        job.wait_for(lambda: any("QUIET" in json.dumps(c) for c in job.feed() if c["kind"] == "health"))
        damaged(job, process)
        time.sleep(2)  # for the last progress
    job.tocsin("record", str(tmp_path / "recorded"))
    job.tocsin("verify", str(tmp_path / "recorded"))


def test_on_the_embedded_broker_a_restarted_worker_goes_on_too(tmp_path, embedded_kafka):
    job = a_site(tmp_path / "site", embedded_kafka, "embedded: true, idempotence: false, ")
    with job.worker("observe,assess") as process:
        publish = Publisher(job)
        publish("LEVEL", "water_level", 3.5, at=-60)
        publish.done()
        job.wait_for(lambda: levels(job) == ["blue"])
        job.wait_for(lambda: len(saved(job, "checkpoints.observe", "index")) == 2)  # there they come each 10 s
        job.kill_roles()
        time.sleep(0.5)
        job.wait_ready(process)
        assert metric(job, "observe", "tocsin_checkpoint_restored_total") == {'{how="saved",role="observe"}': 2.0}
        assert metric(job, "assess", "tocsin_checkpoint_restored_total") == {'{how="saved",role="assess"}': 2.0}
        publish("LEVEL", "water_level", 4.5, at=0)
        publish.done()
        job.wait_for(lambda: levels(job) == ["blue", "yellow"])


def levels(job):
    return [c["level"] for c in once(json.loads(r.value) for r in job.read("commands")) if c["kind"] == "alert"]


def damaged(job, process):
    """State of a later version, and a hole: refused, said on the feed, rebuilt; the alerts are what they were."""
    before = {s: newest(job, s)["version"] for s in ("LEVEL", "RAIN", "GAS")}
    process_of = KafkaProducer(bootstrap_servers=job.bootstrap)
    for role in ("observe", "assess"):  # what they save after this would be the newest
        os.kill(json.loads((job.folder / "run" / f"{role}-0.json").read_text())["pid"], signal.SIGSTOP)
    for partition in (0, 1):
        later = Header("observe", 99, "index", partition, "later", "later", 0, upto=1)
        hole = Header(
            "assess", 1, "delta", partition, "zombie", "zombie", 0, site=site_of(job), since=10**9, upto=10**9 + 1
        )
        process_of.send("checkpoints.observe", encode(later, pack(Index([], b"")))[0], partition=partition)
        process_of.send("checkpoints.assess", encode(hole, pack(Delta([])))[0], partition=partition)
    process_of.flush()
    kill(job, process)
    assert sum(metric(job, "observe", "tocsin_checkpoint_refused_total").values()) == 2
    assert metric(job, "assess", "tocsin_checkpoint_refused_total") == {'{reason="hole",role="assess"}': 2.0}
    told = job.wait_for(lambda: [found for c in job.feed() if (found := state_of(c))][3:])
    assert told
    assert {s: newest(job, s)["version"] for s in before} == before


def state_of(command):
    return command["kind"] == "health" and "checkpoint" in json.dumps(command)


def site_of(job):
    return f"{job.load().site.version}/2"


pack = msgspec.msgpack.encode
