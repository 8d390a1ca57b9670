"""However many records are decoded together, in whatever form: the same as each of them row by row. Text, not objects.

Made as text, because what is odd about JSON is gone once it is an object: names that come twice, numbers of any length,
escapes, whitespace, bytes that are missing or too many.
"""

import json
import math
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.core import single_record
from streams.core.decode import decode
from streams.core.few import FEW
from streams.models.observation import Row, Tick
from streams.models.partition import partition_of
from tests.core.test_decode import NOW, PARTITIONS, STATION, Record

PARTITION = partition_of(STATION.encode(), PARTITIONS)
PLAIN = [name for name in Row.__struct_fields__ if name not in ("value", "meta")]
OFFSET = PLAIN.index("offset")
ODD_TIMES = """
"2026-07-20T14:03:00+08:00" "2026-07-20T06:03:00Z" "2026-07-20t06:03:00z" "2026-07-20T14:03:60+08:00"
"2026-07-20T24:00:00Z" "2026-06-30T23:59:60Z" "2026-07-20T14:03:00.123+08:00" "2026-07-20T14:03:00.123456+08:00"
"2026-07-20T14:03:00.5Z" "2026-07-20T14:03:00.1234567+08:00" "2026-07-20T14:03:00,5+08:00" "2026-07-20T14:03:00+0800"
"2026-07-20T14:03:00+08" "2026-07-20T14:03:00+24:00" "2026-07-20T14:03:00-23:59" "2026-07-20T14:03:00+08:60"
"2026-07-20T14:03:00-00:00" "2026-07-20T14:03:00" "2026-02-29T00:00:00Z" "2024-02-29T00:00:00Z" "1999-12-31T23:59:59Z"
"0001-01-01T00:00:00+14:00" "9999-12-31T23:59:59-14:00" "2026-07-20T06:03Z" "\uff12026-07-20T14:03:00+08:00" ""
1784527380 1784527380.0 1784527380.0000005 1784527380.1234565 1.784527380e9 1784527380000 -1 NaN 1e400 null true
"1784527380" 946684800 946684799.9999995 1784613785 1784613785.0000004 1784613785.0000006 9007199254740993
"""
TIMES = ODD_TIMES.split()
ODD_NUMBERS = f"""
0 -0 -0.0 1 3.21 1e400 -1e400 1e308 5e-324 1e-400 NaN Infinity -Infinity null true "3.2" 9007199254740993
18446744073709551615 18446744073709551616 -9223372036854775809 123456789012345678901234567890 9.6875e307 1{"0" * 400}
[1] {{}} 01 1. +1 .5
"""
NUMBERS = ODD_NUMBERS.split()
ODD_TEXTS = '"X" "" null 5 "\\ud800" "\\ud83d\\ude00" "水位" "\\u0000" "a\x01" "[]{}" "v," "QH-R-01\\u0034"'
TEXTS = [f'"{STATION}"', *ODD_TEXTS.split()]
ODD_METAS = '{} {"a":3.6} null [] {"values":[1]} {"a":NaN} {"a":1e400} 5 {"a":1,"a":2} {"station":"Z"} {"a":"\\ud800"}'
METAS = ODD_METAS.split()
FIELDS = {
    **dict.fromkeys(("station", "st\\u0061tion"), st.sampled_from([TEXTS[0]] * 30 + TEXTS)),
    "property": st.sampled_from(['"p"', '"q"'] * 9 + TEXTS),
    **dict.fromkeys(("time", "start", "bt"), st.sampled_from([*["1784527380", TIMES[0]] * 20, *TIMES])),
    **dict.fromkeys(("value", "v\\u0061lue", "v", "bv", "t", "bver"), st.sampled_from(["3.5", "4"] * 30 + NUMBERS)),
    "values": st.lists(st.sampled_from(["1", "2.5"] * 40 + NUMBERS), max_size=4).map(
        lambda all_of: f"[{','.join(all_of)}]"
    ),
    "step": st.sampled_from(["0.01", "0.01", "0.5", *NUMBERS]),
    **dict.fromkeys(("unit", "id", "u", "bu", "vs"), st.sampled_from(TEXTS)),
    "status": st.sampled_from(["Actual", "Test", "Real"]).map(json.dumps) | st.just("null"),
    "meta": st.sampled_from(METAS),
    "classification": st.sampled_from(["open", "secret"]).map(json.dumps) | st.just("null"),
    **dict.fromkeys(("x", "x_"), st.sampled_from([*NUMBERS, *METAS, "[" * 60 + "]" * 60])),
    "bn": st.sampled_from([f'"{STATION}/"'] * 5 + [f'"{STATION}/a"', '""', "null"]),
    "n": st.sampled_from(['"p"', '"q"', '""', '"a/b"', "null"]),
}
WHITE = st.sampled_from([""] * 6 + [" ", "\n", "\t ", "\r\n", "\x0b", "\u00a0"])
SINGLE, SAMPLED, SENML = (
    ["station", "property", "time", "value"],
    ["station", "property", "start", "step", "values"],
    ["bn", "bt", "n", "v"],
)  # fmt: skip
MORE = [
    "unit",
    "id",
    "status",
    "meta",
    "classification",
    "x",
    "values",
    "st\\u0061tion",
    "v\\u0061lue",
    "value",
    "time",
]
MORE_SENML = ["n", "bu", "u", "t", "bv", "vs", "status", "bver", "x", "x_", "classification"]
#: names that the first look at a record does not find; what says that a pack is a frame is taken literally
ESCAPED = {"st\\u0061tion", "v\\u0061lue"}


