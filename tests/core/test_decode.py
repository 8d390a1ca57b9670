"""Bytes of `readings` to rows, ticks and rejects: every form, every bad input, and that nothing ever raises."""

import base64
import json
import math
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.core import single_record
from streams.core.decode import decode
from streams.core.refusal import FLAWS
from streams.models.observation import Row, Tick
from streams.models.partition import partition_of
from streams.models.times import DAY, SECOND, parse_time

NOW = parse_time("2026-07-20T14:03:05+08:00")
STATION = "QH-R-014"
TIME = "2026-07-20T14:03:00+08:00"
OBSERVED = parse_time(TIME)
PARTITIONS = 16


@dataclass
class Record:
    value: bytes | None
    key: bytes | None = STATION.encode()
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    offset: int = 7
    timestamp: int = NOW // 1000


def observation(**changes):
    return {"station": STATION, "property": "water_level", "time": TIME, "value": 3.21, "unit": "m"} | changes


def run(value, **rest):
    raw = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    record = Record(raw, **rest)
    partition = partition_of(record.key or b"", PARTITIONS)
    rows, refused = decode("readings", partition, PARTITIONS, [record])
    assert all(r.key == record.key for r in refused)
    return list(rows), [r.reject for r in refused]


def same(a: Row, b: Row):
    fields = [f for f in Row.__struct_fields__ if f != "value"]
    values = a.value == b.value or (math.isnan(a.value) and math.isnan(b.value))
    return values and all(getattr(a, f) == getattr(b, f) for f in fields)


def test_single():
    rows, rejects = run(observation(id="x", status="Exercise", meta={"battery": 3.6}, strange=[1]))
    assert rejects == []
    assert rows == [
        Row(STATION, "water_level", OBSERVED, 3.21, "m", "x", "Exercise", 7, 0, NOW, {"battery": 3.6}),
    ]


def test_null_is_missing_and_epoch_seconds_and_no_unit():
    rows, _ = run({"station": STATION, "property": "water_level", "time": OBSERVED / SECOND, "value": None})
    assert math.isnan(rows[0].value)
    assert (rows[0].time, rows[0].unit, rows[0].status) == (OBSERVED, None, "Actual")


def test_frame_rows_are_numbered():
    rows, rejects = run([observation(value=v, property=f"p{v}") for v in range(3)])
    assert [(r.row, r.value, r.property) for r in rows] == [(0, 0.0, "p0"), (1, 1.0, "p1"), (2, 2.0, "p2")]
    assert rejects == []


def test_sampled_frame():
    body = {
        "station": STATION, "property": "acceleration", "start": OBSERVED / SECOND, "step": 0.01,
        "values": [0.1, None, 3], "id": "f", "meta": {"a": 1},
    }  # fmt: skip
    rows, rejects = run(body)
    assert rejects == []
    assert [r.time - OBSERVED for r in rows] == [0, 10_000, 20_000]
    assert [r.id for r in rows] == ["f/0", "f/1", "f/2"]
    assert (rows[0].value, rows[2].value, rows[0].meta, rows[1].meta) == (0.1, 3.0, {"a": 1}, None)
    assert math.isnan(rows[1].value)


def test_a_single_with_values_in_its_meta_is_a_single():
    rows, rejects = run(observation(meta={"values": [1]}))
    assert (len(rows), rejects) == (1, [])


