"""Two floods of a real river through the whole job on a real Kafka: exactly the expected changes, whatever dies."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from streams.core.assess import Assessor
from streams.gateway.csv_file import CsvFile
from streams.gateway.files import Reading, read_records
from streams.models.level import NUMBER
from streams.models.observation import Tick
from streams.models.signal import decode_signal
from streams.replay import Replay
from tests.e2e.whole import Whole, level_changes, once

RIVER = Path(__file__).parents[3] / "shared" / "data" / "river"
FILES = {"DR": "DeadRun_Instant.csv.gz", "VE": "view-example.csv.gz"}
pytestmark = [
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.skipif(not RIVER.exists(), reason="needs ../shared/data/river, which is not part of the project"),
]
STATIONS = "station,property,unit,zone\nDR,water_level,m,Z1\nVE,water_level,m,Z2\n"
HAZARD = """\
schema: tocsin.hazard/1
hazard: river
name: {zh: 河道洪水, en: River flood}
subject: reach
inputs: {stage: {property: water_level, unit: m}}
conditions:
%s
levels: {blue: at_blue, yellow: at_yellow, orange: at_orange, red: at_red}
lower: {after: 0 s, end: timer, end_red: timer}
quality: {checks: []}
message:
  event: {cap: OET-081, category: Met}
  default: {instruction: {zh: 注意, en: Take care}}
"""


def square(name, lon):
    ring = [[lon, 0], [lon + 1, 0], [lon + 1, 1], [lon, 1], [lon, 0]]
    names = {"id": name, "name_zh": name, "name_en": name, "parent": None, "unit": "u"}
    return {"type": "Feature", "properties": names, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def expected():
    truth = json.loads((RIVER / "expected_levels.json").read_text())
    none = {"none": None}
    return truth, {
        (station, datetime.fromisoformat(t["time"]), none.get(t["from"], t["from"]), none.get(t["to"], t["to"]))
        for station, name in FILES.items()
        for t in truth["transitions"][name]
    }


def a_river(folder, bootstrap, readings):
    truth, changes = expected()
    whole = Whole(folder, bootstrap, partitions={"readings": readings, "signals": min(readings * 2, 16)})
    whole.write("stations.csv", STATIONS)
    zones = {"type": "FeatureCollection", "features": [square("Z1", 0), square("Z2", 2)]}
    whole.write("zones.geojson", json.dumps(zones))
    band = truth["hysteresis_ft"]
    lines = [
        f"  at_{colour}: {{of: stage, at_least: '{feet} [ft_i]', clear_below: '{feet - band} [ft_i]'}}"
        for colour, feet in truth["thresholds_ft"].items()
    ]
    whole.write("hazards/river.yaml", HAZARD % "\n".join(lines))
    whole.make_topics()
    return whole, truth["column"], changes


def csv_options(column):
    words = ["--property", "water_level", "--time-column", "datetimeUTC", "--value-column", column, "--unit", "[ft_i]"]
    for station, name in FILES.items():
        words += ["--csv", str(RIVER / name), "--station", station]
    return words


def changes_of(commands):
    return [(s, datetime.fromisoformat(t), before, after) for s, t, before, after in level_changes(commands)]


def in_order(changes):
    return {s: [c[1:] for c in changes if c[0] == s] for s in FILES}


def test_one_partition_gives_exactly_the_expected_changes(tmp_path, kafka):
    whole, column, wanted = a_river(tmp_path / "site", kafka.bootstrap, readings=1)
    with whole.worker():
        whole.tocsin("publish", *csv_options(column), "--speed", "max")
        whole.wait_for(lambda: len(changes_of(once(whole.feed()))) >= len(wanted))
    commands = once(whole.feed())
    found = changes_of(commands)
    assert len(found) == len(wanted)
    assert set(found) == wanted
    assert in_order(found) == in_order(sorted(found, key=lambda c: c[1]))
    replayed = replay(whole, column)
    assert in_order(changes_of(replayed)) == in_order(found)
    assert alerts_of(replayed) == alerts_of(commands)


def test_every_role_killed_halfway_changes_nothing(tmp_path, kafka):
    whole, column, wanted = a_river(tmp_path / "site", kafka.bootstrap, readings=1)
    replayed = replay(whole, column)
    with whole.worker() as process:
        whole.tocsin("publish", *csv_options(column), "--speed", "max")
        whole.wait_for(lambda: len(changes_of(once(whole.feed()))) >= len(wanted) // 3)
        whole.kill_roles()
        whole.wait_ready(process)
        whole.wait_for(lambda: len(changes_of(once(whole.feed()))) >= len(wanted))
    commands = once(whole.feed())
    found = changes_of(commands)
    assert len(found) == len(wanted)
    assert set(found) == wanted
    assert alerts_of(commands) == alerts_of(replayed)


def test_sixteen_partitions_end_with_the_picture_of_the_sorted_replay(tmp_path, kafka):
    """Promise (d): versions in between may differ, the picture once everything has passed may not."""
    whole, column, wanted = a_river(tmp_path / "site", kafka.bootstrap, readings=16)
    replayed = replay(whole, column)
    last = {s: max((c for c in wanted if c[0] == s), key=lambda c: c[1])[3] for s in FILES}
    with whole.worker() as process:
        whole.tocsin("publish", *csv_options(column), "--speed", "max")
        whole.wait_for(whole.feed)
        whole.kill_roles()
        whole.wait_ready(process)
        whole.wait_for(lambda: published(once(whole.feed())) == last)
        whole.wait_for(lambda: pictures(whole) == sorted_pictures(whole, column))
    commands = once(whole.feed())
    assert {c["alert"] for c in commands if c["kind"] == "alert"} <= alerts_of(replayed)
    for station in FILES:
        assert highest(commands, station) >= highest(replayed, station)


def replay(whole, column):
    return [json.loads(line) for line in whole.tocsin("replay", *csv_options(column)).splitlines()]


def alerts_of(commands):
    return {c["alert"] for c in commands if c["kind"] == "alert"}


def published(commands):
    return {c["subject"]: c["level"] for c in commands if c["kind"] == "alert"}


def highest(commands, subject):
    return max(NUMBER[c["level"]] for c in commands if c["subject"] == subject and c["level"])


def pictures(whole):
    """Rebuilt from the recorded `signals`, as a restart would."""
    site, found = whole.load().site, {}
    for partition in range(16):
        assessor = Assessor(site, partition, 16)
        for record in whole.read("signals"):
            if record.partition == partition:
                signal = decode_signal(record.value) if record.value else Tick(record.offset, record.timestamp * 1000)
                assessor.handle(signal, record.timestamp * 1000)
        found |= picture_of(assessor)
    return found


def sorted_pictures(whole, column):
    site = whole.load().site
    sources = [
        CsvFile(RIVER / name, station, "water_level", "datetimeUTC", column, "[ft_i]")
        for station, name in FILES.items()
    ]
    run = Replay(site, str)
    for _ in run.run(read_records(sources, Reading(site, str))):
        pass
    return picture_of(run.assessor)


def picture_of(assessor):
    return {
        key: (subject.raw, {k: (latch.on, latch.last.time) for k, latch in subject.picture.latches.items()})
        for key, subject in assessor.subjects.items()
    }
