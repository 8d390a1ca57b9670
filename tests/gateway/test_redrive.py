"""Rejects that are sent again, and recordings that are read back."""

import json
from dataclasses import dataclass

import msgspec
import pytest

from streams.gateway.file_error import FileError
from streams.gateway.recording import Recorded, file_of, read_recording, recorded_line
from streams.gateway.redrive import Filter, Found, again, raw_of, read_reject
from streams.models.reject import Reject


def found(offset=0, key=b"QH-R-014", raw=b"raw", place=("readings", 1, 5), **changes):
    topic, partition, at = place
    fields = {"stage": "decode", "reason": "not_json", "detail": "x"} | changes
    reject = Reject(topic=topic, partition=partition, offset=at, **fields).with_raw(raw)
    return Found("rejects", 0, offset, 1000 + offset, key, reject)


@dataclass
class Record:
    value: bytes | None
    topic: str = "rejects"
    partition: int = 2
    offset: int = 9
    timestamp: int = 7
    key: bytes | None = b"k"
    headers: tuple = ()


def test_a_reject_is_read_back():
    given = found()
    read = read_reject(Record(msgspec.json.encode(given.reject)))
    assert (read.id, read.key, read.reject) == ("rejects/2/9", b"k", given.reject)
    assert read_reject(Record(None)) is None
    assert read_reject(Record(b"rubbish")) is None


def test_a_record_is_sent_once_however_many_of_its_rows_were_refused():
    sent = list(again([found(0, row=1), found(1, row=2), found(2, place=("readings", 1, 6))]))
    assert [(s.record.topic, s.record.key, s.record.value, s.through_door) for s in sent] == [
        ("readings", b"QH-R-014", b"raw", False), ("readings", b"QH-R-014", b"raw", False),
    ]  # fmt: skip


def test_bytes_that_were_not_kept_whole_are_not_sent():
    large = found(raw=b"x" * 1_000_000)
    assert raw_of(large.reject) is None
    assert list(again([large, found(raw=b"")])) == []


def test_what_a_door_refused_goes_through_the_door():
    at_door = found(place=(None, None, None), key=None)
    restricted = at_door._replace(topic="rejects.restricted")
    sent = list(again([at_door, at_door._replace(offset=3), restricted]))
    assert [(s.record.topic, s.through_door) for s in sent] == [("readings", True), ("reports", True)]


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Filter(), True), (Filter(ids=frozenset({"rejects/0/0"})), True), (Filter(ids=frozenset({"x"})), False),
        (Filter(reasons=frozenset({"not_json"})), True), (Filter(reasons=frozenset({"empty"})), False),
        (Filter(topics=frozenset({"readings"})), True), (Filter(topics=frozenset({"door"})), False),
        (Filter(since=1000), True), (Filter(since=1001), False),
    ],
)  # fmt: skip
def test_filter(wanted, fits):
    assert wanted.fits(found()) is fits


RECORDS = [
    Record(b"\x00\xff{}", "readings", headers=(("tocsin", b"tick"),)), Record(None, "readings", key=None),
    Record(b"", "readings", key=b"\xff\xfe"), Record("值".encode(), "readings", key="键".encode()),
]  # fmt: skip


def test_a_recording_reads_back_byte_for_byte(tmp_path):
    file_of(tmp_path, "readings").write_text("".join(recorded_line(record) for record in RECORDS), encoding="utf-8")
    back = list(read_recording(tmp_path, "readings"))
    fields = list(Recorded.__dataclass_fields__)
    assert [[getattr(b, f) for f in fields] for b in back] == [[getattr(r, f) for f in fields] for r in RECORDS]
    line = json.loads(file_of(tmp_path, "readings").read_text().splitlines()[0])
    assert list(line) == ["partition", "offset", "timestamp", "key", "headers", "value_base64"]


def test_a_line_that_is_no_recording(tmp_path):
    file_of(tmp_path, "readings").write_text('{"partition": 1}\n')
    with pytest.raises(FileError) as caught:
        list(read_recording(tmp_path, "readings"))
    assert caught.value.line == 1