def test_senml_as_in_the_docs():
    rows, rejects = run([{"bn": "QH-R-014/", "bt": OBSERVED // SECOND, "n": "water_level", "u": "m", "v": 3.21}])
    assert rejects == []
    assert rows == [Row(STATION, "water_level", OBSERVED, 3.21, "m", None, "Actual", 7, 0, NOW, None)]


def test_senml_base_fields():
    pack = [
        {"bn": "QH-R-014/", "bt": OBSERVED // SECOND, "bu": "m", "bv": 10, "status": "Exercise"},
        {"n": "a", "v": 1, "t": 2}, {"n": "b", "u": "Cel"}, {"n": "c", "v": None},
        {"bn": "QH-R-014/d", "v": 0.5, "t": -1},
    ]  # fmt: skip
    rows, rejects = run(pack)
    assert rejects == []
    assert [(r.row, r.property, r.unit, r.time - OBSERVED, r.status) for r in rows] == [
        (1, "a", "m", 2 * SECOND, "Exercise"), (2, "b", "Cel", 0, "Exercise"),
        (3, "c", "m", 0, "Exercise"), (4, "d", "m", -SECOND, "Exercise"),
    ]  # fmt: skip
    assert [rows[0].value, rows[1].value, rows[3].value] == [11.0, 10.0, 10.5]


@pytest.mark.parametrize(("given", "ahead"), [({}, 0), ({"t": -10}, -10), ({"bt": -60, "t": 20}, -40)])
def test_senml_relative_time(given, ahead):
    rows, _ = run([{"n": "QH-R-014/water_level", "v": 1, **given}])
    assert rows[0].time == NOW + ahead * SECOND


def test_control_records():
    assert run(None, headers=[("tocsin", b"tick")]) == ([Tick(7, NOW)], [])
    assert run(b"", headers=[("x", b""), ("tocsin", b"tick")], key=None) == ([Tick(7, NOW)], [])


BAD = [
    (b"rubbish", "not_json", None, None),
    (b"\xff\xfe{}", "not_json", None, None),
    (b'{"station":"QH-R-014"', "not_json", None, None),
    (b'{"a":' * 5000, "not_json", None, None),
    (json.dumps(observation()).encode().replace(b"m", rb"\ud800"), "not_json", None, None),
    (None, "empty", None, None),
    (b"", "empty", None, None),
    (b"null", "wrong_type", None, "body"),
    (b"[]", "wrong_type", None, "body"),
    (b"3", "wrong_type", None, "body"),
    ([3], "wrong_type", 0, "row"),
    (observation(value="3.2"), "wrong_type", 0, "value"),
    (observation(value=True), "wrong_type", 0, "value"),
    (observation(station=5), "wrong_type", 0, "station"),
    (observation(status="Real"), "wrong_type", 0, "status"),
    (observation(meta=[]), "wrong_type", 0, "meta"),
    (observation(time=None), "wrong_type", 0, "time"),
    (observation(time=True), "wrong_type", 0, "time"),
    (observation(time="yesterday"), "wrong_type", 0, "time"),
    (observation(time="2026-07-20 14:03:00+08:00"), "wrong_type", 0, "time"),
    ({k: v for k, v in observation().items() if k != "value"}, "wrong_type", 0, "value"),
    ({k: v for k, v in observation().items() if k != "time"}, "wrong_type", 0, "time"),
    (observation(value=math.nan), "not_finite", 0, "value"),
    (observation(value=-math.inf), "not_finite", 0, "value"),
    (json.dumps(observation()).encode().replace(b"3.21", b"1e999"), "not_finite", 0, "value"),
    (json.dumps(observation()).encode().replace(b"3.21", b"9" * 5000), "not_finite", 0, "value"),
    (observation(meta={"battery": math.nan}), "not_finite", 0, "meta"),
    (observation(time="2026-07-20T14:03:00"), "no_time_zone", 0, "time"),
    (observation(time="1970-01-01T00:00:00Z"), "too_old", 0, "time"),
    (observation(time=-1e300), "too_old", 0, "time"),
    (observation(time="2100-01-01T00:00:00Z"), "too_far_ahead", 0, "time"),
    (observation(time=(NOW + DAY) / SECOND + 1), "too_far_ahead", 0, "time"),
    (observation(station="QH-R-015"), "wrong_key", 0, "station"),
    (observation(classification="secret"), "refused_class", 0, "classification"),
    ([{"n": "QH-R-014/water_level", "vs": "high"}], "wrong_type", 0, "vs"),
    ([{"n": "QH-R-014/water_level", "vb": True}], "wrong_type", 0, "vb"),
    ([{"n": "QH-R-014/water_level"}, {"bn": "x"}], "wrong_type", 0, "v"),
    ([{"bn": "QH-R-014/", "bt": 1.0e9}], "wrong_type", None, "v"),
    ([{"n": "water_level", "v": 1}], "wrong_type", 0, "n"),
    ([{"n": "QH-R-014/water_level", "v": 1, "x_": 1}], "wrong_type", 0, "x_"),
    ([{"n": "QH-R-014/water_level", "v": 1, "bver": 11}], "wrong_type", 0, "bver"),
    ([{"n": "QH-R-014/water_level", "v": math.nan}], "not_finite", 0, "v"),
    ([{"n": "QH-R-014/water_level", "v": 1e308, "bv": 1e308}], "not_finite", 0, "v"),
    (observation(start=1, step=1, values=3), "wrong_type", None, "values"),
    ({"station": STATION, "property": "p", "start": TIME, "step": 0, "values": [1]}, "wrong_type", None, "step"),
    ({"station": STATION, "property": "p", "start": TIME, "step": 1, "values": []}, "wrong_type", None, "values"),
    ({"station": STATION, "property": "p", "start": TIME, "values": [1]}, "wrong_type", None, "step"),
    ({"station": STATION, "property": "p", "start": 3, "step": 1, "values": [1]}, "too_old", None, "start"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reason", "row", "named"), BAD)
def test_bad_input(value, reason, row, named):
    rows, (reject,) = run(value)
    raw = value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
    assert rows == []
    assert (reject.reason, reject.row, reject.field, reject.stage) == (reason, row, named, "decode")
    assert (reject.topic, reject.offset) == ("readings", 7)
    assert base64.b64decode(reject.raw_base64) == (b"" if reason == "refused_class" else raw)
    assert (reject.raw_length, reject.raw_sha256) == (len(raw), sha256(raw).hexdigest())
    assert reject.detail
    assert reject.time == "2026-07-20T06:03:05.000+00:00"


def test_found_and_expected_are_told():
    _, (reject,) = run(observation(value="3.2 m"))
    assert (reject.found, reject.expected) == ('"3.2 m"', "a number or null")


def test_no_key_and_other_partition():
    rows, refused = decode("readings", 0, PARTITIONS, [Record(b"{}", key=None)])
    assert (list(rows), refused[0].reject.reason, refused[0].key) == ([], "wrong_key", None)
    wrong = (partition_of(STATION.encode(), PARTITIONS) + 1) % PARTITIONS
    rows, refused = decode("readings", wrong, PARTITIONS, [Record(json.dumps(observation()).encode())])
    assert (list(rows), refused[0].reject.reason, refused[0].key) == ([], "wrong_partition", STATION.encode())
    assert run(observation(), key=b"\xff")[1][0].reason == "wrong_key"


def test_one_bad_row_of_a_frame():
    good = [observation(time=(OBSERVED + n * SECOND) / SECOND) for n in range(4)]
    frame = [
        good[0],
        observation(value="x"),
        good[1],
        observation(station="other"),
        observation(value=math.nan),
        good[2],
    ]
    rows, rejects = run(frame)
    assert [r.row for r in rows] == [0, 2, 5]
    assert [(r.row, r.reason) for r in rejects] == [(1, "wrong_type"), (3, "wrong_key"), (4, "not_finite")]
    assert {base64.b64decode(r.raw_base64) for r in rejects} == {json.dumps(frame).encode()}


def test_one_bad_value_of_a_sampled_frame():
    body = {"station": STATION, "property": "p", "start": TIME, "step": 0.5, "values": [1, "x", None, math.inf, 2]}
    rows, rejects = run(body)
    assert [(r.row, r.time - OBSERVED) for r in rows] == [(0, 0), (2, SECOND), (4, 2 * SECOND)]
    assert [(r.row, r.reason) for r in rejects] == [(1, "wrong_type"), (3, "not_finite")]


def test_a_sampled_frame_that_runs_into_the_future_keeps_its_good_part():
    body = {"station": STATION, "property": "p", "start": TIME, "step": 86_400, "values": [1, 2, 3]}
    rows, rejects = run(body)
    assert [r.row for r in rows] == [0, 1]
    assert [(r.row, r.reason) for r in rejects] == [(2, "too_far_ahead")]


def test_a_bad_base_field_spoils_what_inherits_it():
    pack = [{"n": "QH-R-014/a", "v": 1}, {"bn": 5, "n": "b", "v": 2}, {"n": "c", "v": 3}]
    rows, rejects = run(pack)
    assert [r.row for r in rows] == [0]
    assert [(r.row, r.field) for r in rejects] == [(1, "bn"), (2, "bn")]


def test_a_bad_senml_value_does_not_spoil_the_base_it_brings():
    rows, rejects = run([{"bn": "QH-R-014/", "n": "a", "v": "x"}, {"n": "b", "v": 2}])
    assert [(r.row, r.property) for r in rows] == [(1, "b")]
    assert [r.field for r in rejects] == ["v"]


def test_rejects_of_one_record_do_not_multiply_its_bytes():
    frame = [observation(value="x" * 200) for _ in range(FLAWS + 500)]
    rows, rejects = run(frame)
    assert rows == []
    assert len(rejects) == FLAWS + 1
    assert "500 more rows" in rejects[-1].detail
    assert sum(len(r.raw_base64) for r in rejects) < 12_000_000
    assert base64.b64decode(rejects[0].raw_base64) == json.dumps(frame).encode()
    assert {r.raw_sha256 for r in rejects} == {sha256(json.dumps(frame).encode()).hexdigest()}


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (json.dumps(observation(station="x" * 690_000)).encode(), STATION.encode()),
        (json.dumps([{"n": "QH-R-014/a", "v": 1, "x" * 690_000 + "_": 1}]).encode(), STATION.encode()),
        (b"rubbish" * 99_000, b"k" * 300_000),
        (b"rubbish" * 149_000, STATION.encode()),
    ],
    ids=["station", "field", "key", "value"],
)
def test_a_reject_always_fits_into_a_record(value, key):
    rows, refused = decode("readings", partition_of(key, PARTITIONS), PARTITIONS, [Record(value, key)])
    assert list(rows) == []
    for refused_key, reject in refused:
        assert len(msgspec.json.encode(reject)) + len(refused_key or b"") < 1_000_000


def test_offset_order_and_the_rest_goes_on():
    values = [b"{", json.dumps(observation()).encode(), None, json.dumps([observation(), observation()]).encode()]
    partition = partition_of(STATION.encode(), PARTITIONS)
    records = [Record(v, offset=n) for n, v in enumerate(values)]
    records.append(Record(None, headers=[("tocsin", b"tick")], offset=4))
    rows, refused = decode("readings", partition, PARTITIONS, records)
    assert [(r.offset, getattr(r, "row", None)) for r in rows] == [(1, 0), (3, 0), (3, 1), (4, None)]
    assert [r.reject.offset for r in refused] == [0, 2]


def test_a_broker_timestamp_beyond_all_years_does_not_raise():
    for timestamp in (-(2**62), 2**62, -1):
        run(observation(), timestamp=timestamp)


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(value):
    rows, rejects = run(value)
    assert len(rejects) == 1
    assert rows == []


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["station", "property", "time", "value", "unit", "id", "status", "meta", "start", "step", "values",
          "bn", "bt", "bu", "bv", "bver", "n", "u", "v", "vs", "vb", "t", "s", "classification"]  # fmt: skip
ODD = st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from([STATION, TIME, 1.8e9, "Actual"]), max_size=9)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(ODD | st.lists(ODD, max_size=4))
def test_random_objects_never_raise_and_are_never_lost(value):
    rows, rejects = run(value)
    assert rows or rejects


TIMES = st.integers(OBSERVED - 10**12, OBSERVED)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
GOOD = st.fixed_dictionaries(
    {"station": st.just(STATION), "property": WORDS, "time": TIMES.map(lambda t: t / SECOND), "value": NUMBERS},
    optional={"unit": WORDS, "id": WORDS, "status": st.sampled_from(["Actual", "Exercise", "Test"]),
              "meta": st.dictionaries(WORDS, NUMBERS, max_size=2)},
)  # fmt: skip


@given(GOOD)
def test_decode_of_encode_is_the_identity(given):
    (row,), rejects = run(given)
    assert rejects == []
    assert row.time == round(given["time"] * SECOND)
    assert math.isnan(row.value) if given["value"] is None else row.value == given["value"]
    assert (row.property, row.unit, row.id) == (given["property"], given.get("unit"), given.get("id"))
    assert (row.status, row.meta) == (given.get("status", "Actual"), given.get("meta"))


@given(st.lists(GOOD, min_size=1, max_size=5), st.booleans())
def test_a_frame_is_its_singles(frame, spoilt):
    extra = [observation(value="bad")] if spoilt else []
    rows, rejects = run([*frame, *extra])
    assert len(rejects) == len(extra)
    for index, (row, one) in enumerate(zip(rows, frame, strict=True)):
        (single,), _ = run(one)
        single.row = index
        assert same(row, single)


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.sampled_from([0.01, 1 / 3, 0.004, 60.0]), TIMES)
def test_a_sampled_frame_is_the_same_decoded_whole_or_by_row(values, step, start):
    body = {"station": STATION, "property": "p", "start": start / SECOND, "step": step, "values": values}
    whole, _ = run(body)
    by_row, rejects = run({**body, "values": [*values, "bad"]})
    assert len(rejects) == 1
    assert all(same(a, b) for a, b in zip(whole, by_row, strict=True))


NEARLY = st.fixed_dictionaries(
    {"station": st.just(STATION), "property": WORDS, "time": st.sampled_from([TIME, 1784527380, 1784527380.25, "x"]),
     "value": NUMBERS | st.integers() | st.booleans()},
    optional={"unit": WORDS | st.none(), "id": WORDS, "meta": st.dictionaries(WORDS, JSON, max_size=2), "n": WORDS,
              "status": st.sampled_from(["Actual", "Test", "Real"]), "values": st.lists(NUMBERS, max_size=2),
              "classification": st.sampled_from(["open", "secret", None])},
)  # fmt: skip
SENML = st.fixed_dictionaries(
    {},
    optional={"bn": st.sampled_from(["QH-R-014/", "QH-R-014/a", "x"]), "n": st.sampled_from(["a", "b", ""]),
              "bt": st.sampled_from([1784527380, 5.5, None]), "t": st.sampled_from([-3, 0, 2.5, 1784527380, None]),
              "v": NUMBERS, "bv": NUMBERS, "u": WORDS, "bu": WORDS, "vs": WORDS, "x": JSON,
              "status": st.sampled_from(["Actual", "Test"])},
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(NEARLY | st.lists(NEARLY, min_size=1, max_size=3) | st.lists(SENML, min_size=1, max_size=3))
def test_what_is_taken_whole_is_what_row_by_row_says(value):
    raw = json.dumps(value).encode()
    record = Record(raw)
    try:
        whole = single_record.whole(record, NOW, STATION)
    except single_record.DOUBT:
        return
    good, flaws = single_record.by_row(record, NOW, partition_of(STATION.encode(), PARTITIONS), PARTITIONS)
    assert flaws == []
    assert len(whole) == len(good)
    assert all(same(a, b) for a, b in zip(whole, good, strict=True))


@pytest.mark.parametrize(
    "properties", [["level"] * 4, ["level", "flow", "level", "flow"], ["flow", "flow", "level", "level"]]
)
def test_frames_of_one_property_and_of_several(properties):
    rows = [
        {"station": STATION, "property": p, "time": NOW // SECOND + n, "value": n} for n, p in enumerate(properties)
    ]
    columns, refused = decode(
        "readings", partition_of(STATION.encode(), 16), 16, [frame(rows[:2], 7), frame(rows[2:], 8)]
    )
    assert not refused
    found = [(row.station, row.property, row.value, row.offset, row.row) for row in columns if isinstance(row, Row)]
    assert found == [(STATION, p, float(n), 7 + n // 2, n % 2) for n, p in enumerate(properties)]


def frame(rows, offset):
    return Record(json.dumps(rows).encode(), offset=offset)
