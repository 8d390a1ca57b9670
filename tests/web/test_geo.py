from dataclasses import replace

import httpx
import msgspec
import pytest

from streams.models.command import Command
from streams.models.site import Zone
from streams.web import geo
from tests.web import county

LAYERS = ("stations", "zones", "alerts", "cases", "hazard_sources")


@pytest.mark.usefixtures("storm")
@pytest.mark.parametrize("layer", LAYERS)
def test_layers_are_feature_collections(api: httpx.Client, layer: str) -> None:
    answer = api.get(f"/v1/map/{layer}.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    assert body["type"] == "FeatureCollection"
    assert bool(body["features"]) == (layer != "cases")
    assert all(f["type"] == "Feature" and f["geometry"]["type"] in ("Point", "Polygon") for f in body["features"])


@pytest.mark.usefixtures("storm")
def test_levels_on_the_map(api: httpx.Client) -> None:
    zones = {f["id"]: f["properties"]["level"] for f in api.get("/v1/map/zones.geojson").json()["features"]}
    assert zones["QH-03"] == "red"
    assert zones["QH-08"] is None
    stations = {f["id"]: f["properties"] for f in api.get("/v1/map/stations.geojson").json()["features"]}
    assert stations[county.station_of("QH-03", "water_level")]["level"] == "red"
    sources = {f["id"]: f["properties"] for f in api.get("/v1/map/hazard_sources.geojson").json()["features"]}
    assert sources["QH-02-slope-1"]["level"] == "orange"
    assert sources["QH-03-reach-1"]["kind"] == "reach"


def test_levels_roll_up_to_the_zones_above() -> None:
    site = county.county("redis://x").site
    outer = Zone("QH", {"zh": "青河县", "en": "Qinghe"}, None, "unit", site.zones["QH-03"].geometry, "county")
    nested = {name: replace(zone, parent="QH", level="street") for name, zone in site.zones.items()}
    made = [county.command("flood", "r", "QH-03", "red", 3), county.command("gas", "g", "QH-06", "blue", 3)]
    found = {f["id"]: f["properties"] for f in geo.zones(replace(site, zones={"QH": outer, **nested}), made)}
    assert {key: found["QH"][key] for key in ("kind", "level", "rolled_up")} == {
        "kind": "county",
        "level": None,
        "rolled_up": "red",
    }
    assert (found["QH-03"]["level"], found["QH-03"]["rolled_up"]) == ("red", "red")
    assert (found["QH-08"]["level"], found["QH-08"]["rolled_up"]) == (None, None)


def test_an_alert_without_an_area_has_its_zones(api: httpx.Client) -> None:
    site = county.county("redis://x").site
    made = county.command("flood", "r", "QH-03", "red", 3)
    assert geo.alerts(site, [made])[0]["geometry"] == site.zones["QH-03"].geometry
    own = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    made.area = own
    assert geo.alerts(site, [made])[0]["geometry"] == own


def test_unasked_levels_are_left_out_and_never_null(api: httpx.Client) -> None:
    features = api.get("/v1/map/zones.geojson?levels=false").json()["features"]
    assert features
    assert all("level" not in f["properties"] and "rolled_up" not in f["properties"] for f in features)


def test_a_hazard_that_nobody_watches_for_is_unknown_in_its_zone() -> None:
    site = county.county("redis://x").site
    lost = replace_subject(county.command("flood", "r", "QH-03", "yellow", 3), "coverage:flood:QH-03")
    others = replace_subject(county.command("flood", "r", "QH-03", "blue", 3), "health:QH-03")
    found = {f["id"]: f["properties"] for f in geo.zones(site, [], [lost, others])}
    assert found["QH-03"]["unknown"] == ["flood"]
    assert found["QH-03"]["level"] is None
    assert found["QH-08"]["unknown"] == []


def test_a_hazard_for_which_a_zone_has_no_sensor_is_unwatched_there(api: httpx.Client) -> None:
    site = county.county("redis://x").site
    some = {key: one for key, one in site.datastreams.items() if (one.zone, one.property) != ("QH-03", "water_level")}
    site = replace(site, datastreams=some)
    found = {f["id"]: f["properties"]["unwatched"] for f in geo.zones(site, [])}
    assert "flood" in found["QH-03"]
    for layer in ("/v1/map/zones.geojson", "/v1/map/zones.geojson?levels=false"):
        assert all(isinstance(f["properties"]["unwatched"], list) for f in api.get(layer).json()["features"])
    zones = api.get("/v1/site").json()["zones"]
    assert {zone: its["unwatched"] for zone, its in zones.items()} == county.county("redis://x").site.unwatched


def replace_subject(command: Command, subject: str) -> Command:
    return msgspec.structs.replace(command, subject=subject, kind="health")
