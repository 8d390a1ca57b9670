"""Changing the number of partitions on a real Kafka: an alert that is open across the change stays one alert."""

import json
import time
from subprocess import PIPE, STDOUT, Popen

import pytest
from kafka import KafkaProducer

from streams.models.partition import partition_of
from streams.repartition import GROUPS
from streams.topics import STAGED, WHOLE
from tests.e2e.test_river import square
from tests.e2e.test_whole_job import HAZARD
from tests.e2e.topics import delete_topics
from tests.e2e.whole import ROOT, Whole, once
from tests.servers.kafka import Kafka

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
ZONES = [f"Z{n}" for n in range(6)]


@pytest.fixture
def job(tmp_path, kafka: Kafka):
    whole = Whole(tmp_path / "site", kafka.bootstrap, partitions={"readings": 2, "signals": 2})
    rows = "".join(f"S{n},water_level,m,{zone},1 d,{2 * n}.5,0.5,99\n" for n, zone in enumerate(ZONES))
    whole.write("stations.csv", "station,property,unit,zone,interval,lon,lat,hard_max\n" + rows)
    zones = {"type": "FeatureCollection", "features": [square(zone, 2 * n) for n, zone in enumerate(ZONES)]}
    whole.write("zones.geojson", json.dumps(zones))
    whole.write("hazards/flood.yaml", HAZARD)
    delete_topics(kafka.bootstrap, [WHOLE, *(name + STAGED for name in GROUPS)])  # of a test that failed
    whole.make_topics()
    return whole


def publish(job, readings, value):
    """One reading of each station, on its key's partition."""
    producer = KafkaProducer(bootstrap_servers=job.bootstrap)
    for n in range(len(ZONES)):
        body = {"station": f"S{n}", "property": "water_level", "time": time.time(), "value": value}
        key = f"S{n}".encode()
        to = partition_of(key, readings)
        producer.send("readings", key=key, value=json.dumps(body).encode(), partition=to).get(10)
    producer.close()


def last_of_each(job):
    """Zone -> (alert, level) of its newest command."""
    return {c["zone"]: (c["alert"], c["level"]) for c in once(job.feed()) if c["kind"] == "alert"}


def ids(found):
    return {zone: alert for zone, (alert, _) in found.items()}


def levels(job, level):
    found = last_of_each(job)
    return found if [found.get(zone, ("", ""))[1] for zone in ZONES] == [level] * len(ZONES) else None


def test_an_open_alert_stays_one_alert(job):
    with job.worker():
        publish(job, 2, 3.5)
        before = job.wait_for(lambda: levels(job, "blue"))
    topics = job.folder / "topics.yaml"
    topics.write_text(topics.read_text().replace("readings: {partitions: 2}", "readings: {partitions: 5}"))
    topics.write_text(topics.read_text().replace("signals: {partitions: 2}", "signals: {partitions: 3}"))
    assert "readings: 2 -> 5 partitions" in job.tocsin("topics", "repartition", "--dry-run")
    old = {t: sorted((r.key, r.value, r.timestamp) for r in job.read(t) if r.key) for t in ("readings", "signals")}

    job.tocsin("topics", "repartition")

    assert "nothing to do" in job.tocsin("topics", "repartition")
    job.tocsin("topics", "check")
    assert sorted((r.key, r.value, r.timestamp) for r in job.read("readings") if r.key) == old["readings"]
    for topic, count in (("readings", 5), ("signals", 3)):
        assert all(r.partition == partition_of(r.key, count) for r in job.read(topic) if r.key)
    with job.worker():
        assert levels(job, "blue") == before, "the start alone changes nothing"
        publish(job, 5, 6.5)
        after = job.wait_for(lambda: levels(job, "red"))
        assert ids(after) == ids(before)
        publish(job, 5, 1.0)
        job.wait_for(lambda: any(c.get("proposed") for c in once(job.feed())))  # its end: it has been red
    assert {c["alert"] for c in once(job.feed()) if c["kind"] == "alert"} == {alert for alert, _ in before.values()}
    assert not job.read("rejects")


def repartition_and_kill(job, line):
    """A run that is killed when it has said so many things; whether it had more to say."""
    argv = ["nice", "-n", "19", *job.argv("topics", "repartition")]  # it shall not get on before it is killed
    with Popen(argv, env=job.environment, stdout=PIPE, stderr=STDOUT, text=True, cwd=ROOT) as process:
        said = 0
        for text in process.stdout:
            said += "copied" in text or "made anew" in text
            if said == line:
                process.kill()
                return True
    assert process.returncode == 0
    return False


@pytest.mark.timeout(600)  # ten processes one after the other
def test_killed_again_and_again_it_loses_nothing_and_no_role_starts_before_it_has_ended(job):
    with job.worker():
        publish(job, 2, 3.5)
        before = job.wait_for(lambda: levels(job, "blue"))
    topics = job.folder / "topics.yaml"
    topics.write_text(topics.read_text().replace("readings: {partitions: 2}", "readings: {partitions: 5}"))
    old = {t: sorted((r.key, r.value, r.timestamp) for r in job.read(t) if r.key) for t in ("readings", "signals")}
    assert repartition_and_kill(job, 2)  # readings and signals are copied, and nobody knows it yet
    assert repartition_and_kill(job, 3)  # readings are made anew: partitions are as topics.yaml says
    assert "cut off" in job.tocsin("topics", "check", "--json", code=1)
    job.tocsin("worker", "--role", "observe", "--run-dir", str(job.folder / "run"), code=2)
    job.tocsin("topics", "repartition")
    assert "nothing to do" in job.tocsin("topics", "repartition")
    job.tocsin("topics", "check")
    assert sorted((r.key, r.value, r.timestamp) for r in job.read("readings") if r.key) == old["readings"]
    assert len([r for r in job.read("signals") if r.key]) == len(old["signals"])
    with job.worker():
        assert levels(job, "blue") == before, "the start alone changes nothing"
        publish(job, 5, 6.5)
        after = job.wait_for(lambda: levels(job, "red"))
        assert ids(after) == ids(before)
    assert not job.read("rejects")


def test_the_command_refuses_while_a_worker_runs(job):
    topics = job.folder / "topics.yaml"
    with job.worker("observe"):
        topics.write_text(topics.read_text().replace("readings: {partitions: 2}", "readings: {partitions: 3}"))
        job.tocsin("topics", "repartition", code=2)
