"""More than one process of a role on a real Kafka: all of the job is done, whoever goes."""

import json
import os
import signal
import time
import urllib.request

import pytest

from tests.e2e.test_repartition import ZONES, ids, levels, publish
from tests.e2e.test_repartition import job as job_of_six_zones
from tests.e2e.whole import once

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
job = job_of_six_zones  # a fixture


def note(job, name):
    return json.loads((job.folder / "run" / f"{name}.json").read_text())


def health(job, name):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{note(job, name)['port']}/healthz", timeout=2) as answer:
            return json.load(answer)
    except OSError:
        return {"ready": False, "partitions": 0}


def share(job, names, wanted):
    """Until each of these processes is ready and they have so many partitions together."""
    job.wait_for(
        lambda: (
            all(health(job, name)["ready"] for name in names)
            and sum(health(job, name)["partitions"] for name in names) == wanted
        ),
        patience=90,
    )


def test_one_is_killed_one_is_frozen_and_nothing_is_lost(job):
    """`readings` has two partitions, `signals` and `reports` two each: every process has its own share."""
    with job.worker("observe,assess,deliver.feed", "--processes", "observe=2,assess=2"):
        observers, assessors = ["observe-0", "observe-1"], ["assess-0", "assess-1"]
        share(job, observers, 2)
        share(job, assessors, 4)
        assert {health(job, name)["partitions"] for name in observers} == {1}
        publish(job, 2, 3.5)
        blue = job.wait_for(lambda: levels(job, "blue"))
        os.kill(note(job, "observe-1")["pid"], signal.SIGKILL)
        frozen = note(job, "assess-0")["pid"]
        os.kill(frozen, signal.SIGSTOP)
        publish(job, 2, 6.5)
        time.sleep(1)
        os.kill(frozen, signal.SIGCONT)
        red = job.wait_for(lambda: levels(job, "red"))
        assert ids(red) == ids(blue)
        share(job, observers, 2)
    assert len({c["alert"] for c in once(job.feed()) if c["kind"] == "alert"}) == len(ZONES)
