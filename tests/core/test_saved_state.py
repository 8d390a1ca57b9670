"""What a Bank saves is the same byte for byte, however its records came in batches and wherever it was restored."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.chunk import decode_chunk, unpacked
from streams.core.decode import decode
from streams.core.slots import NEVER, UNHEARD
from streams.models.times import SECOND
from tests.core.frame_streams import Frames
from tests.core.record_streams import Source, checked_site, seeded_site
from tests.core.runs import Bank, row
from tests.core.sites import above, hazard, site, stream

OUTAGES = (NEVER, 10 * SECOND, 60 * SECOND)
FORMS = {"any": (seeded_site, Source, 40), "checked": (checked_site, Source, 40), "frames": (checked_site, Frames, 10)}


def state_of(the_site, outage, records, cuts, restores=()):
    """All that is saved at the end, of each slot by its name: the order of slots has no part in it."""
    bank, end = Bank(the_site, 0, 1, outage=outage), len(records)
    for start, stop in zip([0, *cuts], [*cuts, end], strict=True):
        bank.handle(decode("readings", 0, 1, records[start:stop])[0])
        if stop in restores and stop < end:
            upto, chunk, rest = records[stop - 1].offset + 1, saved(bank), bank.save_rest()
            bank = Bank(the_site, 0, 1, outage=outage)
            bank.load_rest(rest, upto)
            assert bank.load_chunk(chunk, 0, upto) == 0
    return by_slot(decode_chunk(saved(bank))), bank.save_rest()


def saved(bank):
    return bank.save_chunk(0, bank.slots_used)


def by_slot(chunk):
    names = [
        (station, chunk.properties[prop], status)
        for station, prop, status in zip(
            chunk.stations, unpacked(chunk.property).tolist(), unpacked(chunk.status).tolist(), strict=True
        )
    ]
    everyone, found = range(len(names)), {}
    tables = [("slots", everyone, chunk.slots), ("absences", everyone, chunk.absences)]
    tables += [("prints", everyone, {"": chunk.prints})]
    if chunk.checked is not None:
        tables.append(("checks", unpacked(chunk.checked), chunk.checks))
    if chunk.doubted is not None:
        tables.append(("doubts", unpacked(chunk.doubted), {"": chunk.doubts}))
    for name, chain in chunk.chains.items():
        members = unpacked(chain.members)
        tables += [((name, n), members, part) for n, part in enumerate(chain.parts)]
        tables += [(name, members, chain.windows), (name, members[unpacked(chain.active)], chain.latches)]
    for table, slots, columns in tables:
        for column, packed in columns.items():
            rows = unpacked(packed)
            found |= {(names[slot], table, column): rows[at].tobytes() for at, slot in enumerate(slots)}
    for column in ("ids", "battery"):
        found |= {(names[slot], column): said for slot, said in getattr(chunk, column).items()}
    return found | {(names[slot], "absent", *where): "" for slot, *where in chunk.absent}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=6)
@given(st.integers(0, 100_000), st.lists(st.integers(1, 99), max_size=6), st.sets(st.integers(0, 5)))
def test_any_split_and_any_restore_leave_the_same_state(form, seed, percents, which):
    make, source, count = FORMS[form]
    r = random.Random(seed)
    the_site, outage = make(r), r.choice(OUTAGES)
    records = source(r, the_site).records(count)
    cuts = sorted({max(1, count * percent // 100) for percent in percents})
    once = state_of(the_site, outage, records, [])
    assert state_of(the_site, outage, records, cuts, {cuts[n] for n in which if n < len(cuts)}) == once
    assert state_of(the_site, outage, records, range(1, count)) == once


def latches_of(bank):
    (chain,) = decode_chunk(saved(bank)).chains.values()
    return {name: unpacked(column).tolist() for name, column in chain.latches.items()}


def test_of_a_latch_that_is_off_only_that_is_kept():
    """A slot of which another latch is on has been on with this one, in doubt, and is off again."""
    levels = hazard([above("high", 3, 2.5), above("low", 1, 0.5)], {1: "low", 2: "high"}, checks=("range",))
    bank = Bank(site([stream("S1", soft_max=3.0)], levels), 0, 1)
    bank.handle([row(n, value, offset=n) for n, value in enumerate((2.0, 4.0, 2.0))])
    found = latches_of(bank)
    assert sorted(found["on"][0]) == [False, True]
    for on, doubtful, shown_at in zip(found["on"][0], found["doubtful"][0], found["shown_at"][0], strict=True):
        assert on or (not doubtful and shown_at == UNHEARD)


@pytest.mark.parametrize("values", [(0.0, -0.0), (-0.0, 0.0)])
def test_a_peak_of_nought_has_no_sign(values):
    bank = Bank(site([stream("S1")], hazard([above("high", -3, -4)], {1: "high"})), 0, 1)
    bank.handle([row(n, value, offset=n) for n, value in enumerate(values)])
    assert [str(peak) for peak in latches_of(bank)["peak"][0]] == ["0.0"]


def test_how_long_a_value_has_been_the_same_is_kept_of_those_that_are_judged_by_it():
    streams = [stream("S1", stuck_for=60 * SECOND), stream("S2")]
    bank = Bank(site(streams, hazard([above("high", 3, 2.5)], {1: "high"}, checks=("stuck",))), 0, 1)
    bank.handle([row(n, 1.0, station, offset=2 * n + at) for n in range(3) for at, station in enumerate(("S1", "S2"))])
    slots = {name: unpacked(column).tolist() for name, column in decode_chunk(saved(bank)).slots.items()}
    assert slots["same_count"] == [3, 0]
    assert slots["same_since"][1] == UNHEARD
