"""What released versions have saved can still be read, and means what it meant."""

import pytest

from streams.agents.assess import Assess
from streams.agents.observe import Observe
from streams.checkpoint.schema import ASSESS, OBSERVE
from streams.completion import Start, Track
from streams.core.links import PARTS
from streams.models.partition import partition_of
from tests.agents.given import PARTITIONS, FakeLog, batch, counted, tick, tools
from tests.checkpoint.frozen_story import (
    ALERT,
    FOLDER,
    LEVEL,
    MEAN_HEARD,
    NOW,
    QUIET,
    RAIN,
    READINGS,
    SIGNALS,
    ZONE,
    a_mean_site,
    a_site,
    read,
    reading,
    signal,
    triggered,
)  # fmt: skip


def files(schema):
    """Of the versions that this one reads."""
    versions = range(max(1, schema.version - 1), schema.version + 1)
    return [FOLDER / f"{schema.name}-{version}.bin" for version in versions]


def restored(path, role, site=None):
    given = tools(site or a_site())
    given.checkpoints.records[f"checkpoints.{role}", 0] = read(path)
    return given


def test_the_story_lies_in_partition_0():
    assert {partition_of(name.encode(), PARTITIONS) for name in (LEVEL, RAIN, QUIET, ZONE)} == {0}


@pytest.mark.parametrize("path", files(OBSERVE), ids=lambda p: p.stem)
async def test_a_bank_goes_on(path):
    given = restored(path, "observe")
    role = Observe(given)
    assert await role.starts({READINGS}, FakeLog({READINGS: 6})) == {READINGS: Start(6, 6)}
    assert counted(given.metrics, "tocsin_checkpoint_restored_total", role="observe", how="saved") == 1
    again = reading(6, RAIN, 8.0, 3, "rainfall", id="given")
    later = [
        reading(7, RAIN, 4.0, 6, "rainfall"),
        reading(8, LEVEL, 2.0, 7),
        reading(9, LEVEL, 3.6, 8, status="Exercise"),
    ]
    await role.handle(batch(READINGS, [again, *later, *(tick(10 + n, NOW + 9_000 * n) for n in range(1, 8))]))
    assert counted(given.metrics, "tocsin_repeats_total") == 1
    told = [
        (t["station"], t["edge"], t.get("condition", ""), s["status"])
        for s in given.sender.values("signals")
        if s["type"] == "trigger"
        for t in s["triggers"]
    ]
    assert (RAIN, "on", "much", "Actual") in told  # 9 + 8 from before, and 4
    assert (LEVEL, "off", "high", "Actual") in told
    assert (LEVEL, "on", "long", "Exercise") in told  # its hold began before
    assert (LEVEL, "on", "long", "Actual") not in told
    assert (QUIET, "lost", "", "Actual") in told


async def test_only_what_rests_on_a_part_whose_state_means_something_else_now_is_rebuilt():
    given = restored(FOLDER / "observe-1-mean-1.bin", "observe", a_mean_site())
    assert PARTS["mean"].state_version > 1
    role, track = Observe(given), Track(READINGS, Start(0, 4))
    assert await role.starts({READINGS}, FakeLog({READINGS: 4}, found={READINGS: 0})) == {READINGS: track.start}
    assert counted(given.metrics, "tocsin_checkpoint_restored_total", role="observe", how="part") == 1
    (again,) = track.take(MEAN_HEARD, 100)
    await role.handle(again)
    assert given.sender.values("signals") == []  # said before, and nobody need be told of a new release
    later = [reading(4 + n, RAIN, 0.0, 50 + 4 * n, "rainfall") for n in range(3)]
    (new,) = track.take([*later, reading(7, LEVEL, 2.0, 60)], 100)
    await role.handle(new)
    told = [
        (t["station"], t["edge"], t["value"])
        for s in given.sender.values("signals")
        if s["type"] == "trigger"
        for t in s["triggers"]
    ]
    assert told == [(RAIN, "off", 3.4), (LEVEL, "off", 2.0)]


@pytest.mark.parametrize("path", files(ASSESS), ids=lambda p: p.stem)
async def test_an_assessor_goes_on(path):
    given = restored(path, "assess")
    role = Assess(given, str)
    assert await role.starts({SIGNALS}, FakeLog({SIGNALS: 3})) == {SIGNALS: Start(3, 3)}
    assert counted(given.metrics, "tocsin_checkpoint_restored_total", role="assess", how="saved") == 1
    await role.handle_signals(batch(SIGNALS, [signal(3, triggered(0, "high")), signal(4, triggered(4, "long"))]))
    (command,) = given.sender.values("commands")
    assert (command["alert"], command["reason"], command["level"]) == (ALERT, "level_up", "yellow")
    assert command["version"] > 2
    assert command["muted_by"]
