from pathlib import Path

import pytest

from streams.config import ConfigError, load
from streams.gateway.cast import cast
from streams.gateway.scenario import read_scenario
from streams.models.times import SECOND

CONFIG = Path(__file__).parents[2] / "configs" / "demo"
HEAD = "schema: tocsin.scenario/1\nname: {zh: 一, en: One}\nseed: 1\nlength: 1 min\n"


@pytest.fixture(scope="module")
def site():
    return load(CONFIG).site


def scenario(tmp_path, text):
    path = tmp_path / "scenario.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return read_scenario(path)


def complaints(call):
    with pytest.raises(ConfigError) as caught:
        call()
    return caught.value.problems


def test_shipped_scenario_fits_the_shipped_county(site):
    source = read_scenario(CONFIG / "scenario.yaml")
    roles = cast(source, site)
    assert source.scenario.length == 300 * SECOND
    assert {role.stream.key for role in roles} == set(site.datastreams), "every datastream has something to measure"


def test_times_are_durations(tmp_path):
    found = scenario(tmp_path, "acts:\n  - {at: 3 s, does: ack, by: [A]}\n").scenario
    assert found.acts[0].at == 3 * SECOND


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("acts:\n  - {at: 3, does: ack, by: [A]}\n", 6, "a number and one of ms, s, min"),
        ("acts:\n  - {at: 3 s, do: ack, by: [A]}\n", 6, "does"),
        ("acts:\n  - {at: 3 s, does: shout, by: [A]}\n", 6, "'ack'"),
        ("acts:\n  - {at: 3 s, does: end, by: []}\n", 6, "at least 1 item"),
        ("readings:\n  - {stations: [A], property: rain, noise: -1}\n", 6, "greater than or equal to 0"),
        ("readings:\n  - {stations: [A], property: rain, pieces: [{at: 1 s, to: 1, burst: 2}]}\n", 6, "exactly one of"),
        ("readings:\n  - {stations: [A], property: rain, pieces: [{at: 1 s, burst: 2}]}\n", 6, "how long"),
        ("seed: 2\n", 5, "each key once"),
        ("readings: [\n", 5, "YAML"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path, text, line, said):
    problems = complaints(lambda: scenario(tmp_path, text))
    assert any(one.line and one.line >= line and said in str(one) for one in problems), [str(p) for p in problems]


def test_an_empty_file_is_said(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text("")
    assert complaints(lambda: read_scenario(path))


def test_a_missing_file_is_said(tmp_path):
    assert "nothing.yaml" in str(complaints(lambda: read_scenario(tmp_path / "nothing.yaml"))[0])


@pytest.mark.parametrize(
    ("text", "said", "nearest"),
    [
        ("readings:\n  - {stations: [QL-X-*], property: rain}\n", "QL-X-*", None),
        ("readings:\n  - {stations: [QL-M-01], property: rian}\n", "rian", "rain"),
        ("readings:\n  - {stations: [QL-R-01], property: water_level, start: station.wrong}\n", "wrong", None),
        ("readings:\n  - {stations: [QL-R-01], property: water_level, start: 3 kg}\n", "kg", None),
        ("faults:\n  - {stations: [QL-R-77], kind: stuck, at: 1 s, lasts: 2 s}\n", "QL-R-77", "QL-R-07"),
        ("reports:\n  - {at: 1 s, kind: gas_smel, reporter: A}\n", "gas_smel", "gas_smell"),
        ("reports:\n  - {at: 1 s, kind: smoke, reporter: A, zone: QL-99}\n", "QL-99", None),
        ("acts:\n  - {at: 1 s, does: ack, by: [A], hazard: floods}\n", "floods", "flood"),
        ("acts:\n  - {at: 2 min, does: ack, by: [A]}\n", "beyond the end", None),
    ],
)
def test_what_the_site_does_not_know_is_said(tmp_path, site, text, said, nearest):
    problems = complaints(lambda: cast(scenario(tmp_path, text), site))
    assert len(problems) == 1
    assert said in str(problems[0])
    assert problems[0].line == 6
    assert nearest is None or problems[0].nearest == nearest


def test_the_last_entry_of_a_datastream_counts(tmp_path, site):
    text = "readings:\n  - {stations: ['QL-*'], property: rain}\n  - {stations: [QL-M-01], property: rain, start: 3}\n"
    starts = {role.stream.station: role.start for role in cast(scenario(tmp_path, text), site)}
    assert starts["QL-M-01"] == 3
    assert set(starts.values()) == {0, 3}


def test_start_is_in_the_unit_of_the_datastream(tmp_path, site):
    text = "readings:\n  - {stations: [QL-R-01], property: water_level, start: station.warning_level - 50 cm}\n"
    (role,) = cast(scenario(tmp_path, text), site)
    assert role.start == pytest.approx(role.stream.attributes["warning_level"][0] - 0.5)
