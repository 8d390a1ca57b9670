import csv
import json
import socket
from pathlib import Path

import pytest
from shapely import coverage_is_valid
from shapely.geometry import shape

from streams import embedded
from streams.config import load
from streams.demo.site import Given, Servers, app_of, moved, servers, write

CONFIG = Path(__file__).parents[2] / "configs" / "demo"


@pytest.fixture(scope="module")
def loaded():
    return load(CONFIG)


def test_the_demo_is_an_exercise(loaded):
    assert loaded.app.exercise
    assert not loaded.app.production


def test_the_written_folder_is_the_same_site(loaded, tmp_path):
    given = Given("kafka:9092", "redis://redis/0")
    app = app_of(loaded, CONFIG, tmp_path, given, servers(given, tmp_path))
    again = load(write(app, CONFIG, tmp_path))
    assert again.site.version == loaded.site.version
    assert again.topics == loaded.topics
    assert again.app == app


def test_a_given_kafka_gets_what_a_real_one_wants(loaded, tmp_path):
    given = Given("kafka:9092", "redis://redis/3")
    found = servers(given, tmp_path)
    app = app_of(loaded, CONFIG, tmp_path, given, found)
    assert not found.all
    assert (app.kafka.bootstrap, app.kafka.embedded, app.kafka.idempotence) == ("kafka:9092", False, True)
    assert app.redis.url == "redis://redis/3"


def test_embedded_servers_are_used_when_nothing_is_given(loaded, tmp_path):
    found = servers(Given(), tmp_path)
    app = app_of(loaded, CONFIG, tmp_path, Given(), found)
    assert app.kafka.bootstrap == found.broker.address
    assert app.kafka.embedded
    assert not app.kafka.idempotence
    assert app.redis.url == f"redis://{found.database.address}/0"


def test_a_given_database_is_not_mixed_up_with_an_earlier_embedded_kafka(loaded, tmp_path):
    given = Given(redis="redis://redis/0")
    apps = []
    for port in (1111, 2222):
        broker = embedded.Server("broker", (), port, lambda: True)
        apps.append(app_of(loaded, CONFIG, tmp_path, given, Servers(broker, None)))
    assert apps[0].redis.prefix != apps[1].redis.prefix


def test_a_used_port_is_said(loaded, tmp_path):
    with socket.socket() as taken:
        taken.bind((embedded.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        wanted = loaded.app.model_copy(update={"ports": loaded.app.ports.model_copy(update={"web": port})})
        here = type(loaded)(wanted, loaded.topics, loaded.site, [])
        app = app_of(here, CONFIG, tmp_path, Given("k:1", "redis://r"), Servers(None, None))
    assert app.ports.web > port
    assert f"port {port} is taken, using {app.ports.web} (web)" in moved(wanted, app)


def test_the_demo_stations_are_those_of_the_shipped_site():
    """Only the reporting interval differs: in the demo a day runs in minutes."""

    def rows(folder):
        with (folder / "stations.csv").open(encoding="utf-8", newline="") as file:
            return [{**row, "interval": ""} for row in csv.DictReader(file)]

    assert rows(CONFIG) == rows(CONFIG.parent)


def test_the_demo_hazards_say_what_the_shipped_ones_say():
    """An exercise copy may change times, rates and who ends an alert, never what people are told."""
    shipped = load(CONFIG.parent).site.hazards
    for name, hazard in load(CONFIG).site.hazards.items():
        assert hazard.message.texts == shipped[name].message.texts
        assert hazard.levels == shipped[name].levels
        assert hazard.title == shipped[name].title


def test_zones_share_their_borders():
    zones = json.loads((CONFIG.parent / "zones.geojson").read_text("utf-8"))["features"]
    assert len(zones) == 8
    assert coverage_is_valid([shape(zone["geometry"]) for zone in zones])
