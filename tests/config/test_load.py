import shutil
from pathlib import Path

import pytest

from streams.config import ConfigError, load
from streams.models.site import CHECKS, Condition, Input, Lower, ReportCondition, Step, Text, Threshold
from streams.models.times import HOUR, MINUTE
from tests.config.samples import CORPUS, folder_with, loaded_with, problems_of

SHIPPED = Path(__file__).parents[2] / "configs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CORPUS / "base", tmp_path / "configs"))


def add_hazard(folder: Path, old: str, new: str) -> None:
    path = folder / "hazards" / "flood.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_form_of_the_handbook(folder: Path):
    loaded = load(folder)

    hazard = loaded.site.hazards["flood"]
    assert hazard.inputs == {"stage": Input("stage", "water_level", "m")}
    assert hazard.conditions["high"] == Condition(
        "high", "stage", "above", Threshold(None, 2.0, "m"), Threshold(None, 1.8, "m"), hold=10 * MINUTE
    )
    assert hazard.conditions["warn"].thr_off == Threshold("warning_level", -0.2, "m")
    assert hazard.levels == {1: "high", 2: "warn"}
    assert hazard.lower == Lower(HOUR, "timer", "person", HOUR)
    assert (hazard.suspect_raises_at_most, hazard.checks) == (2, ("range", "stuck", "gap"))
    assert hazard.message.texts[0] == Text({}, {"zh": "注意水情。", "en": "Watch the river."}, None)
    assert (hazard.message.cap, hazard.message.category, hazard.message.expires) == ("OET-081", ("Met",), 6 * HOUR)
    assert loaded.site.datastreams["R1", "water_level"].attributes == {"warning_level": (3.2, "m")}
    assert loaded.site.users["R1", "water_level"] == [(hazard, "reach-1")]
    assert loaded.warnings == []


def test_missing_settings_are_the_defaults(folder: Path):
    loaded = load(folder)

    assert loaded.app.kafka.bootstrap == "127.0.0.1:9092"
    assert loaded.topics["readings"].partitions == 16
    assert (loaded.site.timezone, loaded.site.progress) == ("Asia/Shanghai", 5_000_000)


def test_given_addresses_go_before_the_file(folder: Path):
    (folder / "app.yaml").write_text("kafka: {bootstrap: 'k:1', idempotence: false}\nredis: {url: 'redis://r'}\n")

    app = load(folder, "other:9", "redis://there").app

    assert (app.kafka.bootstrap, app.kafka.idempotence, app.redis.url) == ("other:9", False, "redis://there")


def test_everything_missing_is_said_at_once(tmp_path: Path):
    said = problems_of(tmp_path)

    assert [line.split(":")[0] for line in said] == ["zones.geojson", "stations.csv", "hazards"]
    with pytest.raises(ConfigError, match="no such folder"):
        load(tmp_path / "nowhere")


def test_files_may_lie_elsewhere(folder: Path):
    (folder / "app.yaml").write_text("files: {stations: ../shared.csv}\n")
    (folder / "stations.csv").rename(folder.parent / "shared.csv")

    assert len(load(folder).site.datastreams) == 2


def test_derived_inputs_carry_all_steps_from_the_raw_one(tmp_path: Path):
    hazard = loaded_with(tmp_path, CORPUS / "good" / "hazard-derived.yaml").site.hazards["flood"]

    steps = (Step("mean", {"over": 10 * MINUTE}), Step("rate", {"over": 30 * MINUTE, "max_gap": HOUR}))
    assert hazard.inputs["rise"] == Input("rise", "water_level", "cm/h", steps)
    assert hazard.conditions["rising"].strict


def test_absence_and_reports(tmp_path: Path):
    conditions = (
        loaded_with(tmp_path, CORPUS / "good" / "hazard-absence-and-reports.yaml").site.hazards["flood"].conditions
    )

    assert conditions["silent"] == Condition("silent", "stage", "absent", hold=30 * MINUTE)
    assert conditions["seen"] == ReportCondition("seen", ("flooding", "injury"), 3, 30 * MINUTE)


def test_a_hazard_with_the_least_in_it_has_the_defaults(tmp_path: Path):
    loaded = loaded_with(tmp_path, CORPUS / "good" / "hazard-least.yaml")

    hazard = loaded.site.hazards["flood"]
    assert hazard.lower == Lower(HOUR, "timer", "person", HOUR)
    assert hazard.checks == CHECKS
    assert hazard.conditions["high"].thr_off == hazard.conditions["high"].thr_on
    assert any("message" in warning.where for warning in loaded.warnings)


