"""Our records of a fetch against aiokafka's own: the same ones with the same content, the same offset after them."""

import random
import struct

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from streams.odd_batch import Answer
from streams.records import LightRecords

TP = TopicPartition("readings", 3)
SUM, ATTRIBUTES, CONTROL, GZIP = 17, 21, 0x20, 1
ABORT, COMMIT = (struct.pack(">hh", 0, kind) for kind in (0, 1))
ASKED = ("topic", "partition", "offset", "timestamp", "key", "value", "headers")


def a_batch(first, records, *, producer=None, control=False, compression=0, left_out=()):
    """Records of one batch as they lie in a log, from an offset on."""
    builder = DefaultRecordBatchBuilder(
        2, compression, int(producer is not None), -1 if producer is None else producer, 0, 0, 100_000
    )
    for at, (key, value, headers) in enumerate(records):
        if at not in left_out:
            builder.append(at, 1_000 + at, key, value, list(headers))
    data = bytearray(builder.build())
    struct.pack_into(">q", data, 0, first)
    if control:
        data[ATTRIBUTES + 1] |= CONTROL
    return bytes(data)


def read_by(kind, data, aborted, begin, isolation):
    found = kind(TP, MemoryRecords(data), aborted, begin, None, None, False, isolation)
    return [tuple(getattr(record, name) for name in ASKED) for record in found], found.next_fetch_offset


def some(chance, count):
    keys, heads = (None, b"k"), ((), (("tocsin", b"tick"),))
    return [(chance.choice(keys), chance.choice((None, b"v" * at)), chance.choice(heads)) for at in range(count)]


def a_log(chance):
    """Plain batches, compressed ones, some with holes, transactions of two producers that end either way."""
    data, aborted, at, open_at = [], [], 0, {}
    for _ in range(chance.randint(1, 9)):
        producer, count = chance.choice([None, None, 7, 8]), chance.randint(1, 5)
        if producer is None or chance.random() < 0.7:
            holes = {at for at in range(count - 1) if chance.random() < 0.2}
            compression = chance.choice([0, GZIP])
            data.append(a_batch(at, some(chance, count), producer=producer, compression=compression, left_out=holes))
            if producer is not None:
                open_at.setdefault(producer, at)
        else:
            end, count = chance.choice([ABORT, COMMIT]), 1
            data.append(a_batch(at, [(end, b"", ())], producer=producer, control=True))
            first = open_at.pop(producer, None)
            if end is ABORT and first is not None:
                aborted.append((producer, first))
        at += count
    return b"".join(data), aborted, at


@pytest.mark.parametrize("isolation", [READ_COMMITTED, READ_UNCOMMITTED], ids=["committed", "uncommitted"])
def test_the_same_records_as_aiokafka_makes_from_wherever_one_begins(isolation):
    seen = 0
    for seed in range(150):
        data, aborted, end = a_log(random.Random(seed))
        for begin in {0, end // 2, end - 1}:
            wanted = read_by(PartitionRecords, data, aborted, begin, isolation)
            assert read_by(LightRecords, data, aborted, begin, isolation) == wanted, (seed, begin)
            seen += len(wanted[0])
    assert seen > 500


def test_what_was_aborted_is_left_out_and_what_was_not_is_not():
    records = [(None, b"%d" % at, ()) for at in range(2)]
    marks = [a_batch(2, [(ABORT, b"", ())], producer=7, control=True)]
    data = b"".join([a_batch(0, records, producer=7), *marks, a_batch(3, records, producer=7)])
    found, after = read_by(LightRecords, data, [(7, 0)], 0, READ_COMMITTED)
    assert [record[2] for record in found] == [3, 4]
    assert after == 5


def test_a_batch_that_the_broker_has_damaged_says_where_it_is_and_what_to_do():
    data = bytearray(a_batch(40, [(None, b"v" * 20, ())] * 3))
    data[-5] ^= 1
    records = LightRecords(TP, MemoryRecords(bytes(data)), [], 40, None, None, True, READ_COMMITTED)
    with pytest.raises(CorruptRecordException, match=r"readings/3: .* at offset 40 .* before offset 43 "):
        next(records)


def test_what_lies_before_a_damaged_batch_is_handed_on_and_whoever_takes_care_of_damage_is_told_once(monkeypatch):
    told = []
    monkeypatch.setattr(LightRecords, "damage", lambda *what: told.append(what) is None)
    whole, bad = a_batch(40, [(None, b"v", ())] * 2), bytearray(a_batch(42, [(None, b"v" * 20, ())] * 3))
    bad[-5] ^= 1
    data = whole + bytes(bad) + a_batch(45, [(None, b"v", ())])

    def read(begin):
        at = data if begin == 40 else data[len(whole) :]
        records = LightRecords(TP, MemoryRecords(at), [], begin, None, None, True, READ_COMMITTED)
        return [record.offset for record in records], records.next_fetch_offset

    assert (read(40), told) == (([40, 41], 42), [])
    assert (read(42), told) == (([], 42), [(TP, 42, 45)])
    assert read(43) == ([], 43)
    assert told[1:] == [(TP, 43, 45)]


def light(data, begin, *, check=True):
    found = LightRecords(TP, Answer(bytes(data)), [], begin, None, None, check, READ_COMMITTED)
    return [(record.offset, record.headers, record.value) for record in found], found.next_fetch_offset


@pytest.mark.parametrize("begin", [40, 42])
def test_the_name_of_a_header_may_be_any_bytes(begin):
    """Kafka lets it be, and so do clients in C."""
    records = [(None, b"0", ()), (b"k", b"1", (("abcd", b"x"), ("ok", b"y"))), (None, b"2", (("tocsin", b"tick"),))]
    odd = bytearray(a_batch(40, records).replace(b"abcd", "标题".encode("gbk")))
    struct.pack_into(">I", odd, SUM, calc_crc32c(bytes(odd[ATTRIBUTES:])))
    wanted = [
        (40, (), b"0"),
        (41, (("\\xb1\\xea\\xcc\\xe2", b"x"), ("ok", b"y")), b"1"),
        (42, (("tocsin", b"tick"),), b"2"),
        (43, (), b"3"),
    ]
    assert light(odd + a_batch(43, [(None, b"3", ())]), begin) == (wanted[begin - 40 :], 44)


def test_who_checks_no_sums_gets_what_can_be_read_of_a_batch_with_a_broken_frame_and_what_follows():
    bad = bytearray(a_batch(40, [(None, b"a" * 20, ()), (None, b"b" * 20, ()), (None, b"c" * 20, ())]))
    bad[bad.index(b"b" * 20) - 1] ^= 0x40  # how long the value is
    found, after = light(bad + a_batch(43, [(None, b"d", ())]), 40, check=False)
    assert ([offset for offset, _, _ in found], after) == ([40, 43], 44)
