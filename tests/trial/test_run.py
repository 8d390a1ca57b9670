"""The run is the one of production: a second of quiet is a tick, and leaping over quiet changes nothing."""

from pathlib import Path

import msgspec
import pytest

from streams.models.times import SECOND
from streams.trial.run import Trial
from streams.trial.session import open_session
from tests.trial.given import CONFIG, HEAD, session, told, verdict

SCENARIOS = Path(__file__).parents[1] / "scenarios"
UP = "  - {station: R1, curve: [{constant: 1, for: 5 min}, {constant: 2.5}]}\n"


def commands(ready, leap):
    trial = Trial(ready.site, ready.scenario.start, leap=leap)
    trial.run(ready.script)
    return [(msgspec.json.encode(said.command), said.came) for said in trial.said]


@pytest.mark.parametrize("name", ["a silence over yellow", "after an outage"])
def test_leaping_over_quiet_changes_nothing(name):
    session = open_session([SCENARIOS / "flood.yaml"], CONFIG, name)
    for ready in session.ready:
        leaped, walked = commands(ready, 600 * SECOND), commands(ready, SECOND)
        assert [command for command, _ in leaped] == [command for command, _ in walked]
        assert all(abs(a - b) <= 5 * SECOND for (_, a), (_, b) in zip(leaped, walked, strict=True))


def test_days_of_quiet_fire_every_timer(tmp_path):
    text = (
        "expect: []\nuntil: 30 d\nreadings:\n  - {station: R1, curve: [{constant: 2.5, for: 5 min}, {silence: 29 d}]}\n"
    )
    found = verdict(tmp_path, text)
    repeats = [one for one in found.heard if one.fields["reason"] == "repeat" and one.fields["kind"] == "alert"]
    assert len(repeats) >= 30 * 24 // 4 - 1, "every four hours"
    assert any(one.fields["kind"] == "health" for one in found.heard)


def test_a_lowering_needs_no_further_message(tmp_path):
    text = """
expect: []
until: 2 h
readings:
  - {station: R1, curve: [{constant: 2.5, for: 5 min}, {constant: 1, for: 14 min}]}
"""
    assert told(verdict(tmp_path, text))[:2] == ["0 s first blue", "15 min ended none"]


def test_while_the_broker_is_away_nobody_is_silent(tmp_path):
    text = f"expect: []\nuntil: 30 min\noutages: [{{from: 3 min, to: 20 min}}]\nreadings:\n{UP}"
    found = verdict(tmp_path, text)
    assert told(found) == ["5 min first blue"]
    assert found.heard[0].came == 20 * 60 * SECOND


def test_while_the_worker_is_away_records_are_received_in_time(tmp_path):
    text = f"expect: []\nuntil: 30 min\noutages: [{{from: 3 min, to: 20 min, of: worker}}]\nreadings:\n{UP}"
    assert told(verdict(tmp_path, text)) == ["5 min first blue"]


def test_what_is_lost_in_an_outage_never_comes(tmp_path):
    text = f"expect: []\nuntil: 30 min\noutages: [{{from: 3 min, to: 20 min, lost: true}}]\nreadings:\n{UP}"
    assert told(verdict(tmp_path, text)) == ["20 min first blue"]


def test_a_silent_station_is_told(tmp_path):
    text = "expect: []\nuntil: 30 min\nreadings:\n  - {station: R1, constant: 1, for: 5 min}\n"
    found = [(one.fields["kind"], one.fields["subject"], one.fields["level"]) for one in verdict(tmp_path, text).heard]
    assert found == [("health", "health:Z1", "blue"), ("health", "coverage:stage:Z1", "yellow")]


def test_people_report_and_act(tmp_path):
    text = f"""
expect:
  - {{at: 5 min, level: blue}}
  - {{at: 6 min, reason: acknowledged, by: Li}}
  - {{at: 7 min, muted_by: [works]}}
  - {{at: 8 min, reason: unmuted}}
  - {{at: 9 min, reason: ended, by: Wang, note: seen}}
until: 10 min
readings:
{UP}
acts:
  - {{at: 6 min, does: ack, by: Li, hazard: stage, subject: reach-1}}
  - {{at: 7 min, does: silence, id: works, zone: Z1, by: Li, for: 1 h}}
  - {{at: 8 min, does: unsilence, silence: works, by: Li}}
  - {{at: 9 min, does: end, by: Wang, note: seen}}
"""
    assert verdict(tmp_path, text).ok


def test_an_act_without_an_alert_fails(tmp_path):
    text = "expect: []\nacts:\n  - {at: 6 min, does: ack, by: Li, subject: reach-1}\n"
    (miss,) = verdict(tmp_path, text).misses
    assert miss.what == "ack by Li: no alert is open of any hazard at reach-1"


def test_reporters_come_one_after_the_other(tmp_path):
    text = """
expect:
  - {at: 2 min, level: blue, reports: 2}
until: 3 min
reports:
  - {at: 1 min, kind: flooding, reporters: [A, B], every: 1 min, station: R1}
"""
    assert verdict(tmp_path, text).ok


def test_what_is_refused_fails_unless_it_is_expected(tmp_path):
    text = "expect: []\nreadings:\n  - {station: R1, constant: 1, unit: kg, for: 1 min}\n"
    (miss,) = verdict(tmp_path, text).misses
    assert miss.what.startswith("rejects: ")
    assert (miss.differs[0].field, miss.differs[0].came) == ("wrong_unit", "2")
    assert verdict(tmp_path, text + "rejects: {wrong_unit: 2}\n").ok


def test_scenarios_are_told_apart(tmp_path):
    text = "scenarios:\n  one: {expect: []}\n  two: {until: 1 min, expect: []}\n"
    found = session(tmp_path, text + "until: 5 min\nreadings: [{station: R1, constant: 1}]\n").ready
    assert [(one.scenario.title, len(one.script.events)) for one in found] == [("one", 6), ("two", 2)]


def test_an_alert_sets_off_another_one_in_its_zone(tmp_path):
    cascade = """\
  - schema: tocsin.hazard/1
    hazard: cascade
    name: {zh: 次生, en: Cascade}
    subject: zone
    inputs: {rain: {property: rain, unit: mm}}
    conditions:
      flooded: {alert: stage, at_least: blue, within: 100 km}
      wet: {of: rain, at_least: 10 mm}
    levels: {yellow: {any: [flooded, wet]}}
    lower: {after: 10 min}
    message: {event: {cap: OET-081, category: Met}, default: {response: Monitor, instruction: {zh: 看, en: Look}}}
stations:
  - {station: P1, property: rain, unit: mm, zone: Z1, interval: 1 h, lon: 113.1, lat: 23.1}
"""
    text = (
        f"expect:\n  - {{at: 5 min, hazard: stage}}\n  - {{at: 5 min, hazard: cascade}}\nuntil: 7 min\nreadings:\n{UP}"
    )
    assert verdict(tmp_path, text, HEAD.replace("stations:\n", cascade)).ok
