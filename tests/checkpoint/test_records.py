import struct
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.checkpoint.records import Assembler, Damage, Piece, decode, encode
from streams.models.saved import Header


def header(**more):
    return Header(**{"schema": "observe", "version": 1, "kind": "chunk", "partition": 3, "owner": "observe-0"} | more)


def made(payload=b"payload", token="t", seq=0, most=900_000, **more):
    return encode(header(token=token, seq=seq, **more), payload, most)


def assembled(values):
    assembler = Assembler()
    return [found for offset, value in enumerate(values) for found in assembler.take(value, offset)]


@given(st.binary(max_size=300), st.integers(1, 50))
def test_what_was_written_is_read_again(payload, most):
    (piece,) = assembled(made(payload, most=most, upto=17))
    assert (piece.payload, piece.header.upto, piece.log_offset) == (payload, 17, 0)


def test_no_record_is_larger_than_agreed():
    records = made(b"x" * 2_000_001)
    assert len(records) == 3
    assert max(map(len, records)) <= 901_000


def test_parts_of_several_writers_may_lie_between_each_other():
    one, other = made(b"abcdef", "a", most=2), made(b"uvwxyz", "b", most=2)
    found = assembled([one[0], other[0], one[1], other[1], other[2], one[2]])
    assert [(p.payload, p.log_offset) for p in found] == [(b"uvwxyz", 1), (b"abcdef", 0)]


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_piece_of_which_a_part_is_missing_is_never_whole(missing):
    parts = made(b"abcdef", most=2)
    assert assembled(parts[:missing] + parts[missing + 1 :]) == []


def test_a_piece_sent_again_after_it_was_begun_is_whole_once():
    parts = made(b"abcdef", most=2)
    (piece,) = assembled([parts[0], *parts])
    assert (piece.payload, piece.log_offset) == (b"abcdef", 1)


@given(st.integers(4, 200), st.integers(1, 255))
def test_one_changed_byte_is_found(at, change):
    value = bytearray(made(b"payload" * 10)[0])
    value[at % len(value)] ^= change
    assert isinstance(decode(bytes(value), 5), Damage)


@given(st.binary(max_size=100))
def test_foreign_bytes_are_told(value):
    found = decode(value, 5)
    assert isinstance(found, Damage)
    assert (found.reason, found.log_offset) == ("foreign", 5)


def test_a_header_of_a_later_version_with_more_fields_can_be_read():
    packed = msgspec.msgpack.encode([*msgspec.to_builtins(header(token="t", seq=1)), "new", 7])
    body = struct.pack("<H", len(packed)) + packed + b"payload"
    (piece,) = assembled([b"TCP1" + struct.pack("<I", zlib.crc32(body)) + body])
    assert isinstance(piece, Piece)
    assert piece.payload == b"payload"
