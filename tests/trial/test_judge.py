from xml.etree import ElementTree as ET

import pytest

from streams.trial.align import align
from streams.trial.told import junit, lines_of
from tests.trial.given import problems, verdict

UP = """
until: 60 min
readings:
  - station: R1
    curve: [{constant: 1, for: 10 min}, {constant: 2.5, for: 10 min}, {constant: 3.5, for: 1 min}, {constant: 1}]
"""  # blue at 10 min, red at 20 min, never ended: a person has to


def misses(folder, expect):
    return [(one.what, *one.differs) for one in verdict(folder, f"{UP}expect:\n{expect}").misses]


def ok(folder, *expected):
    return not misses(folder, "".join(f"  - {{{one}}}\n" for one in expected))


BLUE, RED = "at: 10 min, level: blue, reason: first", "at: 20 min, level: red, previous_level: blue"


def test_what_came_as_expected_is_right(tmp_path):
    assert ok(tmp_path, BLUE, RED)


@pytest.mark.parametrize(
    "red",
    [
        "after: 15 min, level: red", "after: 15 min, within: 5 min, level: red", "within: 10 min, level: red",
        "at: 21 min, within: 1 min, level: red", 'at: "2026-07-01T08:20:00+08:00", level: red',
        "level: red, hazard: stage, subject: reach-1, zone: Z1, msg_type: Update, reason: level_up",
        "level: red, evidence: [{station: R1, value: 3.5 ± 0.01, threshold: 3}]", "level: red, confidence: 0.9 ± 0.1",
        'level: red, headline: {en: "Red alert*"}', "level: red, muted_by: []",
        "level: red, came: 20 min", "version: 2",
    ],
)  # fmt: skip
def test_ways_to_say_it(tmp_path, red):
    assert ok(tmp_path, BLUE, red)


@pytest.mark.parametrize(
    ("red", "field"),
    [
        ("at: 19 min, level: red", "at"), ("after: 21 min, reason: level_up", "at"),
        ("within: 9 min, level: red", "at"),
        ("at: 20 min, level: orange", "level"), ("at: 20 min, level: red, version: 7", "version"),
        ("at: 20 min, evidence: [{value: 3.4 ± 0.01}]", "evidence"), ("at: 20 min, confidence: 0.8", "confidence"),
        ("at: 20 min, muted_by: [x]", "muted_by"), ("at: 20 min, came: 25 min", "came"),
        ("at: 20 min, level: none", "level"),
    ],
)  # fmt: skip
def test_the_nearest_and_what_differs(tmp_path, red, field):
    missing, extra = misses(tmp_path, f"  - {{{BLUE}}}\n  - {{{red}}}\n")
    assert missing[0].startswith("did not come: ")
    assert [one.field for one in missing[1:]] == [field]
    assert extra[0] == "came, and is not expected:"


def test_one_that_is_missing_does_not_make_the_others_wrong(tmp_path):
    (found,) = misses(tmp_path, f"  - {{{BLUE}}}\n  - {{at: 15 min, level: yellow}}\n  - {{{RED}}}\n")
    assert "level=yellow" in found[0]


def test_order_counts(tmp_path):
    found = misses(tmp_path, f"  - {{{RED}}}\n  - {{{BLUE}}}\n")
    assert any(one.field == "order" for one in found[0][1:])


def test_changes_of_level_have_to_be_expected_and_the_rest_does_not(tmp_path):
    assert not ok(tmp_path, BLUE)
    assert verdict(tmp_path, f"{UP}exact: false\nexpect:\n  - {{{BLUE}}}\n").ok
    found = verdict(tmp_path, f"{UP}exact: true\nexpect:\n  - {{{BLUE}}}\n  - {{{RED}}}\n")
    assert any(one.fields["reason"] == "repeat" for one in found.misses[0].came)


def test_never(tmp_path):
    assert ok(
        tmp_path, BLUE, RED, "never: {level: orange}", "never: {kind: health}", "never: {level: red}, within: 19 min"
    )
    (found,) = misses(tmp_path, f"  - {{{BLUE}}}\n  - {{{RED}}}\n  - {{never: {{level: red}}, after: 15 min}}\n")
    assert found[0] == "came, and must never: level=red (after 15 min)"


def test_holds(tmp_path):
    assert (
        ok(
            tmp_path,
            BLUE,
            RED,
            "at: 9 min, holds: none",
            "at: 15 min, holds: blue",
            "at: 1 h, holds: blue, hazard: stage",
        )
        is False
    )
    assert ok(tmp_path, BLUE, RED, "at: 9 min, holds: none", "at: 15 min, holds: blue", "at: 30 min, holds: red")


def test_nothing_expected_is_a_mistake_and_an_empty_list_is_not(tmp_path):
    assert "--update" in verdict(tmp_path, "until: 1 min\n").misses[0].what
    assert verdict(tmp_path, "until: 1 min\nexpect: []\n").ok


def test_a_person_can_read_it(tmp_path):
    text = "\n".join(lines_of(verdict(tmp_path, f"{UP}expect:\n  - {{{BLUE}}}\n  - {{at: 19 min, level: orange}}\n")))
    assert "scenario.yaml:27:5  did not come: 19 min  level=orange" in text
    assert "nearest   20 min             stage/reach-1  blue → red  level_up" in text
    assert "at     expected 19 min, came 20 min (1 min too late)" in text
    assert "level  expected orange, came red" in text
    assert "+ 20 min " in text


def test_junit_is_xml(tmp_path):
    good = verdict(tmp_path, f"name: 好 & <good>\n{UP}expect: []\nexact: false\n")
    bad = verdict(tmp_path, f"{UP}expect: []\n")
    root = ET.fromstring(junit([good, bad], {"other.yaml": []}))
    assert {key: root.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    assert [case.get("name") for case in root.iter("testcase")] == ["file", "好 & <good>", "scenario"]
    assert "came, and is not expected" in root.find(".//failure").text


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("levle: red", "expect.0.levle: 'levle' | level"),
        ("holds: red", "expect.0: the keys holds | `at:`"),
        ("never: {level: red}, level: blue", "expect.0: the keys level, never | `never: {…}`"),
        ("at: 3 minutes", "expect.0.at: '3 minutes' | a length"),
    ],
)
def test_what_is_wrong_with_it(tmp_path, expected, said):
    (found,) = problems(tmp_path, f"expect:\n  - {{{expected}}}\n")
    assert said in found


def test_alignment_finds_as_many_as_possible():
    wanted, came = "abcd", "xaybd"
    assert align(4, 5, lambda i, j: wanted[i] == came[j]) == {0: 1, 1: 3, 3: 4}
    assert align(0, 3, lambda i, j: True) == {}
