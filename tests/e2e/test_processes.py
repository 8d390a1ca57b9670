"""More than one process of a role on a real Kafka: all of the job is done, whoever goes."""

import json
import os
import signal
import time
import urllib.request

import pytest
from kafka import KafkaProducer

from streams.models.partition import partition_of
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


def flood(job, count):
    """Readings without a pause, and nobody waits for them."""
    producer = KafkaProducer(bootstrap_servers=job.bootstrap, linger_ms=20)
    began = time.time()
    for number in range(count):
        key = f"S{number % len(ZONES)}".encode()
        body = {"station": key.decode(), "property": "water_level", "time": began + number / 1_000, "value": 1.0}
        producer.send("readings", key=key, value=json.dumps(body).encode(), partition=partition_of(key, 2))
    producer.flush()
    producer.close()


def test_told_to_stop_in_a_flood_all_processes_end_in_time_with_0(job):
    """They leave their groups at the same time: who is still there is given what the others had, and goes as well."""
    processes = ["observe-0", "observe-1", "observe-2", "assess-0", "assess-1", "deliver.feed-0"]
    for _ in range(2):
        with job.worker("observe,assess,deliver.feed", "--processes", "observe=3,assess=2") as worker:
            share(job, processes[:3], 2)
            share(job, processes[3:5], 4)
            flood(job, 20_000)
            (job.folder / "worker.log").write_text("")
            began = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(15) == 0
            took = time.monotonic() - began
        said = [json.loads(line) for line in job.log(whole=True).splitlines() if line.startswith("{")]
        stopped = sorted(f"{one['role']}-{one['index']}" for one in said if one["event"] == "role stopped")
        assert stopped == sorted(processes), job.log()
        assert not [one for one in said if "did not stop" in one["event"] or one.get("level") == "error"], job.log()
        assert took < 10, job.log()
