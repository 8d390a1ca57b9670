"""`tocsin flags` on files, as a person calls it."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from streams.cli import app
from tests.cli.flag_site import STATIONS, hand_made, line, write_site


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def call(folder, tmp_path):
    def run(lines, *words, code=0):
        path = tmp_path / "in.jsonl"
        path.write_text("\n".join(lines) + "\n")
        result = CliRunner().invoke(app, ["flags", str(path), "--config", str(folder), *words])
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def rows(call):
    return lambda lines, *words: [json.loads(one) for one in call(lines, "--json", *words).stdout.splitlines()]


@pytest.mark.parametrize("station", STATIONS)
def test_each_check_sets_its_flag_on_exactly_these_values(rows, station):
    _, values, told = STATIONS[station]
    found = rows(hand_made(), "--station", station)
    assert [row["given"] for row in found] == values
    assert [(row["flag"], row["check"]) for row in found] == told
    assert all(row["outcome"] == "accepted" and row["trusted"] for row in found)


def test_the_bound_is_named(rows):
    found = {row["check"]: row["bound"] for row in rows(hand_made(), "--flag", "3,4")}
    assert found == {
        "range_hard": "hard_max 9 m",
        "range_soft": "soft_max 5 m",
        "saturated": "range_max 7 m",
        "rise": "rise_max 1 m/h",
        "fall": "fall_max 1 m/h",
        "stuck": "stuck_for 20 min",
        "shift": "shift 1 m, shift_for 10 min",
        "oscillation": "swings 3, swing_band 0.5 m, swing_for 30 min",
        "unreliable": "recover 3",
    }


def test_csv_says_the_same_as_json(call, rows):
    printed = list(csv.DictReader(io.StringIO(call(hand_made(), "--check", "range_hard,saturated").stdout)))
    objects = rows(hand_made(), "--check", "range_hard", "--check", "saturated")
    assert len(printed) == 3
    assert [(one["time"], float(one["value"]), int(one["flag"]), one["check"]) for one in printed] == [
        (one["time"], one["value"], one["flag"], one["check"]) for one in objects
    ]
    assert [*printed[0]] == [*objects[0]]
    assert printed[0]["time"] == "2026-07-20T08:05:00.000+08:00"
    assert printed[0]["trusted"] == "true"


def test_what_became_of_what_does_not_count(rows):
    lines = [
        line("PLAIN", 0, 1),
        line("PLAIN", 0, 1),
        line("PLAIN", 0, 2),
        line("PLAIN", 5, 150, unit="cm"),
        line("PLAIN", 10, 1, unit="kg"),
        line("NOBODY", 10, 1),
        line("PLAIN", 15, 2),
        line("PLAIN", 12, 2),
    ]
    found = rows(lines)
    assert [(row["outcome"], row["flag"], row["check"] or row["reason"]) for row in found] == [
        ("accepted", 1, ""),
        ("repeat", None, ""),
        ("rejected", None, "conflict"),
        ("accepted", 1, ""),
        ("rejected", None, "wrong_unit"),
        ("rejected", None, "unknown_station"),
        ("accepted", 1, ""),
        ("accepted", 1, "late"),
    ]
    assert [row["place"] for row in found] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(row["source"].endswith("in.jsonl") for row in found)
    assert (found[3]["given"], found[3]["given_unit"], found[3]["value"], found[3]["unit"]) == (150, "cm", 1.5, "m")
    assert "another value was already received" in found[2]["detail"]


def test_silence_is_a_line_of_its_own(rows):
    found = rows([line("PLAIN", 0, 1), line("HARD", 60, 1)], "--station", "PLAIN")
    assert [(row["outcome"], row["flag"], row["check"]) for row in found] == [
        ("accepted", 1, ""),
        ("silent", 2, "gap"),
    ]
    silence = found[1]
    assert (silence["time"], silence["received"]) == ("2026-07-20T08:00:00.000+08:00", "2026-07-20T08:15:00.000+08:00")
    assert (silence["bound"], silence["value"], silence["place"]) == ("interval 5 min", None, None)


def test_what_neighbours_say_is_among_them(rows):
    lines = [line(station, minute, value) for minute in range(4) for station, value in (("P1", 1), ("P2", 1 + minute))]
    found = rows(lines, "--check", "neighbour")
    assert {row["station"] for row in found} == {"P1", "P2"}
    assert all((row["outcome"], row["flag"]) == ("compared", 3) for row in found)
    assert found[0]["bound"].startswith("neighbour 0.5 m of ")
    assert len(found) == 2


def test_since_until_and_outcome(call, rows):
    between = ("--since", "2026-07-20T08:05:00+08:00", "--until", "2026-07-20 08:05:00+08:00")
    assert {row["time"][11:16] for row in rows(hand_made(), *between)} == {"08:05"}
    again = [line("PLAIN", 0, 1), line("PLAIN", 0, 1)]
    assert [row["outcome"] for row in rows(again, "--outcome", "repeat")] == ["repeat"]
    assert "1 values: 1 good; 1 repeats" in call(again, "--outcome", "repeat").stderr


def test_values_in_csv(folder, tmp_path):
    path = tmp_path / "gauge.csv"
    path.write_text("when;level\n2026-07-20 08:00;1\n2026-07-20 08:05;99\n2026-07-20 08:10;NA\n")
    words = ("--station", "HARD", "--property", "water_level", "--time-column", "when", "--value-column", "level")
    more = ("--tz", "Asia/Shanghai", "--missing", "NA", "--config", str(folder), "--json")
    result = CliRunner().invoke(app, ["flags", "--csv", str(path), *words, *more])
    assert result.exit_code == 0, result.output
    found = [json.loads(one) for one in result.stdout.splitlines()]
    assert [(row["given"], row["flag"], row["place"]) for row in found] == [(1, 1, 2), (99, 4, 3), (None, 9, 4)]


def test_flawed_lines_are_named(call):
    result = call([line("PLAIN", 0, 1), '{"station": "PLAIN"', line("PLAIN", 5, 2)])
    assert "in.jsonl:2" in result.stderr
    assert "2 values: 2 good" in result.stderr
    call(['{"station": "PLAIN"'], "--strict", code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flag", "3,5"), "--flag '5'"),
        (("--check", "stock"), "did you mean stuck?"),
        (("--outcome", "lost"), "accepted"),
        (("--since", "2026-07-20T08:00:00"), "with a zone"),
        (("--warm-up", "long"), "--warm-up"),
        (("--since", "2026-07-21T00:00:00Z", "--until", "2026-07-20T00:00:00Z"), "lies after --until"),
    ],
)
def test_options_that_cannot_be(call, words, said):
    assert said in call([line("PLAIN", 0, 1)], *words, code=2).stderr


def test_a_name_that_finds_nothing_and_is_not_configured_is_said(call):
    lines = [line("PLAIN", 0, 1), line("NOBODY", 0, 1)]
    assert "--property 'waterlevel': no property of the configuration; did you mean water_level?" in call(
        lines, "--property", "waterlevel"
    ).stderr.replace("\n", " ")
    assert "did you mean PLAIN?" in call(lines, "--station", "PLAINE").stderr
    for found in (call(lines, "--station", "NOBODY"), call(lines, "--station", "HARD")):
        assert "of the configuration" not in found.stderr


def test_without_files_a_station_is_needed(folder):
    def told(*words):
        result = CliRunner().invoke(app, ["flags", "--config", str(folder), *words])
        assert result.exit_code == 2
        return result.stderr

    assert "one --station" in told()
    assert "did you mean PLAIN?" in told("--station", "PLAINE")
