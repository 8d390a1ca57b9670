import pytest

from tests.trial.given import CONFIG, HEAD, problems, session, verdict

HERE = CONFIG
SITE = "schema: tocsin.test/1\nexpect: []\n"
GAUGE = 'stations: [{station: R1, property: water_level, unit: m, datum: "1985", interval: 5 min}]\n'


def test_a_shipped_hazard_and_a_zone_that_nobody_names(tmp_path):
    (ready,) = session(tmp_path, f"{SITE}hazards: [flood]\n{GAUGE}", "").ready
    assert list(ready.site.zones) == ["Z1"]
    assert list(ready.site.hazards) == ["flood"]


def test_zones_in_short(tmp_path):
    zones = """
zones:
  - Z1
  - {id: Z2, box: [113, 23, 114, 24], parent: Z1, names: {zh: 二区, en: Two}, unit: Town}
  - {id: Z3, polygon: [[1, 1], [2, 1], [2, 2]]}
timezone: Europe/Athens
app: {report_kinds: [smoke]}
"""
    (ready,) = session(tmp_path, f"{SITE}hazards: [flood]\n{GAUGE}{zones}", "").ready
    site = ready.site
    assert (site.timezone, site.report_kinds) == ("Europe/Athens", {"smoke"})
    assert (site.zones["Z2"].name["zh"], site.zones["Z2"].parent, site.zones["Z2"].unit) == ("二区", "Z1", "Town")
    assert site.zones["Z3"].geometry["coordinates"][0][-1] == [1, 1]


def test_a_zone_lies_around_its_stations(tmp_path):
    reports = "reports: [{at: 1 min, kind: flooding, reporters: [A, B], station: R1}]"
    assert verdict(tmp_path, f"until: 5 min\n{reports}\nexpect: [{{at: 1 min, zone: Z1}}]\n").ok


def test_a_folder(tmp_path):
    (ready,) = session(tmp_path, f"{SITE}config: {HERE}\nhazards: [flood]\n", "").ready
    assert list(ready.site.hazards) == ["flood"]
    assert len(ready.site.stations) > 1


def test_a_base_shares_its_site_and_its_readings(tmp_path):
    readings = "readings: [{station: R1, constant: 2.5}]\nuntil: 5 min\n"
    (tmp_path / "_base.yaml").write_text(HEAD + readings, "utf-8")
    more = "stations: [{station: R2, property: level, unit: m, subject: reach-2, interval: 1 min}]\n"
    found = verdict(tmp_path, f"schema: tocsin.test/1\nbase: _base.yaml\n{more}expect: [{{subject: reach-1}}]\n", "")
    assert found.ok
    assert len(found.scenario.source.line) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("base: no.yaml\n", "3:7 base: 'no.yaml' | scenario.yaml"),
        ("base: scenario.yaml\n", "3:7 base: 'scenario.yaml' | a file that does not build on this one"),
        (f"hazards: [floood]\n{GAUGE}", "3:11 hazards: 'floood' | flood"),
        (GAUGE, "1:1 hazards: nothing | hazards: one or more of air-quality"),
        ("hazards: [flood]\n", "1:1 stations: nothing | stations, or"),
        ("config: nowhere\n", "nowhere"),
        (f"config: x\n{GAUGE}", "3:9 config: a folder, and `stations` too"),
        (f"hazards: [flood]\n{GAUGE.replace('m,', 'metre,')}", "4:55 column unit: 'metre' | "),
        (f"hazards: [flood]\n{GAUGE.replace('unit', 'unnit')}", "4:49 header: 'unnit' | unit"),
        (f"hazards: [flood]\n{GAUGE}zones: [{{id: Z1, parent: Z2}}]\n", "5:9 zone Z1: parent: 'Z2'"),
        (f"hazards: [flood]\n{GAUGE}timezone: Mars\n", "5:11 timezone: 'Mars'"),
        (f"hazards: [flood]\n{GAUGE}scenarios: {{a: {{expect: []}}}}\n", "2:1 expect: beside `scenarios`"),
        (
            f"hazards: [flood]\n{GAUGE}acts: [{{at: 1 min, does: end, by: A, hazard: gas}}]\n",
            "hazard: 'gas' | one of flood",
        ),
    ],
)
def test_what_is_wrong_with_it(tmp_path, text, said):
    assert any(said in one for one in problems(tmp_path, SITE + text, ""))


def test_a_hazard_in_the_file_is_checked_where_it_stands(tmp_path):
    found = problems(
        tmp_path,
        "expect: []\n",
        HEAD.replace("at_least: 3 m", "at_least: 3").replace("subject: reach\n", "subject: reech\n"),
    )
    assert "6:14 subject: 'reech' | reach" in found
    assert any(one.startswith("10:37 conditions.higher.at_least: 3 without a unit") for one in found)


def test_an_overlay_sets_values_of_a_shipped_hazard(tmp_path):
    text = f"""
hazards: [flood]
overlays:
  - schema: tocsin.overlay/1
    hazard: flood
    set: {{conditions.warning.for: 20 min}}
{GAUGE.replace("5 min}", "5 min, x_warning_level: 50 m}")}
until: 1 h
readings: [{{station: R1, constant: 50.1, every: 5 min}}]
expect:
  - {{at: 0 s, level: blue}}
  - {{at: 20 min, level: yellow}}
"""
    text = f"schema: tocsin.test/1{text}"
    assert verdict(tmp_path, text, "").ok
    (found,) = problems(tmp_path, text.replace("warning.for", "warnin.for"), "")
    assert "'warnin' | warning" in found
