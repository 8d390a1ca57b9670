"""Workers whose wall clock is far off, on a real broker: nothing stops, nothing is lost, no record bears their time."""

import os
import time

import pytest

from tests.chaos.world import libfaketime, off_by
from tests.conftest import unavailable
from tests.e2e.test_checkpoints import Publisher, a_site
from tests.e2e.whole import Whole, once

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
#: every topic that the job writes here
WRITTEN = (
    *("readings", "signals", "commands", "latest", "rejects", "checkpoints.observe", "checkpoints.assess"),
    *("command.feed.sensitive", "command.current.sensitive"),
)


@pytest.mark.parametrize("clock", ["+3h", "+400d", "-3h", "-400d"])
def test_a_clock_that_is_hours_or_years_off_stops_nothing_and_loses_nothing(tmp_path, kafka, monkeypatch, clock):
    if libfaketime() is None:
        unavailable("Debian's package faketime is not installed")
    job = a_site(tmp_path / "site", kafka.bootstrap)
    monkeypatch.setattr(Whole, "environment", property(lambda s: s.__dict__["off"]))
    job.__dict__["off"] = {**os.environ, "KAFKA": job.bootstrap, "REDIS": job.redis, "NO_COLOR": "1", **off_by(clock)}
    publish, began = Publisher(job), time.time()
    with job.worker("observe,assess,deliver.feed") as process:
        publish("LEVEL", "water_level", 3.5, at=-60)
        publish("LEVEL", "nothing_of_ours", 1, at=-60)
        publish.done()
        job.wait_for(lambda: levels(job) == ["blue"])
        assert "child died" not in job.log(whole=True)
        job.kill_roles()  # what was saved under that clock is found again
        publish("LEVEL", "water_level", 4.5, at=0)
        publish.done()
        job.wait_for(lambda: levels(job) == ["blue", "yellow"])
        job.wait_ready(process)
    assert "saved state refused" not in job.log(whole=True)
    assert job.log(whole=True).count("child died") == 3  # those that were killed
    for topic in WRITTEN:
        stamps = [record.timestamp / 1000 for record in job.read(topic)]
        assert stamps, topic
        assert began - 60 < min(stamps) <= max(stamps) < time.time() + 60, topic


def levels(job):
    return [c["level"] for c in once(job.feed()) if c["kind"] == "alert"]
