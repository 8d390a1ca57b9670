"""Frames whose rows begin alike: what is read so is what row by row says, whatever the bytes are."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core import alike
from streams.core.decode import decode
from streams.core.lines import lines_of

NOW = 1_700_000_000


def row(station="S1", name="level", time=NOW, value=1.5):
    return b'{"station":"%b","property":"%b","time":%d,"value":%b}' % (
        station.encode(), name.encode(), time, json.dumps(value).encode(),
    )  # fmt: skip


def record(rows, offset=0, station="S1"):
    return SimpleNamespace(
        key=station.encode(), value=b"[" + b",".join(rows) + b"]", headers=(), offset=offset, timestamp=NOW * 1000
    )


def read(values):
    return alike.read(lines_of(values, b"[]"), values)


def test_names_are_read_once_a_frame():
    values = [record([row(time=NOW + n, value=n / 4) for n in range(5)]).value, record([row("S22", "rain")]).value]
    found = read(values)
    assert [(one.station, one.property) for one in found.firsts] == [("S1", "level"), ("S22", "rain")]
    assert found.counts.tolist() == [5, 1]
    assert found.time.tolist() == [*range(NOW, NOW + 5), NOW]
    assert found.value.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.5]


@pytest.mark.parametrize(
    "other",
    [
        row("S2"),
        row(name="rain"),
        row().replace(b'"value"', b'"valve"'),
        row().replace(b"1.5", b"null"),
        row().replace(b"1.5", b'"1.5"'),
        row().replace(b"1.5}", b'1.5,"unit":"m"}'),
        row().replace(b"1.5}", b'1.5,"value":2}'),
        row().replace(b"1.5}", b'1.5,"station":"S2"}'),
        row().replace(b"1.5}", b'1.5,"meta":{}}'),
        row().replace(b"S1", b"S\\u0031"),
        row().replace(b',"time":1700000000', b""),
        b'{"property":"level","station":"S1","time":1700000000,"value":1}',
        b"{}",
        b"[]",
        b"1",
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_what_is_not_alike_is_looked_at_by_others(other, at):
    rows = [row(), row()]
    rows.insert(at, other)
    assert read([record(rows).value]) is None


def test_a_row_may_not_take_marks_from_another():
    """Twelve marks a row on the whole are not enough: one has more, another fewer."""
    rich, poor = row().replace(b"1.5}", b'1.5,"x":1}'), row().replace(b',"value":1.5', b"")
    assert read([record([row(), rich, poor]).value]) is None
    assert read([record([row(), row()]).value, record([rich, poor]).value]) is None


ORDERS = [
    ("station", "property", "time", "value"),
    ("station", "property", "value", "time"),
    ("time", "value", "station", "property"),
    ("time", "station", "value", "property"),
    ("station", "time", "property", "value"),
]


def text_of(values, order=ORDERS[0], separators=(",", ":"), lead="", before=""):
    """A frame with these texts as values."""
    comma, colon = separators
    every = [
        {"station": '"S1"', "property": '"level"', "time": NOW + at, "value": one} for at, one in enumerate(values)
    ]
    rows = (comma.join(f'"{name}"{colon}{texts[name]}' for name in order) for texts in every)
    return f"[{lead}{(comma + before).join(f'{{{row}}}' for row in rows)}{lead}]".encode()


@pytest.mark.parametrize("order", ORDERS, ids=",".join)
@pytest.mark.parametrize("layout", [{}, {"separators": (", ", ": ")}, {"lead": "\n  ", "before": "\n  "}], ids=str)
@pytest.mark.parametrize("values", [["1", "2"], ["1.5", "-0", "1E+5", "1e-7", "123456.789"], ["7"]], ids=str)
def test_usual_layouts_are_read_at_once(order, layout, values):
    value = text_of(values, order, **layout)
    found = read([value, value])
    assert repr(found.value.tolist()) == repr([float(one) + 0.0 for one in values] * 2)
    assert found.time.tolist() == [*range(NOW, NOW + len(values))] * 2
    assert found.firsts[1].property == "level"


@pytest.mark.parametrize("order", ORDERS, ids=",".join)
@pytest.mark.parametrize(
    "odd", ["1,2", "", "null", "[1]", "1],[2", "{}", '"1"', "1 2", "01", "1e400", "1}", '1,"value":2', "true", "\f1"]
)
def test_what_is_no_number_is_looked_at_by_others(order, odd):
    for values in (["1", odd, "2"], ["1", "2", odd], ["1", odd, "", "2"], [odd, "1"]):
        assert read([text_of(values, order)]) is None
        assert read([text_of(["5"], order), text_of(values, order)]) is None


NAMES = st.sampled_from(["S1", "S22", "time", 'a"b', "a}b", "a{b", "é", "x,y", "S1 ", "\\"])
PIECES = st.sampled_from(
    [
        *(b"", b" ", b"\n", b"\x0b", b"1", b"-", b"e5", b".", b"1,", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":"),
        *(b"null", b'"time"', b'"value":1,', b'"unit":"m",', b"\xff"),
    ]
)


@given(
    st.lists(
        st.tuples(NAMES, NAMES, st.lists(st.tuples(st.integers(-5, 5), st.floats(allow_nan=False)), max_size=4)),
        min_size=1, max_size=3,
    ),
    st.tuples(st.integers(0, 400), PIECES),
    st.sampled_from([None, (",", ":"), (" ,", " : ")]),
    st.sampled_from(ORDERS),
)  # fmt: skip
@settings(max_examples=300)
def test_read_so_or_not_rows_and_refusals_are_the_same(frames, spoilt, separators, order):
    records = []
    for offset, (station, name, rows) in enumerate(frames):
        many = [{"station": station, "property": name, "time": NOW + t, "value": value} for t, value in rows]
        many = [{key: one[key] for key in order} for one in many]
        value = json.dumps(many, ensure_ascii=False, separators=separators).encode()
        records.append(
            SimpleNamespace(key=station.encode(), value=value, headers=(), offset=offset, timestamp=NOW * 1000)
        )
    at, piece = spoilt
    value = records[-1].value
    if at < len(value):
        records[-1].value = value[:at] + piece + value[at:]
    with pytest.MonkeyPatch.context() as patch:
        rows, refused = decode("readings", 0, 1, records)
        patch.setattr(alike, "read", lambda *_: None)
        other_rows, others_refused = decode("readings", 0, 1, records)
    assert repr([*rows]) == repr([*other_rows])
    assert refused == others_refused
