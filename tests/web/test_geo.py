import httpx
import pytest

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
    assert all("level" not in f["properties"] for f in features)
