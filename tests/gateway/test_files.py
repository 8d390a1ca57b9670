"""Files of `publish` and `replay`: what is read, in which order, and every mistake with its place."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from streams.core.decode import decode
from streams.gateway.csv_file import CsvFile
from streams.gateway.file_error import FileError
from streams.gateway.files import JsonLines, Reading, read_records
from streams.gateway.privacy import pseudonymiser
from streams.gateway.sources import CsvOptions, OptionError, sources
from streams.models.partition import partition_of
from streams.models.times import parse_time
from tests.core.test_decode import Record
from tests.gateway.door_parts import SITE

RIVER = Path(__file__).parents[3] / "shared/data/river"
READING = Reading(SITE, pseudonymiser(b"key"))
TIME = "2026-07-20T14:03:00+08:00"
GOOD = {"station": "QH-R-014", "property": "water_level", "time": TIME, "value": 3.21}


def table(tmp_path: Path, text: str | bytes, name="a.csv", **changes) -> CsvFile:
    path = tmp_path / name
    raw = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return CsvFile(path, "QH-R-014", "water_level", "time", "stage", **changes)


def lines(tmp_path: Path, *values, name="a.jsonl") -> JsonLines:
    path = tmp_path / name
    path.write_bytes(b"\n".join(v if isinstance(v, bytes) else json.dumps(v).encode() for v in values))
    return JsonLines(path)


def read(*found, **changes):
    return list(read_records(found, replace(READING, **changes)))


def told(*found, **changes) -> FileError:
    with pytest.raises(FileError) as caught:
        read(*found, **changes)
    return caught.value


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv(tmp_path, name, separator):
    text = "stage,x,time\n1.5,a,2026-07-20 14:03:00+08:00\n,b,2026-07-20T06:04:00Z\n\n2,c,1784527500.5\n"
    records = read(table(tmp_path, text.replace(",", separator), name, unit="[ft_i]"))
    assert [r.line for r in records] == [2, 3, 5]
    assert json.loads(records[0].value) == {
        "station": "QH-R-014", "property": "water_level", "time": TIME, "value": 1.5, "unit": "[ft_i]",
    }  # fmt: skip
    assert json.loads(records[1].value)["value"] is None
    assert [r.time for r in records] == [1784527380000000, 1784527440000000, 1784527500500000]
    assert {(r.topic, r.key, r.rows) for r in records} == {("readings", b"QH-R-014", 1)}


def test_what_is_read_decodes_to_what_was_said(tmp_path):
    (record,) = read(table(tmp_path, "time,stage\n2026-07-20 14:03:00.250,1.5\n", tz=ZoneInfo("Asia/Shanghai")))
    (row,), refused = decode("readings", partition_of(record.key, 4), 4, [Record(record.value, record.key)])
    assert (refused, row.time, row.value) == ([], record.time, 1.5)
    assert record.time == parse_time("2026-07-20T14:03:00.250+08:00")


def test_byte_order_mark_status_and_missing_words(tmp_path):
    text = "\ufefftime,stage\n2026-07-20T06:04:00Z,NA\n".encode()
    (record,) = read(table(tmp_path, text, missing=("NA",), status="Exercise"))
    assert json.loads(record.value) | {"x": 0} == GOOD | {
        "time": "2026-07-20T06:04:00Z", "value": None, "status": "Exercise", "x": 0,
    }  # fmt: skip


def test_time_formats(tmp_path):
    found = table(
        tmp_path, "time,stage\n20/07/2026 14h03,1\n", time_format="%d/%m/%Y %Hh%M", tz=ZoneInfo("Asia/Shanghai")
    )
    assert read(found)[0].time == parse_time(TIME)
    found = table(tmp_path, "time,stage\n1784527380,1\n", time_format="epoch")
    assert read(found)[0].time == parse_time(TIME)
    found = table(tmp_path, "time,stage\n2026-07-20,1\n", tz=ZoneInfo("Asia/Shanghai"))
    assert read(found)[0].time == parse_time("2026-07-20T00:00:00+08:00")


BAD_TABLES = [
    ("", 1, None, "line of column names"),
    ("time,level\n", 1, None, "one of time, level"),
    ("time,stag\n", 1, None, "did you mean 'stag'"),
    ("time,stage,stage\n", 1, None, "one"),
    ("time,stage\n2026-07-20T06:04:00Z\n", 2, None, "at least 2"),
    ("time,stage\n2026-07-20T06:04:00Z,1\n2026-07-20T06:05:00Z,high\n", 3, "stage", "a number"),
    ("time,stage\n2026-07-20T06:04:00Z,nan\n", 2, "stage", "a number"),
    ("time,stage\n2026-07-20T06:04:00Z,1e999\n", 2, "stage", "a number"),
    ("time,stage\n2026-07-20T06:04:00Z,1_000\n", 2, "stage", "a number"),
    ("time,stage\n2026-07-20 06:04:00,1\n", 2, "time", "--tz"),
    ("time,stage\nyesterday,1\n", 2, "time", "a time like"),
    ("time,stage\n1970-01-01T00:00:00Z,1\n", 2, "time", "2000"),
    ("time,stage\n2100-01-01T00:00:00Z,1\n", 2, "time", "24 h"),
    (b"time,stage\n\xff\n", None, None, "UTF-8"),
]


@pytest.mark.parametrize(("text", "line", "column", "expected"), BAD_TABLES)
def test_bad_tables(tmp_path, text, line, column, expected):
    error = told(table(tmp_path, text), received=parse_time(TIME))
    assert (error.line, error.column) == (line, column)
    assert expected in error.expected
    assert str(error).startswith(str(tmp_path / "a.csv"))
    assert error.found


def test_a_broken_archive(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"time,stage\n" * 1000)[:-20])
    told(CsvFile(path, "s", "p", "time", "stage"))
    told(CsvFile(tmp_path / "none.csv", "s", "p", "time", "stage"))


def test_json_lines_of_every_form(tmp_path):
    report = {"id": "r", "kind": "smoke", "time": "2026-07-20 14:03:00+08:00", "source": "citizen", "zone": "QH-03",
              "reporter": "Li Hua"}  # fmt: skip
    sampled = {"station": "QH-S-002", "property": "acceleration", "start": 1784527380.0, "step": 1, "values": [1, 2, 3]}
    found = lines(tmp_path, GOOD, [GOOD, {**GOOD, "time": "2026-07-20 14:05:00+08:00"}], b"  ", sampled, report)
    records = read(found)
    assert [(r.line, r.topic, r.key, r.rows) for r in records] == [
        (1, "readings", b"QH-R-014", 1), (2, "readings", b"QH-R-014", 2), (4, "readings", b"QH-S-002", 3),
        (5, "reports", b"QH-03", 1),
    ]  # fmt: skip
    assert (records[1].time, records[1].latest) == (parse_time(TIME), parse_time(TIME) + 120_000_000)
    assert (records[2].time, records[2].latest) == (parse_time(TIME), parse_time(TIME) + 2_000_000)
    assert json.loads(records[1].value)[1]["time"] == "2026-07-20T14:05:00+08:00"
    assert b"Li Hua" not in records[3].value


def test_status_goes_over_what_the_lines_say(tmp_path):
    pack = [{"bn": "QH-R-014/", "bt": 1784527380, "n": "water_level", "v": 1, "status": "Test"}, {"n": "rain", "v": 1}]
    for record in read(lines(tmp_path, GOOD, [GOOD], pack), status="Exercise"):
        rows, _ = decode("readings", partition_of(record.key, 4), 4, [Record(record.value, record.key)])
        assert {row.status for row in rows} == {"Exercise"}


BAD_LINES = [
    (b"rubbish", None, "not JSON"), (b'{"station"', None, "not JSON"),
    ({**GOOD, "value": "3"}, "value", "value is not"), ({**GOOD, "time": "2026-07-20T14:03:00"}, "time", "no zone"),
    ([GOOD, {**GOOD, "value": float("nan")}], "row 2.value", "finite"),
    ({**GOOD, "station": "x"}, "station", "no station"),
    ({**GOOD, "property": "x"}, "property", "no property"), ({**GOOD, "unit": "kg"}, "unit", "kg"),
    ([GOOD, {"station": "QH-S-002", "property": "acceleration", "time": TIME, "value": 1}], None, ""),
    ({"id": "r", "kind": "ufo", "time": TIME, "source": "citizen", "zone": "QH-03"}, "kind", "kind"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "column", "detail"), BAD_LINES)
def test_bad_lines(tmp_path, value, column, detail):
    error = told(lines(tmp_path, GOOD, value))
    assert (error.line, error.column) == (2, column)
    assert detail in error.detail
    assert error.expected


def test_a_site_need_not_know_the_station(tmp_path):
    assert len(read(lines(tmp_path, {**GOOD, "station": "x"}), check_site=False)) == 1


def test_a_record_beyond_the_limit(tmp_path):
    frame = [GOOD] * 120_000
    error = told(lines(tmp_path, GOOD, frame))
    assert (error.line, error.detail) == (2, "too large")
    assert "1,000,000 bytes" in str(error)


def test_files_merge_by_time_and_ties_go_by_the_command_line(tmp_path):
    def at(seconds, value):
        return {**GOOD, "time": 1784527380 + seconds, "value": value}

    a = lines(tmp_path, at(0, 1), at(10, 2), at(5, 3), at(20, 4), name="a.jsonl")
    b = lines(tmp_path, at(0, 11), at(10, 12), at(15, 13), name="b.jsonl")
    assert [json.loads(r.value)["value"] for r in read(a, b)] == [1, 11, 2, 3, 12, 13, 4]
    assert [json.loads(r.value)["value"] for r in read(b, a)] == [11, 1, 12, 2, 3, 13, 4]


def test_options_hold_for_all_files_or_one_each(tmp_path):
    files = [tmp_path / "a.csv", tmp_path / "b.jsonl", tmp_path / "c.csv.gz"]
    options = CsvOptions(["s1", "s2"], ["p"], ["t"], ["v"], ["m"], tz="UTC")
    a, b, c = sources(files, [], options)
    assert (a.station, b, c.station, c.property) == ("s1", JsonLines(files[1]), "s2", "p")
    assert (c.unit, str(c.tz)) == ("m", "UTC")
    assert sources([], [tmp_path / "x"], options._replace(station=["s"]))[0].path == tmp_path / "x"


@pytest.mark.parametrize(
    ("change", "says"),
    [({"station": ["a", "b"]}, "--station"), ({"property": []}, "--property"), ({"tz": "Mars"}, "Mars")],
)
def test_options_that_do_not_fit(tmp_path, change, says):
    options = CsvOptions(["s"], ["p"], ["t"], ["v"])._replace(**change)
    with pytest.raises(OptionError, match=says):
        sources([tmp_path / "a.csv"], [], options)


@pytest.mark.skipif(not RIVER.exists(), reason="needs the recordings in ../shared/data/river")
def test_the_river_recordings_are_read():
    column = "USGS:01589330:00065:00000"
    files = [CsvFile(RIVER / name, "QH-R-014", "water_level", "datetimeUTC", column, "[ft_i]")
             for name in ("DeadRun_Instant.csv.gz", "view-example.csv.gz")]  # fmt: skip
    records = read(*files)
    assert len(records) > 10_000
    assert [r.time for r in records] == sorted(r.time for r in records)
    assert records[0].path.name == "DeadRun_Instant.csv.gz"
