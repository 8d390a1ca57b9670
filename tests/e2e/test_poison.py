"""A record at which our own code fails cannot keep a role down, with real processes that really die."""

import base64
import json
import subprocess
import sys
import time

import pytest
from kafka import KafkaProducer

from streams.models.command import encode_command
from streams.models.partition import partition_of
from tests.e2e.poison_job import KILLS, RAISES
from tests.e2e.test_checkpoints import Publisher, a_site
from tests.sinks.made import command

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
PATIENCE_S = 200


class Role:
    """The role with the bug, started anew whenever it ends."""

    def __init__(self, job, *role):
        self.job, self.exits, self.process = job, [], None
        self.argv = [sys.executable, "-m", "tests.e2e.poison_job", str(job.folder), job.bootstrap, *role]

    def until(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        with (self.job.folder / "worker.log").open("a") as log:
            while not condition():
                assert time.monotonic() < deadline, self.job.log()
                if self.process is None or self.process.poll() is not None:
                    self.exits += [] if self.process is None else [self.process.returncode]
                    self.process = subprocess.Popen(self.argv, stderr=log, stdout=log)
                time.sleep(0.2)

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def role(tmp_path, kafka):
    role = Role(a_site(tmp_path / "site", kafka.bootstrap))
    yield role
    role.end()


def test_the_guilty_records_are_set_aside_and_the_others_count(role):
    publish, job = Publisher(role.job), role.job
    for number, value in enumerate((KILLS, RAISES)):
        publish("LEVEL", "water_level", value, at=number - 60)
        publish.done()
        role.until(lambda wanted=number + 1: len(job.read("rejects")) >= wanted)
    publish("LEVEL", "water_level", 3.5, at=0)
    publish.done()
    role.until(lambda: any(s["type"] == "trigger" for s in signals(job)))
    assert role.exits == [-9, -9, 70, 70], job.log()
    rejects = [json.loads(r.value) for r in job.read("rejects")]
    values = [json.loads(base64.b64decode(r["raw_base64"]))["value"] for r in rejects]
    assert list(dict.fromkeys(values)) == [KILLS, RAISES]  # what was not committed yet comes again
    assert {r["reason"] for r in rejects} == {"poison"}
    alarms = {s["id"]: s for s in signals(job) if s["type"] == "alarm"}
    assert [(s["what"], s["offset"]) for s in alarms.values()] == [
        ("poison", offset) for offset in dict.fromkeys(r["offset"] for r in rejects)
    ]
    assert "ninety-nine" in list(alarms.values())[1]["detail"]


def signals(job):
    return [json.loads(r.value) for r in job.read("signals") if r.value]


def commands(job, *notes):
    """What assess would send, one alert's versions in one partition; the notes tell the clumsy sink what to do."""
    producer = KafkaProducer(bootstrap_servers=job.bootstrap)
    for number, note in enumerate(notes, start=1):
        value = encode_command(command(number, id=f"c-{note}-{number}", note=note))
        producer.send("commands", key=b"Z1", value=value, partition=partition_of(b"Z1", 2))
    producer.flush()


@pytest.fixture
def feed(tmp_path, kafka):
    job = a_site(tmp_path / "site", kafka.bootstrap)
    with job.worker("assess"):
        role = Role(job, "deliver.feed")
        yield role
        role.end()


def test_a_command_at_which_a_sink_fails_is_set_aside_and_the_others_reach_the_feed(feed):
    """What raises costs no death at all: what a sink makes of a command has no state. What kills costs at most four."""
    job = feed.job
    commands(job, "a", "raises", "b", "kills", "c")
    feed.until(lambda: len({r["offset"] for r in aside(job)}) == 2)
    feed.until(lambda: [c["note"] for c in told(job)] == ["a", "b", "c"])
    assert feed.exits == [-9] * len(feed.exits)
    assert len(feed.exits) <= 4
    assert {json.loads(base64.b64decode(r["raw_base64"]))["note"] for r in aside(job)} == {"raises", "kills"}
    assert {(r["topic"], r["stage"], r["reason"]) for r in aside(job)} == {("commands", "deliver.feed", "poison")}
    feed.until(lambda: [c for c in job.feed() if c["kind"] == "health"])  # assess has made a command of the alarm
    alarms = {s["offset"]: s for s in signals(job) if s["type"] == "alarm"}
    assert alarms.keys() == {r["offset"] for r in aside(job)}
    assert "ZeroDivisionError" in "".join(a["detail"] for a in alarms.values())
    assert "clumsy" not in "".join(a["detail"] for a in alarms.values())  # an error may say what is for the few
    assert "a clumsy sink" in "".join(r["detail"] for r in aside(job))


def aside(job):
    return [json.loads(r.value) for r in job.read("rejects.restricted")]


def told(job):
    """The alert's commands on the feed, each once."""
    return list({c["id"]: c for c in job.feed() if c["kind"] == "alert"}.values())
