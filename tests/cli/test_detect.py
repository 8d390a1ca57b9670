"""`tocsin detect` with small files: what it reads, how it trains, what it answers, what it refuses."""

import csv
import gzip
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from detectors import DETECTORS
from detectors.offline import Chain, Series, run
from detectors.transforms import TRANSFORMS
from streams.config.presets import load_preset
from streams.detect import outputs
from streams.models.times import HOUR, MINUTE, SECOND

ROWS = 300
START = "2010-05-27T16:24:03.680000"


@pytest.fixture
def bad(call):
    """The same, for what has to be refused: what stderr says."""

    def answer(*given):
        result = call(*given)
        assert result.exit_code == 2
        assert result.stdout == ""
        return result.stderr.strip()

    return answer


def noise(rows=ROWS, channels=1, seed=1):
    return np.random.default_rng(seed).normal(size=(rows, channels))


def write(path, rows, header=None, sep=","):
    """Cells as text."""
    lines = [sep.join(map(str, row)) for row in ([header] if header else []) + list(rows)]
    text = "".join(f"{line}\n" for line in lines)
    path = Path(path)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def minutes(count=ROWS):
    return [f"2026-07-01 {row // 60:02}:{row % 60:02}:00" for row in range(count)]


def timed(path, values, header=("time", "value"), stamps=None):
    values = np.reshape(values, (len(values), -1)).tolist()
    return write(path, [[t, *v] for t, v in zip(stamps or minutes(len(values)), values, strict=True)], header)


def column(answer, name="score"):
    return [row[name] for row in answer]


def expected(part, values, step=MINUTE, start=0, **parameters):
    found = run(Chain.of(part, parameters=parameters), Series(start + step * np.arange(len(values)), np.array(values)))
    return [repr(one) if one == one else "" for one in found.values.tolist()]


BY_TIME = ("--time", "time", "--value", "value")

# What it reads


def test_one_row_of_answer_for_each_row(good, tmp_path):
    values = noise()[:, 0]
    answer = good("ewma_z", timed(tmp_path / "a.csv", values), *BY_TIME)
    assert list(answer[0]) == ["time", "score", "trigger"]
    assert column(answer, "time") == minutes()
    assert column(answer) == expected("ewma_z", values)
    assert set(column(answer, "trigger")) <= {"0", "1"}


