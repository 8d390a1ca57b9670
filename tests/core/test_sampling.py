"""Samples for the comparison with neighbours: which rows, in which place of the stream, whatever the batches."""

import random
from dataclasses import replace

import msgspec
import pytest

from streams.core.decode import decode
from streams.core.detect import Bank as PlainBank
from streams.core.slots import NEVER
from streams.models.datastream import Checks
from streams.models.signal import Sampled, Triggered, decode_signal
from streams.models.site import CHECKS
from streams.models.times import MINUTE, SECOND
from tests.core.record_streams import Source, seeded_site
from tests.core.runs import Bank, numbered, row
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream
from tests.core.test_columns_through_bank import bytes_of, chunks_of, encoded, restored

OWN = Checks(neighbour=0.5, neighbour_least=1, neighbour_age=30 * MINUTE, neighbour_every=MINUTE)


def pair(**more):
    """Two gauges of one group, of which the first is judged."""
    first = stream("S1", zone="Z1", group="weir", checks=OWN, **more)
    second = stream("S2", zone="Z2", group="weir")
    return site([first, second, stream("S3")], hazard(FOUR, FOUR_LEVELS, checks=CHECKS), zones=("Z1", "Z2"))


def samples(rows, the_site=None, batch=1):
    bank, rows = Bank(the_site or pair(), 0, 1, outage=NEVER), numbered(list(rows))
    out = [one for at in range(0, len(rows), batch) for one in bank.handle(rows[at : at + batch]).signals]
    return [one for one in out if isinstance(one, Sampled)]


def told(rows, the_site=None):
    found = samples(rows, the_site)
    assert found == samples(rows, the_site, batch=3) == samples(rows, the_site, batch=1_000)
    return [(one.station, one.time // SECOND, one.value, one.quality) for one in found]


def test_the_first_row_of_each_step_is_a_sample():
    rows = [row(at, at / 100) for at in (60, 70, 119, 120, 121, 250)]
    assert told(rows) == [("S1", 60, 0.6, 1), ("S1", 120, 1.2, 1), ("S1", 250, 2.5, 1)]


def test_it_says_who_it_is_and_goes_to_the_home_of_the_group():
    (one,) = samples([row(60, 1, "S2", offset=0)])
    assert (one.zone, one.group, one.unit, one.status) == ("Z1", "weir", "m", "Actual")
    assert (one.source.offset, one.source.row, one.source.n, one.received) == (0, 0, 0, 60 * SECOND)
    assert decode_signal(msgspec.json.encode(one)) == one


def test_neighbours_of_who_is_judged_are_sampled_and_others_are_not():
    assert told([row(60, 1, "S2"), row(61, 2, "S3"), row(62, 3, "S1")]) == [("S2", 60, 1.0, 1), ("S1", 62, 3.0, 1)]


def test_late_rows_and_rows_with_a_wrong_clock_are_none():
    rows = [row(600, 1), row(300, 2), row(9_000, 3, received=601), row(700, 4, received=701)]
    assert told(rows) == [("S1", 600, 1.0, 1), ("S1", 700, 4.0, 1)]


def test_a_suspect_value_is_sent_as_such_and_one_that_cannot_be_is_not():
    rows = [row(60, 9), row(120, 99), row(180, None), row(240, 1)]
    assert told(rows, pair(soft_max=8.0, hard_max=50.0)) == [("S1", 60, 9.0, 3), ("S1", 240, 1.0, 1)]


def test_an_exercise_is_sampled_apart():
    found = samples([row(60, 1), row(70, 2, status="Exercise"), row(80, 3, status="Exercise")])
    assert [(one.status, one.value) for one in found] == [("Actual", 1.0), ("Exercise", 2.0)]
    assert found[0].id != found[1].id


def test_a_sample_stands_after_what_else_its_row_means():
    bank = Bank(pair(), 0, 1, outage=NEVER)
    signals = bank.handle(numbered([row(60, 9), row(61, 1, "S2"), row(120, 1)])).signals
    assert [type(one) for one in signals] == [Triggered, Sampled, Sampled, Triggered, Sampled]
    assert [one.source.position for one in signals] == [(0, 0, 0), (0, 0, 1), (1, 0, 0), (2, 0, 0), (2, 0, 1)]


def test_no_hazard_that_asks_no_samples():
    the_site = pair()
    without = {name: replace(one, checks=("range",)) for name, one in the_site.hazards.items()}
    assert told([row(60, 1)], replace(the_site, hazards=without)) == []


def world(r: random.Random):
    """Some groups, and no other check that looks back: a handful of rows takes the short way."""
    found = seeded_site(r)
    own = Checks(neighbour=1.0, neighbour_every=r.choice([1, 20]) * SECOND)
    streams = [
        replace(one, group=r.choice([None, "G"]), checks=r.choice([own, Checks()]))
        for one in found.datastreams.values()
    ]
    hazards = {one.name: replace(one, checks=CHECKS) for one in found.hazards.values()}
    return replace(found, datastreams={one.key: one for one in streams}, hazards=hazards)


@pytest.mark.parametrize("seed", range(16))
def test_any_split_gives_the_same_bytes(seed):
    r = random.Random(seed)
    the_site = world(r)
    records = Source(r, the_site).records(100)
    cuts = sorted(r.sample(range(1, len(records)), 4))
    whole = bytes_of(PlainBank(the_site, 0, 1), records, [], [])
    assert bytes_of(PlainBank(the_site, 0, 1), records, cuts, [r.randint(0, 99) for _ in range(3)]) == whole
    assert bytes_of(PlainBank(the_site, 0, 1), records, range(1, len(records)), range(1, 50)) == whole


@pytest.mark.parametrize("seed", range(100, 108))
def test_a_killed_bank_goes_on_with_the_same_samples(seed):
    r = random.Random(seed)
    the_site, size = world(r), r.choice([1, 3, 100])
    records = Source(r, the_site).records(80)
    bank = PlainBank(the_site, 0, 1)
    chunks, upto = chunks_of(bank, records, sorted(r.sample(range(1, len(records)), 5)), r, size)
    rest = bank.save_rest()
    again = restored(the_site, 10 * SECOND, chunks, rest, upto)
    whole = chunks.keys() >= set(range(0, bank.slots_used, size))
    start = min(as_of for as_of, _ in chunks.values()) if whole else 0
    expected = encoded(bank.handle(decode("readings", 0, 1, [one for one in records if one.offset >= upto])[0]))
    found = again.handle(decode("readings", 0, 1, [one for one in records if one.offset >= start])[0])
    assert encoded(found) == expected


def test_these_streams_have_samples_that_a_handful_made():
    found = 0
    for seed in range(8):
        r = random.Random(seed)
        the_site = world(r)
        out = bytes_of(PlainBank(the_site, 0, 1), Source(r, the_site).records(100), [], [])
        found += str(out).count('"sample"')
    assert found > 50
