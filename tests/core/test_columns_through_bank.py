"""Seeded streams of everything: any split gives the same bytes, and a Bank that was killed goes on with them."""

import random
from dataclasses import replace

import msgspec
import pytest

from streams.core.decode import decode
from streams.core.detect import Bank
from streams.core.plan import words_of
from streams.core.slots import NEVER
from streams.models.times import SECOND
from tests.core.record_streams import Source, seeded_site

OUTAGES = (NEVER, 10 * SECOND, 60 * SECOND)


def told(bank):
    """What a Bank says when it is asked."""
    progress = bank.progress()
    latest = sorted(bank.take_latest(), key=lambda one: (one.station, one.property, one.status))
    return msgspec.json.encode((progress, latest))


def encoded(out):
    return msgspec.json.encode((out.signals, [(row.offset, row.row, reject) for row, reject in out.rejects]))


def bytes_of(bank, records, record_cuts, row_cuts):
    """Everything a Bank makes of records that come in batches, each cut further between rows."""
    signals, rejects, checks, counts = [], [], {}, [0, 0]
    for start, end in zip([0, *record_cuts], [*record_cuts, len(records)], strict=True):
        columns, _ = decode("readings", 0, 1, records[start:end])
        cuts = sorted({0, *(cut % (len(columns) + 1) for cut in row_cuts)} - {len(columns)} | {0})
        for at, stop in zip(cuts, [*cuts[1:], len(columns)], strict=True):
            out = bank.handle(columns.part(at, stop))
            signals += out.signals
            rejects += [(row.offset, row.row, reject) for row, reject in out.rejects]
            counts = [counts[0] + out.accepted, counts[1] + out.repeats]
            checks = {name: checks.get(name, 0) + out.checks.get(name, 0) for name in {*checks, *out.checks}}
    return [msgspec.json.encode(x) for x in (signals, rejects, sorted(checks.items()), counts)], told(bank)


@pytest.mark.parametrize("seed", range(12))
def test_any_split_gives_the_same_bytes(seed):
    r = random.Random(seed)
    the_site, outage = seeded_site(r), r.choice(OUTAGES)
    records = Source(r, the_site).records(r.choice([20, 60, 120]))
    cuts = sorted(r.sample(range(1, len(records)), 4))
    whole = bytes_of(Bank(the_site, 0, 1, outage=outage), records, [], [])
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), records, cuts, [r.randint(0, 99) for _ in range(3)]) == whole
    alone = bytes_of(Bank(the_site, 0, 1, outage=outage), records, range(1, len(records)), range(1, 50))
    assert alone == whole


def chunks_of(bank, records, cuts, r, size):
    """Handle records batch by batch; save some chunks after each, and at the end what is in no slot."""
    chunks = {}
    for start, end in zip([0, *cuts], cuts, strict=False):
        bank.handle(decode("readings", 0, 1, records[start:end])[0])
        upto = records[end - 1].offset + 1
        for first in range(0, bank.slots_used, size):
            if r.random() < 0.5:
                chunks[first] = (upto, bank.save_chunk(first, size))
    if any(words_of(one) for one in bank.site.hazards.values()):  # whose state is lost says its first words again
        for first in range(0, bank.slots_used, size):
            chunks.setdefault(first, (upto, bank.save_chunk(first, size)))
    return chunks, upto


def restored(the_site, outage, chunks, rest, upto):
    bank = Bank(the_site, 0, 1, outage=outage)
    bank.load_rest(rest, upto)
    for first, (as_of, chunk) in chunks.items():
        assert bank.load_chunk(chunk, first, as_of) == 0
    return bank


@pytest.mark.parametrize("seed", range(100, 116))
def test_a_killed_bank_goes_on_with_the_bytes_of_one_that_was_not(seed):
    r = random.Random(seed)
    the_site, outage, size = seeded_site(r), r.choice(OUTAGES), r.choice([1, 3, 100])
    records = Source(r, the_site).records(r.choice([40, 120]))
    cuts = sorted(r.sample(range(1, len(records)), 5))
    bank = Bank(the_site, 0, 1, outage=outage)
    chunks, upto = chunks_of(bank, records, cuts, r, size)
    rest, offset = bank.save_rest(), bank.position[0]
    streams = list(the_site.datastreams.values())
    r.shuffle(streams)  # the order of slots has no part in it
    again = restored(replace(the_site, datastreams={s.key: s for s in streams}), outage, chunks, rest, upto)
    whole = chunks.keys() >= set(range(0, bank.slots_used, size))
    start = min(as_of for as_of, _ in chunks.values()) if whole else 0
    bank.take_latest()
    tail = [one for one in records if one.offset >= upto]
    expected = encoded(bank.handle(decode("readings", 0, 1, tail)[0]))
    read = [one for one in records if one.offset >= start]
    assert again.progress().offset == offset
    found, size = [], r.choice([7, 1000])
    for at in range(0, len(read), size):
        out = again.handle(decode("readings", 0, 1, read[at : at + size])[0])
        found.append(out)
    for out in found[1:]:
        found[0].add(out)
    assert encoded(found[0]) == expected
    assert not again.catching_up or not tail
    assert msgspec.json.encode(again.progress()) == msgspec.json.encode(bank.progress())


def test_slots_whose_configuration_has_changed_are_left_out():
    r = random.Random(5)
    the_site = seeded_site(r)
    records = Source(r, the_site).records(60)
    bank = Bank(the_site, 0, 1)
    bank.handle(decode("readings", 0, 1, records)[0])
    streams = list(the_site.datastreams.values())
    streams[0] = replace(streams[0], soft_max=4.5)
    other = Bank(replace(the_site, datastreams={s.key: s for s in streams}), 0, 1)
    upto = records[-1].offset + 1
    other.load_rest(bank.save_rest(), upto)
    statuses = 1 + sum(stream == 0 for stream, _ in bank.slots.others)
    assert other.load_chunk(bank.save_chunk(0, 1000), 0, upto) == statuses
    assert other.slots.newest[0] != bank.slots.newest[0] or bank.slots.written[0] == 0


def test_a_damaged_chunk_is_refused():
    r = random.Random(6)
    the_site = seeded_site(r)
    bank = Bank(the_site, 0, 1)
    chunk = bank.save_chunk(0, 1000)
    for broken in (b"", chunk[: len(chunk) // 2], b"\xc0" + chunk):
        with pytest.raises(ValueError):
            bank.load_chunk(broken, 0, 1)
