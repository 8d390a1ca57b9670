"""State of a Bank as bytes: what is odd about it survives, what cannot be taken in is said to be so."""

import msgspec
import pytest

from streams.core.chunk import decode_chunk
from streams.models.partition import partition_of
from streams.models.times import HOUR
from tests.core.runs import Bank, row
from tests.core.sites import above, hazard, site, stream

UNFIT = (ValueError, LookupError, AttributeError, TypeError)
WINDOW = [("sum", {"over": HOUR, "kind": "increment"})]
HERE = [s for s in (f"S{n}" for n in range(20)) if partition_of(s.encode(), 2) == 0]
THERE = next(s for s in (f"S{n}" for n in range(20)) if partition_of(s.encode(), 2) == 1)


def a_site():
    much = hazard([above("much", 20, 15)], {1: "much"}, steps=WINDOW, checks=("range",))
    return site([stream(f"S{n}", soft_max=5.0) for n in range(1, 4)], much)


def saved(bank, slots=100):
    return bank.save_chunk(0, slots), bank.save_rest()


def loaded(the_site, chunk, rest, upto, partitions=1):
    bank = Bank(the_site, 0, partitions)
    bank.load_rest(rest, upto)
    bank.load_chunk(chunk, 0, upto)
    return bank


@pytest.mark.parametrize(("odd", "table"), [(9.0, "doubt_until"), (None, "missing_until")])
def test_a_slot_that_came_after_a_window_was_in_doubt(odd, table):
    """The tables of doubtful windows grow when they are needed: until then new slots have no row in them."""
    bank = Bank(a_site(), 0, 1)
    bank.handle([row(0, 1.0, "S1", offset=0), row(1, odd, "S1", offset=1)])
    chain = bank.chains[0]
    bank._held.named("S2", "water_level", "Exercise")  # as for a subject that was on watch: it is there, no row was
    assert (len(getattr(chain.doubt, table)), len(chain.owner)) == (3, 4)
    again = loaded(a_site(), *saved(bank), 2)
    later = [row(20, 21.0, "S1", offset=2), row(20, 30.0, "S2", offset=3, status="Exercise")]
    assert msgspec.json.encode(again.handle(later).signals) == msgspec.json.encode(bank.handle(later).signals)


def shorter(chunk):
    """A table with a row too few."""
    found = decode_chunk(chunk)
    column = found.slots["newest"]
    column.shape, column.data = (column.shape[0] - 1,), column.data[:-8]
    return msgspec.msgpack.encode(found)


def unknown(chunk):
    """A table that nobody knows any more."""
    found = decode_chunk(chunk)
    (chain,) = found.chains.values()
    chain.latches["moon"] = chain.latches["on"]
    return msgspec.msgpack.encode(found)


@pytest.mark.parametrize("harm", [shorter, unknown])
def test_a_chunk_that_does_not_fit_is_refused(harm):
    bank = Bank(a_site(), 0, 1)
    bank.handle([row(0, 25.0, offset=0), row(1, 2.0, offset=1, status="Exercise")])
    chunk, rest = saved(bank)
    with pytest.raises(UNFIT):
        loaded(a_site(), harm(chunk), rest, 2)


def shared_site():
    """One subject with datastreams in two partitions: each tells how far it is."""
    level = hazard([above("high", 3, 2.5)], {1: "high"})
    return site([stream(s, subject="reach") for s in (HERE[0], THERE)], level)


def test_what_progress_said_is_told_anew_after_a_restart():
    """It may not have arrived: then a data timer of the subject would wait for received time."""
    bank = Bank(shared_site(), 0, 2)
    bank.handle([row(10, 2.0, HERE[0], offset=0)])
    (told,) = bank.progress().passed.items()
    assert bank.progress().passed == {}
    again = loaded(shared_site(), *saved(bank), 1, partitions=2)
    assert again.progress().passed == dict([told])
    bank.tell_anew()
    assert bank.progress().passed == dict([told])