def test_what_is_about_a_source_is_a_persons_to_end(folder: Path):
    add_hazard(folder, "subject: reach", "subject: source")
    add_hazard(folder, "end: timer, end_red: person, ", "")

    assert load(folder).site.hazards["flood"].lower == Lower(HOUR, "person", "person", HOUR)


def test_a_level_inherits_what_it_does_not_say(tmp_path: Path):
    texts = loaded_with(tmp_path, CORPUS / "good" / "hazard-messages.yaml").site.hazards["flood"].message.texts

    assert texts[4] == Text({"zh": "立即转移", "en": "Leave now"}, texts[0].instruction, "Evacuate")
    assert texts.keys() == {0, 4}


def test_limits_of_a_property_come_in_the_datastreams_unit(tmp_path: Path):
    site = loaded_with(tmp_path, CORPUS / "good" / "app-whole.yaml").site

    stream = site.datastreams["R1", "water_level"]
    assert (stream.hard_min, stream.hard_max, stream.rest, stream.stuck_for) == (0.0, 20.0, (0.0, 100.0), None)
    assert site.progress == 1_000_000


def test_every_column(tmp_path: Path):
    site = loaded_with(tmp_path, CORPUS / "good" / "stations-all-columns.csv").site

    level, rain = site.datastreams["R1", "water_level"], site.datastreams["R1", "rain"]
    assert level.original == {"lon": 113.2, "lat": 23.1, "crs": "GCJ02"}
    assert (level.lon, level.lat) == pytest.approx((113.194628, 23.102639), abs=1e-6)
    assert (level.range_min, level.range_max, level.hard_max, level.soft_max) == (0.0, 50.0, 60.0, 40.0)
    assert (level.stuck_for, level.rest, level.datum, level.classification) == (12 * HOUR, (0.0, 10.0), "1985", "open")
    assert (rain.lon, rain.name, rain.original) == (level.lon, level.name, level.original)
    assert (rain.reporting, rain.stuck_for, rain.subject) == ("on_change", None, "R1")


def test_topics_overlay(tmp_path: Path):
    topics = loaded_with(tmp_path, CORPUS / "good" / "topics-one-partition.yaml").topics

    counts = {name: topic.partitions for name, topic in topics.topics.items()}
    assert (counts["readings"], counts["checkpoints.observe"]) == (1, 1)
    assert (counts["signals"], counts["checkpoints.assess"], counts["config"]) == (4, 4, 1)
    retention = {name: topic.retention for name, topic in topics.topics.items()}
    assert (retention["signals"], retention["commands"], retention["audit"]) == ("3 d", "forever", "365 d")


def test_versions_change_with_content_and_not_with_form(folder: Path):
    first = load(folder).site
    add_hazard(folder, "subject: reach", "subject:    reach  # a remark")
    rows = (folder / "stations.csv").read_text("utf-8").splitlines()
    (folder / "stations.csv").write_text("\n".join([rows[0], rows[2], rows[1]]), "utf-8")
    second = load(folder).site
    add_hazard(folder, "at_least: 2 m", "at_least: 2.5 m")
    third = load(folder).site

    assert (first.hazards["flood"].version, first.version) == (second.hazards["flood"].version, second.version)
    assert second.hazards["flood"].version != third.hazards["flood"].version
    assert second.version != third.version


def test_warnings(folder: Path):
    rows = (folder / "stations.csv").read_text("utf-8")
    rows = rows.replace("3.0 m", "") + "R3,wind,m/s,Z1,,100,23,三,Three,,\n"
    (folder / "stations.csv").write_text(rows, "utf-8")
    (folder / "hazards" / "gas.yaml").write_text((SHIPPED / "hazards" / "gas.yaml").read_text("utf-8"), "utf-8")

    said = "\n".join(str(warning) for warning in load(folder).warnings)

    for words in (
        "1 datastream that no hazard uses (R3)", "1 datastream without interval (R3)", "a position outside its zone Z1",
        "no station.warning_level at 1 of 2 stations (R2)",
        "inputs: found 'gas_lel'; expected a datastream of this property",
    ):  # fmt: skip
        assert words in said


def test_a_name_that_is_nowhere_a_column_is_a_warning(folder: Path):
    add_hazard(folder, "at_least: station.warning_level,", "at_least: station.warnin_level,")
    add_hazard(folder, "clear_below: station.warning_level - 0.2 m", "clear_below: station.warnin_level - 0.2 m")

    (warning, unreachable) = load(folder).warnings
    assert warning.nearest == "warning_level"
    assert "level yellow of hazard flood cannot be reached" in unreachable.found


