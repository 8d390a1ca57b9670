"""A record at which our own code fails cannot keep a role down, with real processes that really die."""

import base64
import json
import subprocess
import sys
import time

import pytest

from tests.e2e.poison_job import KILLS, RAISES
from tests.e2e.test_checkpoints import Publisher, a_site

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
PATIENCE_S = 200


class Role:
    """The role with the bug, started anew whenever it ends."""

    def __init__(self, job):
        self.job, self.exits, self.process = job, [], None
        self.argv = [sys.executable, "-m", "tests.e2e.poison_job", str(job.folder), job.bootstrap]

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
