"""Arrays of numbers read at once: what msgspec reads, bit for bit, or no answer."""

import json
import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core import numbers as reading
from streams.core.lines import lines_of
from streams.core.numbers import array, cut, joined_of

TEXTS = [
    b"0", b"-0", b"-0.0", b"1e5", b"1E+5", b"1e400", b"1e-400", b"-1e-400", b"123456789012345678901234567890",
    b"18446744073709551615", b"-9223372036854775809", b"9007199254740993", b"4.9e-324", b"2.4703282292062328e-324",
    b"1.7976931348623159e308", b"9.6875e307", b"1e00005", b"0e999999999999", b"01", b"1.",
    b".5", b"+1", b"-", b"1e", b"NaN", b"Infinity", b"null", b"true", b'"1"', b"[1", b"{}", b"1 2", b" 1 ",
    b"1\x00", b"\xff", b"", b" ", b"1,", b",1", b"1" * 400,
]  # fmt: skip
_slowly = msgspec.json.Decoder(list[float | None]).decode


def bits(values) -> bytes:
    return struct.pack(f"{len(values)}d", *values)


def numbers(insides: list[bytes]):
    return reading.numbers(joined_of(insides), len(insides))


def cut_out(records: list[bytes]):
    return cut(lines_of(records, b"{}"), records)


def agrees(insides: list[bytes]) -> None:
    """An answer is msgspec's; none is always right."""
    for found in (numbers(insides), cut_out([b'{"a":%d,"values":[%b]}' % at for at in enumerate(insides)])):
        if found is not None:
            _agrees(*found[-2:], insides)


def _agrees(values, counts, insides: list[bytes]) -> None:
    expected = [np.array(_slowly(b"[%b]" % one), np.float64) for one in insides]  # raises for what is no array
    assert counts.tolist() == [len(one) for one in expected]
    assert 0 not in counts
    assert values.tobytes() == np.concatenate(expected).tobytes()


@pytest.mark.parametrize("text", TEXTS)
def test_odd_texts(text):
    for insides in ([text], [b"1.5,2", text, b"3"], [text, text], [b"1," + text + b",2"], [b"null", text]):
        agrees(insides)


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1), min_size=1))
def test_any_numbers(arrays):
    insides = [json.dumps(one).encode()[1:-1] for one in arrays]
    agrees(insides)
    marked = any(one == reading._MARK for array in arrays for one in array)
    assert marked or cut_out([b'{"values":[%b]}' % inside for inside in insides]) is not None


@given(st.lists(st.text("0123456789.,-+eE[]{} null", max_size=12), min_size=1, max_size=4))
def test_any_text(texts):
    agrees([text.replace("]", "").encode() for text in texts])


def test_arrays_are_cut_out_of_their_records():
    found = cut_out([b'{"a":1,"values": [1,2],"b":3}', b'{"values": [4],"b":"]"}', b'{"c":"[","values": [null, 5]}'])
    assert found.heads == b'{"a":1,"values": [],"b":3}\n{"values": [],"b":"]"}\n{"c":"[","values": []}'
    assert repr(found.values.tolist()) == "[1.0, 2.0, 4.0, nan, 5.0]"
    assert found.counts.tolist() == [2, 1, 2]


@pytest.mark.parametrize(
    "record",
    [
        b'{"values":[1],"meta":{"values":[2]}}',
        b'{"meta":{"values":[2]},"values":3}',
        b'{"x\\"values":[2],"values":[]}',
        b'{"x":1}',
        b'{"values":5}',
        b'{"values" :[1],"values":[1]}',
    ],
)
def test_doubtful_records_are_not_cut(record):
    assert cut_out([record]) is None
    assert cut_out([b'{"values":[1]}', record]) is None


def test_without_simdjson_there_is_no_answer(monkeypatch):
    monkeypatch.setattr(reading, "simdjson", None)
    assert cut_out([b'{"values":[1]}']) is None
    assert array(b"[1]") is None
