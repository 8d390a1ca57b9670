"""What can never come is a slip of the pen, and a `never` of it would always hold."""

import pytest

from tests.trial.given import problems, session

READ = "until: 1 h\nreadings: [{station: R1, constant: 1}]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("expect: [{never: {level: rde}}]", "level: 'rde' | red"),
        ("expect: [{never: {level: [red, blue]}}]", "level: a list"),
        ("expect: [{never: {reason: level_upp}}]", "reason: 'level_upp' | level_up"),
        ("expect: [{never: {msg_type: Cancelled}}]", "msg_type: 'Cancelled' | Cancel"),
        ("expect: [{never: {kind: helth}}]", "kind: 'helth' | health"),
        ("expect: [{never: {status: actual}}]", "status: 'actual' | Actual"),
        ("expect: [{never: {hazard: stge}}]", "hazard: 'stge' | stage"),
        ("expect: [{never: {hazard: 'x*'}}]", "hazard: 'x*' | one of stage"),
        ("expect: [{never: {subject: reach1}}]", "subject: 'reach1' | reach-1"),
        ("expect: [{never: {zone: ZZ}}]", "zone: 'ZZ' | one of Z1"),
        ("expect: [{at: 1 min, level: yelow}]", "level: 'yelow' | yellow"),
        ("expect: [{at: 2 h, holds: none}]", "at: 2 h, when the scenario is over | a time up to its end, 1 h"),
        ("expect: [{after: 61 min, never: {level: red}}]", "after: 61 min, when the scenario is over"),
        ("expect: [{at: 61 min, level: red}]", "at: 61 min, when the scenario is over"),
        ("expect: []\nacts: [{at: 2 h, does: ack, by: Li}]", "at: 2 h, when the scenario is over"),
        ("expect: []\nreports: [{at: 2 h, kind: flooding, zone: Z1}]", "at: 2 h, when the scenario is over"),
    ],
)
def test_a_slip_of_the_pen_is_said(tmp_path, text, said):
    (found,) = problems(tmp_path, READ + text + "\n")
    assert said in found


@pytest.mark.parametrize(
    "text",
    [
        "{never: {level: none}}",
        "{never: {level: null}}",
        "{never: {subject: 'reach*', hazard: st*}}",
        "{never: {kind: health, subject: 'health:Z1'}}",
        "{never: {kind: any, reason: ended}}",
        "{at: 1 h, holds: none}",
        "{at: 61 min, within: 5 min, level: red}",
        "{never: {level: red}, after: 1 h}",
    ],
)
def test_what_can_come_is_taken(tmp_path, text):
    assert session(tmp_path, f"{READ}expect: [{text}]\n").ready