def test_the_same_data_in_every_form(call, tmp_path):
    values = noise(channels=2)
    names = ["a", "b"]
    forms = [
        (write("a.csv", values.tolist(), names), "--value", "b"),
        (write("b.csv.gz", values.tolist(), names), "--value", "1"),
        (write("c.txt", values.tolist(), sep="  "), "--value", "1", "--sep", " "),
        (write("d.csv", values.tolist(), names, sep=";"), "--value", "b", "--sep", ";"),
        (write("e.tsv", values.tolist(), sep="\t"), "--value", "1", "--sep", "\\t"),
        ("f.npz", "--value", "1"),
        ("plain", "--value", "1"),
    ]
    np.savez("f.npz", data=values)
    shutil.copy("f.npz", "plain")
    answers = {call("anomaly", *form, "--rate", 50).stdout for form in forms}
    assert len(answers) == 1
    assert answers.pop().splitlines()[1:3] == ["0.0,,0", "0.02,,0"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def slist(path, values, channel="EHZ", station="UH1", rate=100):
    head = f"TIMESERIES BW_{station}__{channel}_D, {len(values)} samples, {rate} sps, {START}, SLIST, INTEGER"
    rows = [head, *("\t".join(map(repr, values[i : i + 6])) for i in range(0, len(values), 6))]
    return write(path, [[row] for row in rows])


def test_slist_brings_start_and_rate(good):
    values = noise(900)[:, 0].tolist()
    for path in (slist("a.slist", values), slist("a.slist.gz", values)):
        answer = good("p_onset", path)
        assert column(answer) == expected("p_onset", values, 10_000)
        assert column(answer, "time")[:3] == ["0.0", "0.01", "0.02"]


def test_an_slist_of_several_pieces(good):
    values = noise(900)[:, 0].tolist()
    first, second = slist("a.slist", values[:400]), slist("b.slist", values[400:])
    later = second.read_text().replace("16:24:03.68", "16:24:08.68")
    Path("c.slist").write_text(first.read_text() + later)
    answer = good("sta_lta", "c.slist", "--param", "nlta=20")
    assert column(answer, "time")[398:402] == ["3.98", "3.99", "5.0", "5.01"]
    assert column(answer)[400:419] == [""] * 19


def test_an_slist_that_lies_is_refused(bad):
    path = slist("a.slist", [1.0, 2.0, 3.0])
    path.write_text(path.read_text().replace("3 samples", "4 samples"))
    assert bad("p_onset", path) == "a.slist:1: found 3 samples; expected 4, as the header says"
    path.write_text(path.read_text().replace("4 samples", "3 samples").replace("2.0", "x"))
    assert bad("p_onset", path) == "a.slist:2: found 'x'; expected a sample: a number"
    assert "found 100 samples a second; expected 50" in bad("p_onset", slist("a.slist", [1.0]), "--rate", 50)


def test_names_are_trimmed_and_a_mark_removed(good):
    path = timed("a.csv", noise(), header=('\ufeff"time"', " value "))
    assert len(good("ewma_z", path, *BY_TIME)) == ROWS
    assert len(good("ewma_z", path, "--time", 0, "--value", " 1 ")) == ROWS


def test_no_header_if_every_cell_of_the_first_row_is_a_number(good):
    assert len(good("ewma_z", write("a.csv", [[0, 1.5], [1, 2]]), "--time", 0, "--value", 1)) == 2
    assert len(good("ewma_z", write("a.csv", [[0, "NaN"], [1, 2]]), "--time", 0, "--value", 1)) == 2
    assert len(good("ewma_z", write("a.csv", [["", 0], [1, 2]]), "--time", 0, "--value", 1)) == 1
    assert len(good("ewma_z", write("a.csv", [[0, "1.5 m"], [1, 2]]), "--time", 0, "--value", 1)) == 1


def test_all_numeric_columns_but_time_and_the_ignored(good):
    values = noise(channels=3)
    rows = [[t, *v, "text", ""] for t, v in zip(range(ROWS), values.tolist(), strict=True)]
    path = write("a.csv", rows, ["time", "a", "b", "label", "word", "empty"])
    alike = good("multivariate", path, "--time", "time", "--value", "*", "--ignore", "label,not there")
    assert column(alike) != column(good("multivariate", path, "--time", "time", "--value", "*"))
    assert column(alike) == column(good("multivariate", path, "--time", "time", "--value", "a,b,empty"))


def test_columns_that_nobody_named_are_never_read(good):
    path = timed("a.csv", noise())
    path.write_bytes(b"".join(line + b",\xff\xfe\n" for line in path.read_bytes().splitlines()))
    assert len(good("ewma_z", path, *BY_TIME)) == ROWS


def test_several_time_columns_are_joined_by_blanks(good):
    rows = [["2010", "1", 1 + row // 24, row % 24, value] for row, value in enumerate(noise(48)[:, 0].tolist())]
    path = write("a.csv", rows, ["year", "month", "day", "hour", "value"])
    form = ("--time", "year,month,day,hour", "--time-format", "%Y %m %d %H")
    answer = good("seasonal", path, *form, "--value", "value")
    assert column(answer, "time")[-1] == "2010 1 2 23"
    assert column(answer) == expected("seasonal", [row[-1] for row in rows], HOUR)


def test_a_time_without_a_zone_is_read_in_the_given_one(good):
    values = noise(200, seed=3)[:, 0]
    stamps = [f"2026-07-{1 + row // 24:02} {row % 24:02}:00" for row in range(200)]
    path = timed("a.csv", values, stamps=stamps)
    shanghai = good("seasonal", path, *BY_TIME, "--tz", "Asia/Shanghai")
    assert column(shanghai) == expected("seasonal", values, HOUR, start=-8 * HOUR)
    own = timed("b.csv", values, stamps=[f"{stamp}+08:00" for stamp in stamps])
    assert column(good("seasonal", own, *BY_TIME)) == column(shanghai)
    assert column(good("seasonal", path, *BY_TIME)) == expected("seasonal", values, HOUR)


def test_the_hour_that_summer_time_has_twice(call):
    stamps = [f"2026-10-25 {hour:02}:{minute:02}:00" for hour in (1, 2, 2, 3) for minute in range(60)]
    result = call("ewma_z", timed("a.csv", noise(240), stamps=stamps), *BY_TIME, "--tz", "Europe/Berlin", "--strict")
    assert result.exit_code == 0
    assert call("ewma_z", "a.csv", *BY_TIME).stderr.strip() == "a.csv: 59 times earlier than one before"


def test_a_number_is_seconds(good):
    path = timed("a.csv", noise(), stamps=[repr(row * 0.5 - 10) for row in range(ROWS)])
    assert column(good("sta_lta", path, *BY_TIME), "time")[0] == "-10.0"


@pytest.mark.parametrize("text", ["60s", "60 s", "1min", "1 min"])
def test_a_blank_in_a_duration_is_optional(good, text):
    answer = good("ewma_z", write("a.csv", noise().tolist(), ["value"]), "--value", "value", "--step", text)
    assert column(answer, "time")[:3] == ["0.0", "60.0", "120.0"]


# What it runs


@pytest.mark.parametrize("part", sorted(DETECTORS))
def test_every_detector(good, part):
    answer = good(part, write("a.csv", noise().tolist(), ["v"]), "--value", "v", "--rate", 100)
    assert list(answer[0]) == ["time", "score", "trigger"]
    assert len(answer) == ROWS


@pytest.mark.parametrize("part", sorted(TRANSFORMS.keys() - DETECTORS))
def test_every_transform(good, part):
    names = ["a", "b"] if part == "vector_sum" else TRANSFORMS[part].inputs or ["a"]
    values = noise(channels=len(names)).reshape(ROWS, -1).tolist()
    answer = good(part, write("a.csv", values, names), "--value", ",".join(names), "--rate", 100)
    assert list(answer[0]) == ["time", *TRANSFORMS[part].outputs]
    assert len(answer) == ROWS


def test_defaults_then_preset_then_parameters(good, bad):
    values = noise(channels=3)
    values[200:] += 3
    path = timed("a.csv", values, ("time", "a", "b", "c"))
    given = ("multivariate", path, "--time", "time", "--value", "*", "--train", 150)
    series = Series(MINUTE * np.arange(ROWS), values)
    for preset, extra in ((None, {}), ("rig", {}), ("rig", {"smooth": 5, "thr_on": 9.0, "hold": 5 * MINUTE})):
        chain = Chain.of("multivariate", load_preset(preset) if preset else None, extra)
        words = {"smooth": "smooth=5", "thr_on": "thr_on=9", "hold": "hold=5min"}
        options = [one for name in extra for one in ("--param", words[name])]
        answer = good(*given, *(("--preset", preset) if preset else ()), *options)
        told = run(chain, series, train=150)
        assert column(answer) == [repr(one) if one == one else "" for one in told.values.tolist()]
        assert column(answer, "trigger") == [str(int(one)) for one in told.alarm]
    assert "no preset 'rigg'; there are" in bad(*given, "--preset", "rigg")
    assert "the preset 'deep' is for 'tsunami', not for 'multivariate'" in bad(*given, "--preset", "deep")


def test_parameters_are_checked(bad, good):
    given = ("sum", timed("a.csv", noise()), *BY_TIME)
    assert column(good(*given, "--param", "over=30 min"), "value") == column(
        good(*given, "--param", "over=0.5h"), "value"
    )
    assert "found 'ovr'; sum has kind, max_gap, over" in (said := bad(*given, "--param", "ovr=1 h"))
    assert "did you mean 'over'?" in said
    assert "found '30'; right would be a number and one of ms, s, min, h, d, wk" in bad(*given, "--param", "over=30")
    assert "or pace" in bad(*given, "--param", "max_gap=x")
    assert "right would be one of increment, total, rate" in bad(*given, "--param", "kind=x")
    assert "right would be a whole number" in bad("ewma_z", *given[1:], "--param", "warm_up=2.5")
    assert "right would be true or false" in bad("ewma_z", *given[1:], "--param", "adapt=yes")
    assert "a window is 10 s to 72 h long" in bad(*given, "--param", "over=100 h")
    assert "found 'slots'" in bad(*given, "--param", "slots=3")


def test_who_has_to_know_the_rate_is_told_it(good, bad):
    values = noise()[:, 0]
    path = timed("a.csv", values, stamps=[repr(row / 50) for row in range(ROWS)])
    assert "band_pass has to know the samples a second" in bad("band_pass", path, *BY_TIME, "--param", "low=1")
    told = good("band_pass", path, *BY_TIME, "--param", "rate=50")
    regular = good("band_pass", path, "--rate", 50, "--value", "value")
    assert column(told, "value") == column(regular, "value") == expected("band_pass", values, SECOND // 50, rate=50.0)


# Missing values, time


@pytest.mark.parametrize("cell", ["", "NA", "NaN", "null", " "])
def test_a_missing_value_has_no_score_and_teaches_nothing(good, cell):
    values = noise()[:, 0].tolist()
    values[260:] = [9.0] * 40
    known = good("ewma_z", timed("a.csv", values), *BY_TIME)
    stamps = minutes()
    holes = {100, 265}
    rows = [row for r in range(ROWS) for row in ([[stamps[r], cell]] if r in holes else []) + [[stamps[r], values[r]]]]
    answer = good("ewma_z", write("b.csv", rows, ["time", "value"]), *BY_TIME)
    at = [100, 266]
    assert [answer[row]["score"] for row in at] == ["", ""]
    assert [answer[row]["trigger"] for row in at] == [answer[row - 1]["trigger"] for row in at] == ["0", "1"]
    assert [row for n, row in enumerate(answer) if n not in at] == known


def test_a_row_of_channels_is_missing_when_more_than_half_are(good):
    values = noise(channels=4).tolist()
    values[200] = ["", "NA", 0.1, 0.2]
    values[210] = ["", "NA", "null", 0.2]
    path = write("a.csv", values, list("abcd"))
    answer = good("multivariate", path, "--rate", 1, "--value", "*")
    assert answer[200]["score"] != ""
    assert answer[210]["score"] == ""


def test_blank_lines_are_no_rows_but_in_a_single_column_they_are_missing(good):
    Path("a.csv").write_text("\na,b\n1,2\n  \n3,4\n\n")
    assert len(good("ewma_z", "a.csv", "--rate", 1, "--value", "b")) == 2
    Path("a.csv").write_text("b\n2\n\n4\n\n")
    assert len(good("ewma_z", "a.csv", "--rate", 1, "--value", "b")) == 3


def test_equal_times_are_both_processed_an_earlier_one_is_counted(call):
    stamps = minutes()
    stamps[100] = stamps[99]
    stamps[200] = stamps[190]
    result = call("ewma_z", timed("a.csv", noise(), stamps=stamps), *BY_TIME)
    answer = list(csv.DictReader(io.StringIO(result.stdout)))
    assert answer[100]["score"] != ""
    assert answer[200]["score"] == ""
    assert answer[200]["trigger"] == answer[199]["trigger"]
    assert "a.csv: 1 time earlier than one before" in result.stderr
    assert column(answer, "time") == stamps


def test_after_a_gap_what_looks_back_begins_anew(good):
    stamps = [repr(float(row + 100 * (row >= 150))) for row in range(ROWS)]
    path = timed("a.csv", noise(), stamps=stamps)
    given = ("sta_lta", path, *BY_TIME, "--param", "nlta=20")
    assert column(good(*given))[150:169] == [""] * 19
    assert column(good(*given, "--param", "max_gap=5 min"))[150] != ""


def test_strict_makes_earlier_times_and_gaps_errors(bad, good):
    stamps = minutes()
    stamps[200] = stamps[190]
    path = timed("a.csv", noise(), stamps=stamps)
    said = bad("ewma_z", path, *BY_TIME, "--strict")
    assert said == "a.csv:202:time: found '2026-07-01 03:10:00'; expected a time not before those above"
    path = timed("a.csv", noise(), stamps=[repr(float(row + 100 * (row >= 150))) for row in range(ROWS)])
    said = bad("sta_lta", path, *BY_TIME, "--strict")
    assert said == "a.csv:152:time: found '250.0', 101 s after the row before; expected no gap (--strict)"
    assert good("sta_lta", path, *BY_TIME, "--strict", "--param", "max_gap=3 min")
    assert good("sta_lta", timed("a.csv", noise()), *BY_TIME, "--strict")


# Training


def test_the_first_rows_for_training(good, bad):
    path = timed("a.csv", noise(channels=2), ("time", "a", "b"))
    given = ("multivariate", path, "--time", "time", "--value", "*")
    answer = good(*given, "--train", 100)
    assert column(answer)[:100] == [""] * 100
    assert column(answer, "trigger")[:100] == ["0"] * 100
    assert "" not in column(answer)[100:]
    assert column(answer) != column(good(*given, "--train", 100, "--param", "adapt=true"))
    assert "--train 99: right would be at least 100 rows" in bad(*given, "--train", 99)
    assert "found 300 rows; expected at least 301" in bad(*given, "--train", 301)
    assert "right would be one of them" in bad(*given, "--train", 100, "--train-file", path)
    assert "which learns nothing" in bad("mean", path, "--time", "time", "--value", "a", "--train", 100)


def test_a_file_for_training_is_matched_by_name(good, bad):
    values, clean = noise(channels=2), noise(150, 3, seed=2)
    path = timed("a.csv", values, ("time", "a", "b"))
    other = timed("b.csv", clean, ("time", " b", "more", "a"))
    given = ("multivariate", path, "--time", "time", "--value", "*", "--train-file")
    answer = good(*given, other)
    told = run(
        Chain.of("multivariate"), Series(MINUTE * np.arange(ROWS), values),
        before=Series(MINUTE * np.arange(150), clean[:, [2, 0]]),
    )  # fmt: skip
    assert column(answer) == [repr(one) for one in told.values.tolist()]
    said = bad(*given, timed("c.csv", clean, ("time", "b", "more", "A")))
    assert said.startswith("c.csv:1:a: found no column 'a'; expected one of time, b, more, A")
    assert "at least 100 rows, found 99" in bad(*given, timed("d.csv", clean[:99], ("time", "b", "more", "a")))


def test_a_channel_that_says_nothing_in_training_is_left_out_and_named(call, good, bad):
    values = noise(channels=4)
    values[:150, 1] = 7
    rows = [["NA" if c == 2 and r < 150 else v for c, v in enumerate(row)] for r, row in enumerate(values.tolist())]
    path = write("a.csv", rows, ["a", "still", "gone", "b"])
    given = ("--rate", 1, "--train", 150, "--value")
    result = call("multivariate", path, *given, "*")
    assert "a.csv: constant or missing in training, left out: still, gone" in result.stderr
    assert list(csv.DictReader(io.StringIO(result.stdout))) == good("multivariate", path, *given, "a,b")
    assert "still: found nothing to learn from" in bad("anomaly", path, *given, "still")


def test_what_needs_training_says_so(bad):
    path = timed("a.csv", noise(channels=2), ("time", "a", "b"))
    given = ("multivariate", path, "--time", "time", "--value", "*")
    assert "--preset process needs training" in bad(*given, "--preset", "process")


# Where the answer goes


def test_names_of_outputs(call):
    values = noise(20)
    for folder in ("in/deep", "in/other"):
        Path(folder).mkdir(parents=True)
    files = [timed("in/deep/a.b.csv.gz", values), timed("in/other/a.txt", values), timed("in/plain", values)]
    result = call("ewma_z", *files, *BY_TIME, "--root", "in", "--out-dir", "out")
    assert result.exit_code == 0
    assert sorted(str(path) for path in Path("out").rglob("*") if path.is_file()) == [
        "out/deep/a.b.csv", "out/other/a.csv", "out/plain.csv",
    ]  # fmt: skip
    assert result.stdout == ""
    call("ewma_z", files[0], *BY_TIME, "--out-dir", "other")
    assert Path("other/in/deep/a.b.csv").is_file()


def test_a_file_has_the_same_bytes_whoever_shares_the_call_and_whatever_its_name(call):
    files = [timed(f"{name}.csv", noise(seed=seed)) for seed, name in enumerate("abc")]
    call("anomaly", *files, *BY_TIME, "--out-dir", "all")
    for path in files:
        alone = call("anomaly", path.rename(f"other-{path}"), *BY_TIME).stdout_bytes
        assert alone == (Path("all") / path).read_bytes()


def test_outputs_that_would_meet_are_refused(bad):
    Path("in").mkdir()
    a, b = timed("in/a.csv", noise(20)), timed("in/a.txt", noise(20))
    given = ("ewma_z", a, b, *BY_TIME)
    assert "its output out/in/a.csv is that of in/a.csv too" in bad(*given, "--out-dir", "out")
    assert "2 files: right would be --out-dir DIR" in bad(*given)
    assert "outside in" in bad("ewma_z", timed("c.csv", noise(20)), *BY_TIME, "--root", "in", "--out-dir", "out")
    assert "its output c.csv is an input" in bad("ewma_z", "c.csv", *BY_TIME, "--out-dir", ".")
    assert not Path("out").exists()


def test_outputs_appear_whole_or_not_at_all(bad, monkeypatch):
    a, b = timed("a.csv", noise(20)), write("b.csv", [["2026-07-01 00:00", "oops"], [1, 1], [2, 1]], ["time", "value"])
    bad("ewma_z", a, b, *BY_TIME, "--out-dir", "out")
    assert not [path for path in Path("out").rglob("*") if path.is_file()]
    Path("out/a.csv").write_text("old")
    monkeypatch.setattr(outputs.Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    assert "disk" in bad("ewma_z", a, *BY_TIME, "--out-dir", "out")
    assert [path.read_text() for path in Path("out").iterdir()] == ["old"]


def test_a_picture(call, bad):
    path = timed("a.csv", noise())
    assert call("anomaly", path, *BY_TIME, "--plot", "a.png").exit_code == 0
    assert Path("a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert call("median", path, *BY_TIME, "--plot", "b.png").exit_code == 0
    assert "--plot a.csv: this is an input" in bad("anomaly", path, *BY_TIME, "--plot", path)
    assert "--plot for one file" in bad("anomaly", path, path, *BY_TIME, "--plot", "a.png", "--out-dir", "out")


def test_no_rows(good):
    assert good("anomaly", write("a.csv", [], ["time", "value"]), *BY_TIME) == []


# What it refuses


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["2026-07-01 00:01", "1,5"], "a.csv:3:value: found '1,5'; expected a number, or nothing, NA, NaN or null"),
        (["2026-07-01 00:01", "0x1f"], "a.csv:3:value: found '0x1f'; expected a number"),
        (["1/7/26", "1"], "a.csv:3:time: found '1/7/26'; expected a time like 2026-07-20 14:03:00"),
        (["", "1"], "a.csv:3:time: found ''; expected a time"),
        (["1e12", "1"], "a.csv:3:time: found '1e12'; expected a time"),
        (["2026-07-01 00:01"], "a.csv:3:value: found 1 columns; expected at least 2"),
    ],
)
def test_a_cell_that_is_wrong(bad, cells, said):
    path = write("a.csv", [["2026-07-01 00:00", "1"], cells, ["2026-07-01 00:02", "1"]], ["time", "value"], sep=";")
    assert bad("ewma_z", path, *BY_TIME, "--sep", ";").startswith(said)


def test_text_in_a_column_of_numbers_is_no_reason_to_leave_it_out(bad):
    path = write("a.csv", [[1, 2], ["oops", 3], [3, 4]], ["a", "b"])
    assert bad("multivariate", path, "--rate", 1, "--value", "*").startswith(
        "a.csv:3:a: found 'oops'; expected a number"
    )


def test_a_column_that_is_not_there(bad):
    path = timed("a.csv", noise(20))
    said = bad("ewma_z", path, "--time", "time", "--value", "vlaue")
    assert said == "a.csv:1:vlaue: found no column 'vlaue'; expected one of time, value; did you mean 'value'?"
    assert "no column '2'" in bad("ewma_z", path, "--time", "time", "--value", "2")
    path = timed("a.csv", noise(20, 2), ("time", "value", "value"))
    assert "found 2 columns of this name" in bad("ewma_z", path, *BY_TIME)


def test_a_part_of_single_values_takes_one_column(bad):
    path = timed("a.csv", noise(20, 2), ("time", "a", "b"))
    assert "found 2 columns (a, b); expected one --value column" in bad(
        "anomaly", path, "--time", "time", "--value", "*"
    )


def test_files_that_cannot_be_read(bad):
    given = ("--rate", 1, "--value", "0")
    assert bad("ewma_z", "none.csv", *given).startswith("none.csv: found")
    Path("a.csv").touch()
    assert bad("ewma_z", "a.csv", *given) == "a.csv: found no rows; expected a table"
    Path("a.csv.gz").write_bytes(gzip.compress(b"1\n" * 9000)[:-9])
    assert bad("ewma_z", "a.csv.gz", *given).startswith("a.csv.gz: found Compressed file ended")
    Path("a.npz").write_bytes(b"no")
    assert "expected an npz file" in bad("ewma_z", "a.npz", *given)
    np.savez("a.npz", other=np.zeros(3))
    assert bad("ewma_z", "a.npz", *given) == "a.npz: found arrays other; expected an array 'data'"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "what to run and on what"),
        (("nothing", "a.csv"), "no part 'nothing'; right would be one of anomaly, aqi, band_pass"),
        (("ewma_z", "a.csv", "--value", "value"), "times come from one of --time C, --rate HZ and --step DURATION"),
        (("ewma_z", "a.csv", "--rate", "1"), "--value says which columns are values"),
        (("ewma_z", "a.csv", *BY_TIME, "--rate", "1"), "--time, --rate and --step: right would be one of them"),
        (("ewma_z", "a.csv", "--value", "value", "--rate", "0"), "--rate 0: right would be a number above 0"),
        (("ewma_z", "a.csv", "--value", "value", "--step", "0s"), "--step '0s': right would be a length above 0"),
        (("ewma_z", "a.csv", "--value", "value", "--step", "1"), "not a duration: '1'"),
        (("ewma_z", "a.csv", *BY_TIME, "--tz", "Mars"), "--tz 'Mars': right would be a zone"),
        (("ewma_z", "a.csv", *BY_TIME, "--sep", "::"), "--sep '::': right would be one character"),
        (("ewma_z", "a.csv", *BY_TIME, "--param", "thr_on=1", "--param", "n=2"), "1 <= n <= m"),
        (("coincidence", "a.csv"), "a.csv:1: found no slist"),
        (("coincidence", "a.csv", "--rate", "1"), "coincidence takes slist files, --preset and --param"),
    ],
)
def test_options_that_do_not_go_together(bad, given, said):
    timed("a.csv", noise(20))
    assert said in bad(*given)


