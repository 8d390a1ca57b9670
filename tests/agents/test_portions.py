from types import SimpleNamespace

from streams.agents.portions import one_by_one, portions
from streams.checkpoint.deaths import Verdicts
from streams.completion import Partition
from streams.models.saved import Death
from tests.agents.given import batch, record

TP = Partition("readings", 0)


def taken(*deaths):
    made = batch(TP, [record(o, b"") for o in range(10, 15)])
    return [[r.offset for r in some] for some in portions(made, Verdicts(deaths))]


def died(first, last, name):
    return Death(first, last, "exception", "", name)


def test_a_batch_is_taken_whole_while_nobody_has_died():
    assert taken() == [[10, 11, 12, 13, 14]]
    assert taken(died(10, 14, "a")) == [[10, 11, 12, 13, 14]]


def test_record_by_record_at_the_second_death():
    assert taken(died(10, 14, "a"), died(12, 20, "b")) == [[10], [11], [12], [13], [14]]


def test_without_the_guilty_one():
    assert taken(died(12, 12, "a"), died(12, 12, "b")) == [[10, 11, 13, 14]]


def test_a_batch_of_guilty_ones_only_is_nothing():
    deaths = [died(o, o, f"{o}{n}") for o in range(10, 15) for n in "ab"]
    assert taken(*deaths) == []


def test_where_decoding_fails_each_record_is_alone():
    failed = []

    def decode(records):
        if any(r.value == b"bad" for r in records):
            raise ValueError("boom")
        return [r.offset for r in records]

    records = [SimpleNamespace(offset=n, value=v) for n, v in enumerate((b"a", b"bad", b"c", b"bad"))]
    assert list(one_by_one(decode, records, lambda r, e: failed.append((r.offset, str(e))))) == [[0], [2]]
    assert failed == [(1, "boom"), (3, "boom")]
    assert list(one_by_one(decode, records[::2], lambda *_: None)) == [[0, 2]]