@pytest.mark.parametrize("name", sorted(path.stem for path in (SHIPPED / "hazards").glob("*.yaml")))
def test_shipped_hazards(folder: Path, name: str):
    shutil.copytree(SHIPPED / "hazards", folder / "hazards", dirs_exist_ok=True)  # they speak of each other
    (folder / "app.yaml").write_text(f"hazards: {{use: [{name}]}}\n", "utf-8")

    hazard = load(folder).site.hazards[name]

    assert hazard.sources, "values come from somewhere"
    assert {c.source for c in hazard.conditions.values()} <= hazard.sources.keys()
    assert all(text.instruction.keys() == {"zh", "en"} and text.response for text in hazard.message.texts.values())
    assert hazard.message.cap != "OET-000"


@pytest.mark.parametrize("name", ["app.yaml", "topics.yaml"])
def test_shipped_settings_are_good(folder: Path, name: str):
    shutil.copy(SHIPPED / name, folder / name)
    shutil.copytree(SHIPPED / "hazards", folder / "hazards", dirs_exist_ok=True)  # `hazards.use` names some

    load(folder)


def test_numbers_of_the_shipped_gas_pack(folder: Path):
    shutil.copy(SHIPPED / "hazards" / "gas.yaml", folder / "hazards")

    hazard = load(folder).site.hazards["gas"]

    assert hazard.conditions["level_1"].thr_on == Threshold(None, 20.0, "%{LEL}")
    assert hazard.levels[4]["any"][0] == {"vote": {"of": "level_2", "at_least": 2}}
    assert (hazard.lower.end, hazard.subject) == ("person", "source")


def test_two_files_of_one_name(folder: Path):
    shutil.copy(folder / "hazards" / "flood.yaml", folder / "hazards" / "flood.yml")

    assert "each hazard in one file" in problems_of(folder)[0]


def test_folder_with_keeps_the_rest(tmp_path: Path):
    assert (folder_with(tmp_path, CORPUS / "good" / "app-empty.yaml") / "hazards" / "flood.yaml").exists()


def test_the_example_in_the_documentation_is_good(folder: Path):
    text = (SHIPPED.parent / "docs" / "configuration.md").read_text("utf-8")
    example = text.split("## hazards/NAME.yaml")[1].split("```yaml\n")[1].split("```")[0]
    (folder / "hazards" / "flood.yaml").write_text(example, "utf-8")

    assert load(folder).warnings == []


@pytest.mark.parametrize("name", [".", "demo"])
def test_shipped_sites_are_good(name: str):
    if not (SHIPPED / name / "stations.csv").exists():
        pytest.skip(f"no site in configs/{name}")

    loaded = load(SHIPPED / name)

    assert all("that no hazard uses" in warning.found for warning in loaded.warnings)


def test_the_settings_of_the_containers_are_good(folder: Path):
    shutil.copy(SHIPPED / "compose" / "app.yaml", folder / "app.yaml")
    shutil.copytree(SHIPPED / "hazards", folder / "hazards", dirs_exist_ok=True)  # `hazards.use` names some

    load(folder)


def test_what_is_wrong_in_app_yaml_hides_nothing_and_makes_nothing_else_wrong(tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good" / "overlay-sets.yaml")
    hazard = folder / "hazards" / "flood.yaml"
    seen = "  seen: {reports: [bees], at_least: 2, within: 1 h}\n"
    hazard.write_text(hazard.read_text("utf-8").replace("conditions:\n", f"conditions:\n{seen}", 1), "utf-8")
    app = "quality: {stuck_for: 5, recover: 2, types: {radar: {unit: m, shift: 2}}}\ntimezone: Mars\nnamme: x\n"
    (folder / "app.yaml").write_text(app + "report_kinds: [bees, flooding]\n", "utf-8")
    lines = (folder / "stations.csv").read_text("utf-8").splitlines()
    rows = [f"{line},{'type' if number == 0 else 'radar'}" for number, line in enumerate(lines)]
    (folder / "stations.csv").write_text("\n".join(rows), "utf-8")

    assert [problem.split(": ")[1] for problem in problems_of(folder)] == [
        "quality.stuck_for", "quality.recover", "quality.types.radar.shift", "timezone", "namme",
    ]  # fmt: skip
