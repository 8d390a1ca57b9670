"""Inputs made of several: rows of one station's readings, whatever the batches, and after a restart anywhere."""

import json
import random

import msgspec
import numpy as np
import pytest

from streams.core import detect
from streams.core.waiting import Block, Exact, Latest
from streams.models.observation import Tick
from streams.models.site import Input, Source, Step
from streams.models.times import HOUR, SECOND
from tests.core.record_streams import START, Record
from tests.core.runs import Bank, numbered, row
from tests.core.sites import above, hazard, site, stream
from tests.core.test_frames_through_bank import batches_of, by_row, bytes_of


def shaken(join="exact", **more):
    """A hazard of the vector of three components, in m."""
    sources = tuple(Source(name, name, "m") for name in "xyz")
    steps = (Step("vector_sum", {}), *more.pop("steps", ()))
    return Input("v", "x", "m", steps, sources=sources, join=join, **more)


def the_site(*conditions, of=None, stations=("S1",), unit="m", rules=None):
    inputs = {"v": of or shaken()}
    much = hazard(conditions or [above("much", 5, 4, of="v")], rules or {1: "much"}, inputs=inputs, subject="station")
    raw = {name: Input(name, name, "m") for name in "xyz"}
    much.inputs.update(raw)
    return site([stream(s, p, unit) for s in stations for p in "xyz"], much)