@st.composite
def an_object(draw, wanted, more):
    names = [*wanted, *draw(st.lists(st.sampled_from(more), max_size=draw(st.sampled_from([0, 0, 0, 1, 2]))))]
    if draw(st.integers(0, 9)) == 0:
        names.remove(draw(st.sampled_from(names)))
    if draw(st.integers(0, 3)) == 0:
        names = draw(st.permutations(names))
    white = draw(WHITE)
    return "{" + ",".join(f'{white}"{name}":{white}{draw(FIELDS[name])}' for name in names) + "}"


def an_array(of):
    return st.builds(lambda rows, white: f"[{white}{f',{white}'.join(rows)}{white}]", st.lists(of, max_size=4), WHITE)


def alike(rows):
    """Rows that differ in numbers only, mostly."""
    head = f'"station":"{STATION}","property":"p"'
    return "[" + ",".join(f'{{{head},"time":{time},"value":{value}}}' for time, value in rows) + "]"


TEXT = (
    an_object(SINGLE, MORE)
    | an_object(SAMPLED, MORE)
    | an_array(an_object(SINGLE, MORE))
    | an_array(an_object(SENML, MORE_SENML))
    | st.lists(st.tuples(FIELDS["time"], FIELDS["value"]), min_size=1, max_size=4).map(alike)
)


@st.composite
def a_value(draw):
    """Whole, mostly; else with something before, behind or within it, or without its end."""
    text = draw(TEXT).encode()
    at = draw(st.integers(0, len(text)))
    return draw(
        st.sampled_from(
            [text] * 12 + [b"\xef\xbb\xbf" + text, text[:at], text[:at] + b"\xff" + text[at:], text * 2, text + b"\n"]
        )
    )


def told(records):
    rows, refused = decode("readings", PARTITION, PARTITIONS, records)
    return [bits(row) for row in rows if not isinstance(row, Tick)], [
        (one.reject.offset, one.reject.row, one.reject.reason, one.reject.field, one.reject.detail) for one in refused
    ]


def bits(row):
    """All of a row; of its value also the sign of nothing."""
    number = "NaN" if math.isnan(row.value) else (row.value, math.copysign(1, row.value))
    return (*(getattr(row, name) for name in PLAIN), number, repr(row.meta))


GOOD = (
    f'{{"station":"{STATION}","property":"p","time":1784527380,"value":3}}',
    f'{{"station":"{STATION}","property":"p","time":"2026-07-20T06:03:00Z","value":3}}',
    f'{{"station":"{STATION}","property":"p","time":"2026-07-20T14:03:00+08:00","value":3}}',
    f'[{{"station":"{STATION}","property":"p","time":1784527380,"value":3}}]',
    f'{{"station":"{STATION}","property":"p","start":1784527380,"step":1,"values":[1,2]}}',
    f'[{{"bn":"{STATION}/","n":"p","bt":1784527380,"v":3}}]',
)


def test_an_unknown_field_is_never_an_error_also_beside_a_bad_row():
    """`1e999` is JSON, and nobody asks what is in a field that nobody knows; NaN is no JSON wherever it is."""
    rows = [GOOD[0].replace("}", ',"x":[1e999]}'), GOOD[0].replace(":3", ":true"), GOOD[0].replace("}", ',"x":[NaN]}')]
    found, refused = told([Record(f"[{','.join(rows)}]".encode())])
    assert [row[PLAIN.index("row")] for row in found] == [0]
    assert [(row, reason) for _, row, reason, *_ in refused] == [(1, "wrong_type"), (2, "not_finite")]


def must_be_the_same(value, good, many):
    """Alone, row by row, and among others."""
    record = Record(value, offset=many)
    rows, refused = told([record])
    found, flaws = single_record.by_row(record, NOW, PARTITION, PARTITIONS)
    assert rows == [bits(row) for row in found]
    assert bool(refused) == bool(flaws)
    others = [Record(good.encode(), offset=at) for at in range(2 * many + 1) if at != many]
    together, refused_together = told(sorted([*others, record], key=lambda one: one.offset))
    assert [one for one in together if one[OFFSET] == many] == rows
    assert refused_together == refused
    assert len(together) == len(rows) + len(others) * len(told(others[:1])[0])
    return rows


@pytest.mark.parametrize("good", GOOD)
def test_whatever_odd_thing_stands_in_one_place(good):
    """Every text, number and time in every place of a good record, and every field added to it, before and behind."""
    odd = [*TIMES, *NUMBERS, *TEXTS, *METAS]
    first = good.index("{") + 1
    fields = [*re.finditer(r'"(\w+)":("[^"]*"|\[[^]]*\]|[^,}]*)', good)]
    bodies = [good[: field.start(2)] + one + good[field.end(2) :] for field in fields for one in odd]
    for name in sorted({*MORE, *MORE_SENML, "values", "station", "property"} - ESCAPED):
        bodies += [good[:first] + f'"{name}":{one},' + good[first:] for one in odd]
        bodies += [good.replace("}", f',"{name}":{one}}}', 1) for one in odd[::5]]
    taken = sum(bool(must_be_the_same(body.encode(), good, 1 + at % 2)) for at, body in enumerate(bodies))
    assert len(bodies) / 10 < taken < len(bodies) * 9 / 10


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(a_value(), st.sampled_from(GOOD), st.sampled_from([3, FEW + 5]))
def test_whatever_is_odd_about_one_among_many(value, good, many):
    must_be_the_same(value, good, many)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(a_value(), min_size=2, max_size=5))
def test_together_they_are_what_each_is_alone(values):
    records = [Record(value, offset=at) for at, value in enumerate(values)]
    each = [told([record]) for record in records]
    assert told(records) == ([row for rows, _ in each for row in rows], [one for _, refused in each for one in refused])
