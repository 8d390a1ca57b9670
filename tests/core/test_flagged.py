"""What became of each row: whatever the form and the batches, the same; and nothing changes because somebody asks."""

import random

import pytest

from streams.core.decode import decode
from streams.core.detect import Bank
from streams.core.flagged import FlagSink
from streams.core.quality import NAMES, check_of, flag_of
from streams.core.slots import NEVER
from streams.models.columns import Columns
from streams.models.times import SECOND
from tests.core.frame_streams import Frames
from tests.core.record_streams import Source, checked_site, seeded_site
from tests.core.test_columns_through_bank import encoded

OUTAGES = (NEVER, 10 * SECOND)


def as_it_is(columns):
    return columns


def by_row(columns):
    return Columns.of(columns)


def flagged(bank, batches, form=as_it_is):
    """All rows, as text: a value that is missing equals itself."""
    sink, found = FlagSink(), []
    for records in batches:
        out = bank.handle(form(decode("readings", 0, 1, records)[0]), sink)
        found += map(repr, sink.take(out.rejects))
    return found


def cut(records, cuts):
    return [records[start:end] for start, end in zip([0, *cuts], [*cuts, len(records)], strict=True)]


@pytest.mark.parametrize("make", [Source, Frames])
@pytest.mark.parametrize("seed", range(6))
def test_any_split_and_any_form_give_the_same_rows(seed, make):
    r = random.Random(seed)
    the_site, outage = (checked_site if seed % 2 else seeded_site)(r), r.choice(OUTAGES)
    records = make(r, the_site).records(60 if make is Source else 7)
    some = cut(records, sorted(r.sample(range(1, len(records)), 4)))
    alone = [[record] for record in records]
    whole = flagged(Bank(the_site, 0, 1, outage=outage), [records])
    assert whole
    for batches, form in ((some, as_it_is), (alone, as_it_is), ([records], by_row), (alone, by_row)):
        assert flagged(Bank(the_site, 0, 1, outage=outage), batches, form) == whole


@pytest.mark.parametrize("make", [Source, Frames])
@pytest.mark.parametrize("seed", range(100, 106))
def test_who_asks_changes_nothing_and_hears_of_every_row(seed, make):
    r = random.Random(seed)
    the_site, outage = (checked_site if seed % 2 else seeded_site)(r), r.choice(OUTAGES)
    records = make(r, the_site).records(40 if make is Source else 7)
    asked, quiet, sink = *(Bank(the_site, 0, 1, outage=outage) for _ in range(2)), FlagSink()
    for batch in cut(records, sorted(r.sample(range(1, len(records)), 5))):
        columns = decode("readings", 0, 1, batch)[0]
        loud, silent = asked.handle(columns, sink), quiet.handle(decode("readings", 0, 1, batch)[0])
        assert encoded(loud) == encoded(silent)
        assert (loud.accepted, loud.repeats, loud.checks) == (silent.accepted, silent.repeats, silent.checks)
        rows = sink.take(loud.rejects)
        outcomes = [row.outcome for row in rows]
        assert outcomes.count("accepted") == loud.accepted
        assert outcomes.count("repeat") == loud.repeats
        assert outcomes.count("rejected") == len(loud.rejects)
        assert len(rows) - outcomes.count("silent") == len(columns)
        said = [name for row in rows for name in (row.check, *row.also) if name in loud.checks]
        assert {name: said.count(name) for name in loud.checks} == loud.checks
    assert asked.take_latest() == quiet.take_latest()
    assert asked.save_rest() == quiet.save_rest()
    assert asked.save_chunk(0, asked.slots_used) == quiet.save_chunk(0, quiet.slots_used)


@pytest.mark.parametrize("seed", range(200, 208))
def test_the_last_row_of_a_datastream_has_the_flag_that_latest_has(seed):
    r = random.Random(seed)
    the_site = checked_site(r)
    bank, sink, last = Bank(the_site, 0, 1), FlagSink(), {}
    for record in Source(r, the_site).records(60):
        out = bank.handle(decode("readings", 0, 1, [record])[0], sink)
        for row in sink.take(out.rejects):
            if row.outcome == "accepted" and "late" not in (row.check, *row.also):
                last[row.station, row.property, row.status] = (row.flag, row.check)
    latest = {(one.station, one.property, one.status): (one.quality, one.check) for one in bank.take_latest()}
    assert {key: found for key, found in latest.items() if key in last} == last


def test_every_bit_is_named():
    for bit, name in NAMES.items():
        assert check_of(bit) == name
        assert flag_of(bit) in (1, 3, 4, 9)