def told(out):
    return [(t.edge, t.station, t.property, t.time // SECOND, t.value) for s in out.signals for t in s.triggers]


def test_a_row_is_judged_when_its_last_reading_comes():
    bank = Bank(the_site(), 0, 1)
    out = bank.handle(numbered([row(1, 3, prop="x"), row(1, 4, prop="z"), row(1, 12, prop="y")]))
    assert told(out) == [("on", "S1", "x", 1, 13.0)]
    assert out.signals[0].source.position == (2, 0, 0)
    assert out.signals[0].passed == {"flood|S1|Actual": SECOND}


def test_a_row_that_lacks_a_reading_comes_out_after_its_wait():
    bank = Bank(the_site(of=shaken(max_wait=5 * SECOND)), 0, 1)
    assert told(bank.handle(numbered([row(1, 3, prop="x"), row(1, 4, prop="y"), row(6, 0, prop="z")]))) == []
    late = row(7, 0, prop="z", offset=3)
    assert told(bank.handle([late])) == [("on", "S1", "x", 1, 5.0)]


def test_a_row_comes_out_also_when_no_reading_ever_comes_again():
    """What a station said last before it fell silent is judged, and nothing of it is kept."""
    bank = Bank(the_site(of=shaken(max_wait=5 * SECOND)), 0, 1)
    assert told(bank.handle(numbered([row(1, 3, prop="x"), row(1, 4, prop="y"), row(2, 9, prop="x")]))) == []
    assert told(bank.handle([Tick(3, 7 * SECOND)])) == []
    out = bank.handle([Tick(4, 8 * SECOND)])
    assert told(out) == [("on", "S1", "x", 1, 5.0)]  # one of three channels is not enough for that of 2 s
    assert out.signals[0].received == 8 * SECOND
    (state,) = bank._held.joins.all[0].waiting.values()
    assert len(state.time) == 0
    assert told(bank.handle([row(1, 9, prop="z", offset=5, received=9)])) == []


def test_what_nobody_could_write_does_not_count_as_waiting():
    bank = Bank(the_site(of=shaken(max_wait=5 * SECOND)), 0, 1)
    bank.handle(numbered([row(1, 3, prop="x"), row(1, 4, prop="y")]))
    assert told(bank.handle([row(1, 12, prop="z", offset=3, received=60)])) == [("on", "S1", "x", 1, 13.0)]


def test_values_are_in_the_unit_of_the_channel():
    bank = Bank(the_site(unit="cm"), 0, 1)
    out = bank.handle(numbered([row(1, 300, prop="x"), row(1, 400, prop="y"), row(1, 0, prop="z")]))
    assert told(out) == [("on", "S1", "x", 1, 5.0)]


def test_the_latest_of_the_others_must_not_be_too_old():
    bank = Bank(the_site(of=shaken("latest", max_age=HOUR)), 0, 1)
    first = [row(1, 3, prop="y"), row(2, 0, prop="z"), row(3601, 4, prop="x"), row(3602, 1, prop="x")]
    assert told(bank.handle(numbered(first))) == [("on", "S1", "x", 3601, 5.0), ("off", "S1", "x", 3602, 1.0)]


def test_one_time_of_the_first_input_makes_one_row():
    """A window whose value changes because something came late has told of its newest time already."""
    sums = (Step("sum", {"over": HOUR}),)
    of = shaken("latest", max_age=HOUR)
    sources = tuple(Source(s.channel, s.property, s.unit, sums if s.channel == "x" else ()) for s in of.sources)
    bank = Bank(the_site(of=Input("v", "x", "m", of.steps, sources=sources, join="latest", max_age=HOUR)), 0, 1)
    rows = [row(1, 3, prop="y"), row(2, 0, prop="z"), row(600, 4, prop="x"), row(60, -3, prop="x", received=601)]
    assert told(bank.handle(numbered([*rows, row(700, 3, prop="x")]))) == [("on", "S1", "x", 600, 5.0)]


def test_a_suspect_reading_puts_the_row_in_doubt():
    inputs = {"v": shaken(), **{name: Input(name, name, "m") for name in "xyz"}}
    much = hazard([above("much", 5, 4, of="v")], {1: "much"}, inputs=inputs, subject="station", checks=("range",))
    bank = Bank(site([stream("S1", p, soft_max=2.0 if p == "y" else None) for p in "xyz"], much), 0, 1)
    out = bank.handle(numbered([row(1, 3, prop="x"), row(1, 4, prop="y"), row(1, 0, prop="z")]))
    assert [(t.quality, t.check) for s in out.signals for t in s.triggers] == [(3, "suspect_before")]


def records_of(r, stations, count):
    rows, now = [], 0
    for _ in range(count):
        now += r.choice([0, 0, 1, 1, 2, 9])
        station, prop = r.choice(stations), r.choice("xxyz")
        value = r.choice([None, 0, 1, 3, 3, 4, 5, 7])
        at = now - r.choice([0, 0, 0, 0, 3, 8])
        rows.append(row(at, value, station, prop, received=now, status=r.choice(["Actual"] * 9 + ["Exercise"])))
        if r.random() < 0.1:
            now += r.choice([3, 7, 12])
            rows.append(Tick(0, now * SECOND))
    return numbered(rows)


def seeded(seed):
    r = random.Random(seed)
    conditions = [above("much", 5, 4, of="v"), above("long", 4, 3, of="v", hold=3 * SECOND)]
    of = shaken(r.choice(["exact", "latest"]), max_wait=r.choice([2, 6]) * SECOND, max_age=r.choice([2, 20]) * SECOND)
    if r.random() < 0.5:
        mean = (Step("mean", {"over": 10 * SECOND}),)
        sources = tuple(Source(s.channel, s.property, s.unit, mean if s.channel == "y" else ()) for s in of.sources)
        of = Input("v", "x", "m", of.steps, sources=sources, join=of.join, max_wait=of.max_wait, max_age=of.max_age)
    stations = ("S1", "S2")
    rules = {1: "much", 2: {"all": [{"not": "much"}, {"not": "long"}]}} if seed % 3 == 0 else None
    return the_site(*conditions, of=of, stations=stations, rules=rules), records_of(r, stations, 80), r


@pytest.mark.parametrize("seed", range(30))
def test_batches_and_restarts_make_no_difference(seed):
    world, rows, r = seeded(seed)
    whole = Bank(world, 0, 1)
    expected = whole.handle(rows).signals
    bank, found, at = Bank(world, 0, 1), [], 0
    while at < len(rows):
        end = at + r.choice([1, 1, 2, 5, 20])
        found += bank.handle(rows[at:end]).signals
        at = end
        if r.random() < 0.3 and at < len(rows):
            chunk, rest, upto = bank.save_chunk(0, 100), bank.save_rest(), rows[at - 1].offset + 1
            bank = Bank(world, 0, 1)
            bank.load_rest(rest, upto)
            bank.load_chunk(chunk, 0, upto)
    assert msgspec.json.encode(found) == msgspec.json.encode(expected)


@pytest.mark.parametrize("seed", range(10))
def test_chunks_that_are_older_than_the_rest(seed):
    """Rows that joins have had are read again for the slots only."""
    world, rows, r = seeded(100 + seed)
    expected = Bank(world, 0, 1).handle(rows).signals
    first, second = sorted(r.sample(range(1, len(rows)), 2))
    bank = Bank(world, 0, 1)
    found = bank.handle(rows[:first]).signals
    chunk = bank.save_chunk(0, 100)
    found += bank.handle(rows[first:second]).signals
    again = Bank(world, 0, 1)
    again.load_rest(bank.save_rest(), second)
    again.load_chunk(chunk, 0, first)
    found += again.handle(rows[first:]).signals
    assert msgspec.json.encode(found) == msgspec.json.encode(expected)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", [Exact, Latest])
def test_blocks_may_be_cut_anywhere(kind, seed):
    r = np.random.default_rng(seed)

    def run(cuts):
        random_ = np.random.default_rng(seed)
        state, out = kind(3), []
        for _ in range(12):
            channel, count = int(random_.integers(3)), int(random_.integers(1, 30))
            time = np.cumsum(random_.integers(1, 4, count)) + int(random_.integers(0, 60))
            block = Block(channel, time, random_.normal(size=count), random_.random(count) < 0.1)
            ends = [*sorted(set(r.integers(0, count, cuts).tolist())), count]
            for first, end in zip([0, *ends[:-1]], ends, strict=True):
                if end > first:
                    made = state.take(block.part(first, end), 20)
                    cause = made.cause + first
                    out += zip(cause.tolist(), made.time.tolist(), made.value.tolist(), made.doubtful, strict=True)
        return repr(out)

    assert run(0) == run(3) == run(9)


def waveforms(r, stations, seconds, rate=50):
    """Frames of a second of three components, one after the other; a quake in the middle."""
    records, offset, random_ = [], 0, np.random.default_rng(r.randrange(1000))
    for second in range(seconds):
        for station in stations:
            for prop in "xyz":
                if r.random() < 0.03:
                    continue
                quake = 2.0 if second >= seconds // 2 else 0.01
                values = np.round(9.8 * (prop == "z") + quake * random_.normal(size=rate), 4).tolist()
                frame = {"station": station, "property": prop, "start": START + second, "step": 1 / rate}
                body = json.dumps(frame | {"values": values}).encode()
                records.append(Record(station.encode(), body, offset, int((START + second + 1.5) * 1000)))
                offset += 1
    return records


@pytest.mark.parametrize("seed", range(4))
def test_frames_of_three_components_give_the_bytes_of_their_rows(seed):
    r = random.Random(seed)
    sources = tuple(Source(name, name, "m/s2") for name in "xyz")
    steps = (Step("intensity", {"over": 10 * SECOND, "rate": 50.0}),)
    felt = Input("felt", "x", "1", steps, output="intensity", sources=sources, max_wait=3 * SECOND)
    inputs = {"felt": felt, **{name: Input(name, name, "Gal") for name in "xyz"}}
    levels = {1: "strong"} if seed < 2 else {1: "strong", 2: {"not": "strong"}}
    quake = hazard([above("strong", 6, 5, unit="1", of="felt")], levels, inputs=inputs, subject="station")
    world = site([stream(s, p, "Gal" if seed % 2 else "m/s2") for s in ("S1", "S2") for p in "xyz"], quake)
    records = waveforms(r, ("S1", "S2"), 20)
    cuts = sorted(r.sample(range(1, len(records)), 5))
    whole = bytes_of(detect.Bank(world, 0, 1), [records])
    assert bytes_of(detect.Bank(world, 0, 1), batches_of(records, cuts)) == whole
    assert bytes_of(detect.Bank(world, 0, 1), batches_of(records, cuts), by_row) == whole
    assert (b'"edge":"on"' in whole) == (seed % 2 == 0)
    assert (b'"first":true' in whole) == (seed >= 2)