# The other two forms


def test_the_catalogue(call):
    lines = call("--list").stdout.splitlines()
    assert {line.split()[0] for line in lines[1:]} == {*DETECTORS, *TRANSFORMS, "coincidence"}
    assert len(lines) == len({*DETECTORS, *TRANSFORMS}) + 2
    assert next(line for line in lines if line.startswith("anomaly")).split()[3] == "11,832"


def test_coincidence_takes_vertical_components_at_any_rate(call):
    files = []
    for station, rate in (("A", 50), ("B", 100), ("C", 50)):
        time = np.arange(40 * rate) / rate
        value = noise(len(time), seed=rate)[:, 0] + 20 * np.sin(time * 2 * np.pi * 15) * ((time > 20) & (time < 23))
        files.append(slist(f"{station}.slist.gz", value.tolist(), "SHZ", station, rate))
        files.append(slist(f"{station}.n.slist", value.tolist(), "SHN", station, rate))
    result = call("coincidence", "--preset", "tutorial", *files)
    [found] = json.loads(result.stdout)
    assert found["time"].startswith("2010-05-27T16:24:23.")
    assert sorted(found["stations"]) == ["A", "B", "C"]
    assert found["sum"] == 3
    assert 2 < found["duration"] < 6
    assert json.loads(call("coincidence", *files, "--param", "least=4").stdout) == []
