"""Checks that look back: any split gives the same bytes, and so do frames and a Bank that was killed."""

import random

import pytest

from streams.core import distrust, moves, numbers, runs
from streams.core.decode import decode
from streams.core.detect import Bank
from streams.core.slots import NEVER
from streams.models.times import SECOND
from tests.core import test_frames_through_bank as frames
from tests.core.frame_streams import Frames
from tests.core.record_streams import Source, checked_site
from tests.core.test_columns_through_bank import bytes_of, chunks_of, encoded, restored

OUTAGES = (NEVER, 10 * SECOND)
NAMES = {"rise", "fall", "shift", "oscillation", "unreliable", "range_soft", "range_hard"}


@pytest.mark.parametrize("seed", range(12))
def test_any_split_gives_the_same_bytes(seed):
    r = random.Random(seed)
    the_site, outage = checked_site(r), r.choice(OUTAGES)
    records = Source(r, the_site).records(r.choice([20, 60, 120]))
    cuts = sorted(r.sample(range(1, len(records)), 4))
    whole = bytes_of(Bank(the_site, 0, 1, outage=outage), records, [], [])
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), records, cuts, [r.randint(0, 99) for _ in range(3)]) == whole
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), records, range(1, len(records)), range(1, 50)) == whole


@pytest.mark.parametrize("seed", range(20, 28))
@pytest.mark.parametrize("few", [0, 10_000])
def test_rows_looked_at_one_by_one_or_together_give_the_same_bytes(seed, few, monkeypatch):
    r = random.Random(seed)
    the_site, outage = checked_site(r), r.choice(OUTAGES)
    records = Source(r, the_site).records(120)
    cuts = sorted(r.sample(range(1, len(records)), 3))
    whole = bytes_of(Bank(the_site, 0, 1, outage=outage), records, cuts, [])
    monkeypatch.setattr(moves, "FEW", few)
    monkeypatch.setattr(distrust, "FEW", few)
    monkeypatch.setattr(runs, "TURN", 0 if few else 1e9)
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), records, cuts, []) == whole


@pytest.mark.parametrize("seed", range(6))
def test_frames_give_the_bytes_of_their_rows(seed, monkeypatch):
    r = random.Random(seed)
    the_site, outage = checked_site(r), r.choice(OUTAGES)
    records = Frames(r, the_site).records(16)
    whole = frames.bytes_of(Bank(the_site, 0, 1, outage=outage), [records])
    assert frames.bytes_of(Bank(the_site, 0, 1, outage=outage), [records], frames.by_row) == whole
    monkeypatch.setattr(numbers, "simdjson", None)
    alone = [[record] for record in records]
    assert frames.bytes_of(Bank(the_site, 0, 1, outage=outage), alone, frames.by_row) == whole


@pytest.mark.parametrize("seed", range(200, 212))
def test_a_killed_bank_goes_on_with_the_bytes_of_one_that_was_not(seed):
    r = random.Random(seed)
    the_site, outage, size = checked_site(r), r.choice(OUTAGES), r.choice([1, 3, 100])
    records = Source(r, the_site).records(80)
    bank = Bank(the_site, 0, 1, outage=outage)
    chunks, upto = chunks_of(bank, records, sorted(r.sample(range(1, len(records)), 5)), r, size)
    rest = bank.save_rest()
    again = restored(the_site, outage, chunks, rest, upto)
    whole = chunks.keys() >= set(range(0, bank.slots_used, size))
    start = min(as_of for as_of, _ in chunks.values()) if whole else 0
    expected = encoded(bank.handle(decode("readings", 0, 1, [one for one in records if one.offset >= upto])[0]))
    found = again.handle(decode("readings", 0, 1, [one for one in records if one.offset >= start])[0])
    assert encoded(found) == expected


def test_these_streams_fail_every_check():
    seen = set()
    for seed in range(8):
        r = random.Random(seed)
        the_site = checked_site(r)
        seen |= Bank(the_site, 0, 1).handle(decode("readings", 0, 1, Source(r, the_site).records(120))[0]).checks.keys()
    assert seen >= NAMES
