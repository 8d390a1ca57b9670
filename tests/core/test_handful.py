"""Batches of a few rows are judged with plain numbers: the same signals and the same state as in long batches."""

import json
import random
from dataclasses import dataclass, replace

import msgspec
import pytest

from streams.core.decode import decode
from streams.core.detect import Bank
from streams.core.handful import FEW
from streams.core.slots import NEVER
from streams.core.timeline import Timeline
from streams.models.site import Input, Step
from streams.models.times import SECOND
from tests.core.sites import FOUR, above, absent, hazard, site, stream

START = 1_784_527_380.0
STATIONS = [f"S{number}" for number in range(12)]


@dataclass
class Record:
    key: bytes
    value: bytes
    offset: int
    timestamp: int
    headers: tuple = ()


def county(seed):
    """Stations of which some are judged by more than others: silence, stillness, absence, windows, scores, holds."""
    pick = random.Random(seed)
    streams = [
        stream(
            station,
            zone=pick.choice(["Z1", "Z2"]),
            interval=pick.choice([None, 20 * SECOND]),
            stuck_for=pick.choice([None, 30 * SECOND]),
            soft_max=8.0,
        )
        for station in STATIONS
    ]
    inputs = {
        "stage": Input("stage", "water_level", "m"),
        "odd": Input("odd", "water_level", "1", (Step("ewma_z", {}),)),
        "rise": Input("rise", "water_level", "m/h", (Step("rate", {"over": 20 * SECOND}),)),
    }
    conditions = [
        *FOUR,
        above("long", 3, 2, hold=4 * SECOND),
        above("jump", 6, 3, unit="1", of="odd"),
        above("fast", 900, 300, unit="m/h", of="rise"),
    ]
    if pick.random() < 0.5:
        conditions.append(absent("gone", 25 * SECOND))
    levels = {1: {"any": [c.name for c in conditions]}, 3: "o", 4: "r"}
    checks = tuple(check for check in ("range", "stuck", "gap") if pick.random() < 0.7)
    return site(streams, hazard(conditions, levels, checks=checks, inputs=inputs, subject="zone"), zones=("Z1", "Z2"))


def records(seed, count=400):
    """Mostly good ones of every station in turn; some late, ahead, repeated, out of range, again the same."""
    pick, now, found = random.Random(seed), START, []
    for offset in range(count):
        now += pick.choice([0, 0.01, 0.2, 0.2, 0.2, 3] if pick.random() < 0.98 else [12, 40])
        station = STATIONS[offset % len(STATIONS)] if pick.random() < 0.9 else pick.choice(STATIONS)
        at = now + (pick.choice([-3, -60, 500]) if pick.random() < 0.03 else 0)
        value = pick.choice([1.0, 2.5, 3.3, 4.4, 6.0, 9.0]) if pick.random() < 0.2 else round(pick.gauss(1.5, 0.2), 3)
        reading = {"station": station, "property": "water_level", "time": round(at, 3), "value": value}
        found.append(Record(station.encode(), json.dumps(reading).encode(), offset, int(now * 1000)))
        if pick.random() < 0.02:
            found[-1].value = found[pick.randrange(len(found))].value if pick.random() < 0.5 else found[-1].value
            found[-1].key = json.loads(found[-1].value)["station"].encode()
    return found


def outcome(where, sent, borders):
    bank, signals, rejects, counts = Bank(where, 0, 1, outage=10 * SECOND), [], [], [0, 0]
    for start, end in zip([0, *borders], [*borders, len(sent)], strict=True):
        out = bank.handle(decode("readings", 0, 1, sent[start:end])[0])
        signals += out.signals
        rejects += [(row.offset, reject.reason) for row, reject in out.rejects]
        counts = [counts[0] + out.accepted, counts[1] + out.repeats]
    told = [msgspec.json.encode(one) for one in (signals, rejects, bank.progress(), bank.take_latest())]
    return *told, counts, bank.save_chunk(0, bank.slots_used), bank.save_rest()


@pytest.mark.parametrize("seed", range(12))
def test_a_few_at_a_time_give_the_bytes_of_all_at_once(seed):
    where, sent, pick = county(seed), records(seed), random.Random(seed)
    some = sorted(pick.sample(range(1, len(sent)), len(sent) // 4))
    once = outcome(where, sent, [])
    assert json.loads(once[0])  # there is something to compare
    assert outcome(where, sent, list(range(1, len(sent)))) == once
    assert outcome(where, sent, some) == once


def sent_at(second, values=(1.0, 1.1, 1.2)):
    form = '{"station":"%s","property":"water_level","time":%s,"value":%s}'
    return [
        Record(
            station.encode(),
            (form % (station, START + second, value)).encode(),
            second * 10 + n,
            int((START + second) * 1000),
        )
        for n, (station, value) in enumerate(zip(STATIONS, values, strict=False))
    ]


@pytest.fixture
def bank(monkeypatch):
    """One that has heard of its stations, and says when it takes the long way."""
    made = Bank(site([stream(s) for s in STATIONS], hazard(FOUR, {1: "b", 4: "r"})), 0, 1, outage=NEVER)
    made.handle(decode("readings", 0, 1, sent_at(0))[0])
    long_way, taken = Timeline.of, []

    def of(columns, before):
        taken.append(len(columns))
        return long_way(columns, before)

    monkeypatch.setattr(Timeline, "of", of)
    made.long_way = taken
    return made


def test_good_rows_go_the_short_way(bank):
    out = bank.handle(decode("readings", 0, 1, sent_at(1, (1.0, 9.0)))[0])
    assert (bank.long_way, out.accepted, len(out.signals)) == ([], 2, 1)


@pytest.mark.parametrize(
    "records",
    [
        [*sent_at(1), *sent_at(2)],
        sent_at(0),
        [replace(one, timestamp=int(START * 1000)) for one in sent_at(300)],
        sent_at(1, ("null",)),
        sent_at(1) * (FEW // 3 + 1),
    ],
    ids=["a station twice", "not new", "ahead of the clock", "missing", "many"],
)
def test_others_go_the_long_way(bank, records):
    for offset, record in enumerate(records, start=100):
        record.offset = offset
    bank.handle(decode("readings", 0, 1, records)[0])
    assert bank.long_way == [len(records)]
