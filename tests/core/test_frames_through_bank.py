"""Frames that go through the Bank as they are give the bytes of the same rows one by one."""

import random

import msgspec
import pytest

from streams.core import chains, latching, numbers
from streams.core.by_frame import ByFrame
from streams.core.decode import decode
from streams.core.detect import Bank
from streams.core.slots import NEVER
from streams.models.columns import Columns
from streams.models.framed import Framed
from streams.models.times import SECOND
from tests.core.frame_streams import Frames
from tests.core.record_streams import seeded_site


def batches_of(records, cuts):
    return [records[start:end] for start, end in zip([0, *cuts], [*cuts, len(records)], strict=True)]


def bytes_of(bank, batches, form=lambda columns: columns):
    found = []
    for batch in batches:
        columns, refused = decode("readings", 0, 1, batch)
        out = bank.handle(form(columns))
        rejects = [(row.offset, row.row, reject) for row, reject in out.rejects]
        found.append((out.signals, rejects, refused, out.accepted, out.repeats, sorted(out.checks.items())))
    flat = [[one for part in column for one in part] for column in list(zip(*found, strict=True))[:3]]
    counts = [sum(column) for column in list(zip(*found, strict=True))[3:5]]
    checks: dict[str, int] = {}
    for _, _, _, _, _, some in found:
        for name, count in some:
            checks[name] = checks.get(name, 0) + count
    latest = sorted(bank.take_latest(), key=lambda one: (one.station, one.property, one.status))
    return msgspec.json.encode((flat, counts, sorted(checks.items()), bank.progress(), latest))


def by_row(columns: Columns) -> Columns:
    return Columns.of(columns)


@pytest.mark.parametrize("seed", range(8))
def test_frames_give_the_bytes_of_their_rows(seed, monkeypatch):
    r = random.Random(seed)
    the_site, outage = seeded_site(r), r.choice([NEVER, 10 * SECOND])
    records = Frames(r, the_site).records(r.choice([8, 24]))
    cuts = sorted(r.sample(range(1, len(records)), 3))
    whole = bytes_of(Bank(the_site, 0, 1, outage=outage), [records])
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), [records], by_row) == whole
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), batches_of(records, cuts)) == whole
    alone = [[record] for record in records]
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), alone, by_row) == whole
    for few in (0, 1):  # slots that are judged one by one: the others go on together
        monkeypatch.setattr(chains, "FEW", few)
        monkeypatch.setattr(latching, "FEW", few)
        assert bytes_of(Bank(the_site, 0, 1, outage=outage), [records]) == whole
    monkeypatch.setattr(numbers, "simdjson", None)
    assert bytes_of(Bank(the_site, 0, 1, outage=outage), batches_of(records, cuts)) == whole


def test_good_frames_stay_frames(monkeypatch):
    """The quick way is taken at all."""
    taken = []
    way = ByFrame.segment
    monkeypatch.setattr(
        ByFrame, "segment", lambda self, batch, which, out: taken.append(len(which)) or way(self, batch, which, out)
    )
    r = random.Random(3)
    the_site = seeded_site(r)
    source = Frames(r, the_site)
    source.odd, source.mixed = 0.0, False
    records = [record for record in source.records(40) if record.value]
    columns, _ = decode("readings", 0, 1, [record for record in records if record.value[:1] == b"{"])
    assert isinstance(columns, Framed) or not len(columns)
    Bank(the_site, 0, 1).handle(decode("readings", 0, 1, records)[0])
    frames = decode("readings", 0, 1, records)[0]
    assert sum(taken) == (len(records) if isinstance(frames, Framed) else 0)
