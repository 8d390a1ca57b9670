import httpx
import msgspec
import pytest
from redis import Redis as Client

from streams.models.command import encode_command
from streams.models.latest import LatestValue
from streams.web.stations import StationView, zone_formatter
from tests.web import county

GAUGE = county.station_of("QH-03", "water_level")
SITE = county.county("redis://nowhere").site


def view() -> StationView:
    return StationView(SITE, zone_formatter("Asia/Shanghai"), "Exercise")


def value(number: float, status: str = "Exercise", **more: object) -> dict[bytes, bytes]:
    row = LatestValue(GAUGE, "water_level", status, 1_784_527_380_000_000, number, "m", **more)  # type: ignore[arg-type]
    return {f"{GAUGE}|water_level|{status}".encode(): msgspec.json.encode(row)}


def alert(level: str) -> bytes:
    made = county.command("flood", "r", "QH-03", level, 5, evidence=[county.evidence(GAUGE, 5.2, 5.0, "flood/red")])
    return encode_command(made)


def test_only_what_changed_is_told() -> None:
    shown = view()
    assert [r.value for r in shown.update(value(3.2), [])] == [3.2]
    assert shown.update(value(3.2), []) == []
    assert [r.value for r in shown.update(value(3.3), [])] == [3.3]


def test_an_alert_colours_its_evidence_and_lets_go() -> None:
    shown = view()
    assert [(r.level, len(r.alerts)) for r in shown.update({}, [alert("red")])] == [("red", 1)]
    assert [(r.level, r.alerts) for r in shown.update({}, [])] == [(None, [])]


def test_never_heard_is_not_normal() -> None:
    assert view().rows[GAUGE, "water_level"].state == "unheard"


def test_flag_check_state_and_time_in_the_sites_zone() -> None:
    shown = view()
    row = shown.update(value(3.2, quality=3, check="stuck", state="silent"), [])[0]
    assert (row.quality, row.check, row.state) == (3, "stuck", "silent")
    assert row.time == "2026-07-20T14:03:00.000+08:00"


def doubt(check: str, score: float | None = None, status: str = "Exercise") -> dict[bytes, bytes]:
    row = msgspec.structs.replace(county.evidence(GAUGE, 5.2, 5.0, "health"), check=check, bound="b", score=score)
    told = {"kind": "health", "status": status, "evidence": [msgspec.to_builtins(row)]}
    return {f"neighbour:{GAUGE}|water_level".encode(): msgspec.json.encode(told)}


def test_what_its_neighbours_say_and_what_it_costs_of_the_score() -> None:
    shown, now = view(), value(3.2, quality=1, score=80)
    assert [(r.quality, r.check, r.score) for r in shown.update(now, [])] == [(1, "", 80)]
    rows = shown.update(now, [], doubt("neighbour"))
    assert [(r.quality, r.check, r.bound, r.score) for r in rows] == [(3, "neighbour", "b", 80)]
    assert shown.update(now, [], doubt("neighbour")) == []
    assert [(r.check, r.score) for r in shown.update(now, [], doubt("drift", -1.25))] == [("drift", 60)]
    assert [(r.check, r.score) for r in shown.update(now, [], doubt("drift", 9.0))] == [("drift", 0)]
    assert [(r.quality, r.check, r.score) for r in shown.update(now, [])] == [(1, "", 80)]


def test_what_its_own_checks_say_goes_before_and_an_exercise_is_none_of_actual() -> None:
    rows = view().update(value(3.2, quality=3, check="stuck"), [], doubt("neighbour"))
    assert [(r.quality, r.check) for r in rows] == [(3, "stuck")]
    rows = view().update(value(3.2, quality=1), [], doubt("neighbour", status="Actual"))
    assert [(r.quality, r.check) for r in rows] == [(1, "")]


def test_the_sites_own_status_goes_before() -> None:
    both = value(1.0, "Actual") | value(2.0, "Exercise")
    assert view().update(both, [])[0].value == 2.0
    actual = StationView(SITE, zone_formatter("UTC"), "Actual")
    assert actual.update(both, [])[0].value == 1.0
    assert actual.update(value(2.0, "Exercise"), [])[0].status == "Exercise"


@pytest.mark.usefixtures("storm")
def test_every_datastream_of_the_site(api: httpx.Client) -> None:
    rows = api.get("/v1/stations").json()["stations"]
    assert len(rows) == len(county.datastreams())
    gauge = next(r for r in rows if r["station"] == GAUGE)
    assert gauge["level"] == "red"
    assert gauge["alerts"][0].startswith("flood:QH-03-reach-1:")
    assert {"name", "lon", "lat", "value", "quality", "check", "time", "state", "unit"} <= gauge.keys()


def test_a_second_read_within_a_second_is_the_same(api: httpx.Client, client: Client) -> None:
    county.fill(client, [], county.latest())
    first = api.get("/v1/stations").json()
    client.delete("tocsin:latest")
    assert api.get("/v1/stations").json() == first
