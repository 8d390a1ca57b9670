"""The Bank itself over restarts at any point, with zombies: what goes out is what one run without them sends."""

import asyncio
import json
import random

import pytest

from streams.agents.observe import Observe
from streams.checkpoint import bank_ledger, bank_saver
from streams.completion import Partition
from streams.models.partition import partition_of
from streams.models.times import SECOND
from tests.agents.given import PARTITIONS, FakeLog, batch, counted, record, tick, tools
from tests.checkpoint.fake_log import FakeCheckpoints
from tests.core.sites import above, hazard, site, stream

TP = Partition("readings", 0)
NOW = 1_784_527_380_000
STATIONS = [s for s in (f"S{number}" for number in range(40)) if partition_of(s.encode(), PARTITIONS) == 0][:12]
LONG = 300


def a_site():
    zones = ("Z0", "Z1", "Z2")
    streams = [stream(s, zone=zones[n % 3], interval=4 * SECOND) for n, s in enumerate(STATIONS)]
    level = hazard([above("b", 3, 2.5), above("y", 4, 3.5, hold=3 * SECOND)], {1: "b", 2: "y"}, checks=("gap", "stuck"))
    rain = hazard(
        [above("much", 20, 15)], {1: "much"}, name="rain", steps=[("sum", {"over": 60 * SECOND, "kind": "increment"})]
    )
    return site(streams, level, rain, zones=zones)


def readings(seed):
    """Records in offset order: readings, late ones, repeats, exercises, ticks, one pause."""
    rng, found, now = random.Random(seed), [], NOW
    for offset in range(LONG):
        now += rng.choice((0, 100, 900)) + (30_000 if offset == 150 else 0)
        if rng.random() < 0.1:
            found.append(tick(offset, now))
            continue
        if found and found[-1].value and rng.random() < 0.05:
            found.append(record(offset, json.loads(found[-1].value), found[-1].key, timestamp=now))
            continue
        station, late = rng.choice(STATIONS), rng.choice((0, 0, 0, 5))
        value = {
            "station": station,
            "property": "water_level",
            "time": now / 1000 - late,
            "value": rng.choice((1.0, 2.6, 3.2, 4.5)),
        }
        value |= {"status": "Exercise"} if rng.random() < 0.1 else {}
        value |= {"id": f"r{offset // 7}"} if rng.random() < 0.1 else {}
        found.append(record(offset, value, station.encode(), timestamp=now))
    return found


class Process:
    """One run of the role; it reads from where its state says."""

    def __init__(self, site, checkpoints, committed, log):
        self.tools = tools(site)
        object.__setattr__(self.tools, "checkpoints", checkpoints)
        self.role, self.committed, self.log = Observe(self.tools), committed, log

    async def start(self):
        await self.role.open()
        found = await self.role.starts({TP}, FakeLog(dict(self.committed), found={TP: 0}))
        self.at, self.live = found[TP].read, found[TP].live
        return self

    async def run(self, upto, rng):
        while self.at < upto:
            live = self.at >= self.live
            end = min(self.at + rng.randint(1, 25), upto if live else min(upto, self.live))
            await self.role.handle(batch(TP, self.log[self.at : end], live=live))
            self.at = end
            if live:
                self.committed[TP] = max(end, self.committed.get(TP, 0))
            await asyncio.gather(*(t for s in self.role._saver.shelves.values() for t in s.tasks))

    def triggers(self):
        return [out.value for out in self.tools.sender.of("signals") if json.loads(out.value)["type"] == "trigger"]


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    real = bank_ledger.BankLedger.due
    monkeypatch.setattr(bank_ledger, "FIRST_CHUNK", 3)
    monkeypatch.setattr(bank_ledger, "CHUNK_BYTES", 4_000)
    monkeypatch.setattr(bank_saver, "INDEX_EVERY_S", 0.0)
    monkeypatch.setattr(bank_ledger.BankLedger, "due", lambda self, upto, *_: real(self, upto, 0.0, 20, 1e18, upto))


async def undisturbed(site, log):
    process = await Process(site, FakeCheckpoints(), {}, log).start()
    await process.run(LONG, random.Random(0))
    return process.triggers()


def once(values):
    """Each id once; a repeated one has the same bytes."""
    seen = {}
    for value in values:
        assert seen.setdefault(json.loads(value)["id"], value) == value, "an id with two contents"
    return list(seen.values())


@pytest.mark.parametrize("seed", range(3))
async def test_killed_at_any_point_it_sends_what_one_run_sends(seed):
    rng, site, log = random.Random(seed), a_site(), readings(seed)
    wanted = await undisturbed(site, log)
    assert len(wanted) > 20
    checkpoints, committed, sent, at = FakeCheckpoints(), {}, [], 0
    read_again = saved = 0
    while at < LONG:
        at = min(LONG, at + rng.randint(1, 60))
        process = await Process(site, checkpoints, committed, log).start()
        read_again += max(0, process.live - process.at)
        await process.run(at, rng)
        if rng.random() < 0.3:  # a commit that did not get there
            committed[TP] = max(0, committed[TP] - rng.randint(0, 10))
        sent += process.triggers()
        labels = {"role": "observe", "how": "saved"}
        saved += counted(process.tools.metrics, "tocsin_checkpoint_restored_total", **labels) or 0
    assert once(sent) == wanted
    assert saved > 3
    assert read_again < 2 * LONG


@pytest.mark.parametrize("seed", range(2))
async def test_two_owners_at_a_time_send_the_same(seed):
    rng, site, log = random.Random(seed), a_site(), readings(seed)
    wanted = await undisturbed(site, log)
    checkpoints, committed = FakeCheckpoints(), {}
    owners = [await Process(site, checkpoints, committed, log).start() for _ in range(2)]
    sent, at = [], 0
    while at < LONG:
        which = rng.randrange(2)
        if rng.random() < 0.2:
            sent += owners[which].triggers()
            owners[which] = await Process(site, checkpoints, committed, log).start()
        await owners[which].run(min(LONG, owners[which].at + rng.randint(1, 40)), rng)
        at = max(owner.at for owner in owners)
    sent += [v for owner in owners for v in owner.triggers()]
    assert sorted(once(sent)) == sorted(wanted)
