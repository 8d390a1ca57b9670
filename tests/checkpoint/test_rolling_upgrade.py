"""Processes of two releases take turns at one partition: the newer one goes on, the older one begins anew, loudly."""

import pytest

from streams.agents import assess, observe
from streams.agents.observe import Observe
from streams.checkpoint import bank_saver
from streams.checkpoint.schema import ASSESS, OBSERVE, Schema
from streams.completion import Start
from tests.agents.given import FakeLog, batch, counted, tick, tools
from tests.agents.test_assess import NOW, TP, triggered
from tests.agents.test_assess import sent as signal
from tests.checkpoint.frozen_story import FOLDER, HEARD, LEVEL, READINGS, a_site, reading
from tests.checkpoint.test_assess_saver import given, job

__all__ = ["given", "job"]  # fixtures


def next_release(schema, upgraded):
    """The schema that follows, and what it had to upgrade."""

    def upgrade(kind, payload):
        upgraded.append(kind)
        return payload

    return Schema(schema.name, schema.version + 1, {schema.version: upgrade})


async def test_of_assess(job, monkeypatch):
    upgraded = []
    said = [signal(0, triggered(0)), signal(1, triggered(1, condition="y")), tick(2, NOW + 1_000, topic="signals")]
    await job.feed(*said)
    before = job.rows()
    monkeypatch.setattr(assess, "ASSESS", next_release(ASSESS, upgraded))
    assert await job.start() == {TP: Start(3, 3)}
    assert job.rows() == before
    assert set(upgraded) <= {"begin", "base", "delta"}
    assert "delta" in upgraded
    said.append(signal(3, triggered(3, condition="o")))
    await job.feed(said[-1])
    before = job.rows()
    assert await job.start() == {TP: Start(4, 4)}, "deltas of the newer one upon a base of the older one"
    assert job.rows() == before
    assert (job.refused("schema"), job.alarms()) == (0, [])

    monkeypatch.setattr(assess, "ASSESS", ASSESS)
    assert await job.start() == {TP: Start(0, 4)}
    assert job.refused("schema") == 1
    await job.feed(*said, live=False)
    assert job.rows() == before
    assert [alarm["what"] for alarm in job.alarms()] == ["state"]
    assert f"assess/{ASSESS.version}" in job.alarms()[0]["detail"]


async def test_of_observe(monkeypatch):
    monkeypatch.setattr(bank_saver, "INDEX_EVERY_S", 0.0)
    monkeypatch.setattr(bank_saver, "SHORT", 0.0)
    upgraded, given, committed = [], tools(a_site()), {}

    async def process(*records, live=True):
        """One process that takes the partition, is given these records, and leaves."""
        role = Observe(given)
        found = await role.starts({READINGS}, FakeLog(committed, found={READINGS: 0}))
        if records:
            await role.handle(batch(READINGS, records, live=live))
            committed[READINGS] = records[-1].offset + 1
        await role.close()
        return found[READINGS]

    def refused():
        return counted(given.metrics, "tocsin_checkpoint_refused_total", role="observe", reason="schema") or 0

    await process(*HEARD)
    monkeypatch.setattr(observe, "OBSERVE", next_release(OBSERVE, upgraded))
    assert await process(reading(6, LEVEL, 3.6, 6)) == Start(6, 6)
    assert {"index", "chunk"} <= set(upgraded)
    assert await process(reading(7, LEVEL, 3.7, 7)) == Start(7, 7)
    assert not refused()

    monkeypatch.setattr(observe, "OBSERVE", OBSERVE)
    given.sender.sent.clear()
    again = [*HEARD, reading(6, LEVEL, 3.6, 6), reading(7, LEVEL, 3.7, 7)]
    assert await process(*again, live=False) == Start(0, 8)
    assert refused()
    (alarm,) = given.sender.values("signals")
    assert (alarm["type"], alarm["what"], alarm["role"]) == ("alarm", "state", "observe")
    assert alarm["since"] == again[0].timestamp * 1000, "from the first record on that is read again"
    assert await process() == Start(8, 8), "and what it has rebuilt is saved as its own"


@pytest.mark.parametrize("schema", [ASSESS, OBSERVE], ids=lambda one: one.name)
def test_there_is_a_frozen_file_of_every_version_that_was_released(schema):
    assert all((FOLDER / f"{schema.name}-{version}.bin").exists() for version in range(1, schema.version + 1))
