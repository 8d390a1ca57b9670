"""A batch that a real broker's disk has damaged: it is passed over with an alarm, and the rest goes on."""

import json

import pytest
from kafka import KafkaProducer

from tests.e2e.test_checkpoints import Publisher, a_site
from tests.e2e.whole import once

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_it_is_passed_over_and_told_on_the_feed_and_what_comes_after_it_counts(tmp_path, own_kafka):
    job = a_site(tmp_path / "site", own_kafka.bootstrap)
    publish = Publisher(job)
    for at, value in ((-60, 3.5), (-50, 3.625), (-49, 3.6125), (0, 4.5)):
        publish("LEVEL", "water_level", value, at)
        publish.producer.flush()  # each in a batch of its own
    spoil(own_kafka, "readings", b"3.625")
    spoil(own_kafka, "readings", b"3.6125")
    with job.worker("observe,assess,deliver.feed") as process:
        assert job.wait_for(lambda: [c["level"] for c in told(job, "alert")] == ["blue", "yellow"])
        assert job.wait_for(lambda: len(lost(job)) == 2)
        job.wait_ready(process)
        assert "child died" not in job.log(whole=True)
        commands = [c["level"] for c in told(job, "alert")]
        spoilt = [json.loads(r.value) for r in job.read("signals") if r.value and b'"alarm"' in r.value]
        assert [(a["what"], a["role"], a["topic"]) for a in spoilt] == [("lost", "observe", "readings")] * 2
        first, second = (a["offset"] for a in spoilt)
        assert second == first + 1
        assert f"offsets {first} to {first} of readings/" in spoilt[0]["detail"]
        assert lost(job)[-1]["headline"]["en"].startswith("records of readings partition")
    assert commands == ["blue", "yellow"]


def test_at_the_end_of_a_partition_of_commands_it_is_told_with_the_next_one(tmp_path, own_kafka):
    job = a_site(tmp_path / "site", own_kafka.bootstrap)
    producer = KafkaProducer(bootstrap_servers=job.bootstrap)
    producer.send("commands", key=b"Z1", value=b"spoilt, whatever it said", partition=1).get(10)
    spoil(own_kafka, "commands", b"whatever it said")
    with job.worker("observe,assess,deliver.feed"):
        job.wait_for(lambda: "passed over" in job.log(whole=True))
        producer.send("commands", key=b"Z1", value=b"{}", partition=1).get(10)
        (command,) = job.wait_for(lambda: lost(job))
        assert command["headline"]["en"].startswith("records of commands partition 1 are damaged")
        assert "child died" not in job.log(whole=True)


def told(job, kind):
    return [c for c in once(job.feed()) if c["kind"] == kind]


def lost(job):
    return [c for c in told(job, "health") if c["subject"].startswith("health:lost|")]


def spoil(node, topic, what):
    """One byte of a record, where it lies on the disk."""
    found = 0
    for path in (node.folder / "data").glob(f"{topic}-*/*.log"):
        data = path.read_bytes()
        if (at := data.find(what)) >= 0:
            with path.open("r+b") as file:
                file.seek(at + 2)
                file.write(b"#")
            found += 1
    assert found == 1
