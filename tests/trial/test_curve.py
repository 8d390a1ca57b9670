import json

import pytest

from streams.trial.words import shown
from tests.trial.given import problems, session


def sent(tmp_path, text):
    (ready,) = session(tmp_path, f"expect: []\nreadings:\n{text}").ready
    return [(event.received, json.loads(event.what)) for event in ready.script.events]


def values(tmp_path, text):
    return [(shown(at), body["value"]) for at, body in sent(tmp_path, text)]


def test_pieces_follow_each_other(tmp_path):
    found = values(
        tmp_path,
        """
  - station: R1
    curve:
      - {constant: 1, for: 2 min}
      - {ramp: 3, over: 2 min}
      - {silence: 2 min}
      - {missing: 1 min}
      - {values: [5, null, 7]}
""",
    )
    assert found == [
        ("0 s", 1), ("1 min", 1), ("2 min", 1), ("3 min", 2), ("6 min", None),
        ("7 min", 5), ("8 min", None), ("9 min", 7),
    ]  # fmt: skip


def test_a_piece_may_begin_at_a_time_and_a_ramp_anywhere(tmp_path):
    found = values(
        tmp_path,
        "  - station: R1\n    curve: [{constant: 1}, {at: 2 min, ramp: 4, from: station.mark + 50 cm, over: 2 min}]\n",
    )
    assert found == [("0 s", 1), ("1 min", 1), ("2 min", 2), ("3 min", 3), ("4 min", 4)]


def test_what_has_no_end_goes_on_until_the_end(tmp_path):
    assert values(tmp_path, "  - {station: R1, constant: 1.5 m}\nuntil: 2 min\n") == [
        ("0 s", 1.5), ("1 min", 1.5), ("2 min", 1.5),
    ]  # fmt: skip


def test_noise_is_the_same_each_time_and_another_with_another_seed(tmp_path):
    text = "  - {station: R1, constant: 1, noise: 0.1, for: 5 min}\n"
    assert values(tmp_path, text) == values(tmp_path, text)
    assert values(tmp_path, text) != values(tmp_path, text + "seed: 2\n")


def test_stuck_repeats_what_was_sent(tmp_path):
    text = "  - {station: R1, curve: [{constant: 1, noise: 0.1, for: 2 min}, {stuck: 3 min}]}\n"
    found = [value for _, value in values(tmp_path, text)]
    assert len(found) == 6
    assert set(found[1:]) == {found[1]}


def test_how_a_reading_is_sent(tmp_path):
    text = "  - {station: R1, values: [3], delay: 5 min, sent: 2, status: Test, unit: cm, meta: {battery: 3}}\n"
    start = 1_782_864_000
    body = {"station": "R1", "property": "level", "time": start, "value": 3, "unit": "cm", "status": "Test"}
    assert sent(tmp_path, text) == [(300_000_000, {**body, "meta": {"battery": 3}})] * 2
    ahead = sent(tmp_path, "  - {station: R1, values: [3], ahead: 1 h}\n")
    assert [(at, body["time"] - start) for at, body in ahead] == [(0, 3600)]


def test_a_waveform_goes_in_sampled_frames(tmp_path):
    curve = "[{constant: 1, for: 1 s}, {burst: 2, period: 1 s, over: 4 s}]"
    text = f"  - {{station: R1, rate: 10, frame: 2 s, curve: {curve}}}\n"
    frames = sent(tmp_path, text)
    assert [len(body["values"]) for _, body in frames] == [10, 20, 20, 1]
    assert frames[0][0] == 900_000, "received when its last value was measured"
    assert max(frames[1][1]["values"]) > 2
    assert frames[0][1]["step"] == 0.1


def test_a_file_begins_where_the_piece_does(tmp_path):
    (tmp_path / "wave.csv").write_text("time,h\n2020-01-01 00:00,2\n2020-01-01 00:03,\n2020-01-01 00:04,4\n", "utf-8")
    text = "  - {station: R1, curve: [{constant: 1, for: 1 min}, {csv: {file: wave.csv, column: h}}]}\n"
    assert values(tmp_path, text) == [("0 s", 1), ("1 min", 2), ("4 min", None), ("5 min", 4)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{station: R2, constant: 1}", "station: 'R2' | one of R1"),
        ("{station: R1, property: levle, constant: 1}", "property: 'levle' | level"),
        ("{station: R1, constant: station.marc}", "constant: R1 has no marc | one of its attributes: mark"),
        ("{station: R1, constant: 1 kg}", "constant: 1 kg | a value that can be converted to m"),
        ("{station: R1, stuck: 3 min}", "stuck: stuck as the first of all"),
        ("{station: R1, constant: 1}", "readings: no end | `until:`"),
        ("{station: R1, curve: [{constant: 1}, {constant: 2, for: 1 min}]}", "constant: no end | `for:`"),
        ("{station: R1, csv: {file: no.csv, column: h}}", "csv.file: "),
        ("{station: R1, csv: {file: bad.csv, column: h}}", "csv: bad.csv, line 3: could not convert"),
        ("{station: R1, csv: {file: bda.csv, column: h}}", "csv.file: 'bda.csv' | bad.csv"),
        ("{station: R1, sine: 1, around: 2}", "readings.0: the keys around, sine, station | `period:` of the sine"),
        (
            "{station: R1, csv: bad.csv}",
            "readings.0.csv: 'bad.csv' | a mapping with some of the keys file",
        ),
        ("{station: R1, constnat: 1}", "readings.0.constnat: 'constnat' | constant"),
        ("{station: R1, constant: 1, stuck: 2 min}", "readings.0: the keys constant, station, stuck | exactly one of"),
        ("{station: R1, constant: 1, for: 1 d, every: 1 us}", "every: more than 2000000 readings"),
        ("{station: R1, constant: 1, for: 0 s}", "readings.0.for: '0 s' | greater than 0"),
        ("{station: R1, constant: 1, for: 3}", "readings.0.for: '3' | a length"),
    ],
)
def test_what_is_wrong_with_it(tmp_path, text, said):
    (tmp_path / "bad.csv").write_text("time,h\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,x\n", "utf-8")
    (found,) = problems(tmp_path, f"expect: []\nreadings:\n  - {text}\n")
    assert said in found
    assert found.startswith("22:")
