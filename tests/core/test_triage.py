"""Reports to signals: zone, severity, pseudonyms; and everything that is refused."""

import base64
import json
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.triage import triage
from streams.core.zones import ZoneIndex
from streams.gateway.privacy import pseudonymiser
from streams.models.crs import from_wgs84
from streams.models.reject import Reject
from streams.models.signal import Reported
from streams.models.site import Site, Zone
from streams.models.times import parse_time

TIME = "2026-07-20T14:05:10+08:00"
NOW = parse_time("2026-07-20T14:06:00+08:00")


def square(lon: float, lat: float, size: float):
    ring = [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def zone(id_: str, geometry):
    return Zone(id_, {"zh": id_, "en": id_}, None, "unit", geometry)


SITE = Site(
    zones={
        "county": zone("county", square(113.0, 23.0, 1.0)),
        "grid-1": zone("grid-1", square(113.0, 23.0, 0.5)),
        "grid-2": zone("grid-2", square(113.5, 23.0, 0.5)),
    },
    datastreams={},
    hazards={},
    report_kinds=frozenset({"smoke", "gas_smell"}),
)
ZONES = ZoneIndex(SITE.zones)


@dataclass
class Record:
    value: bytes | None
    key: bytes | None = b"grid-1"
    headers: tuple = ()
    offset: int = 3
    timestamp: int = NOW // 1000
    topic: str = "reports"
    partition: int = 2


def report(**changes):
    return {"id": "r-1", "kind": "smoke", "time": TIME, "source": "citizen", "zone": "grid-1",
            "reporter": "Li Hua", "contact": "138", "text": "smoke behind the school"} | changes  # fmt: skip


def run(body):
    raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return triage(Record(raw), SITE, pseudonymiser(b"key"), ZONES)


def test_a_report_becomes_a_signal_without_its_person():
    signal = run(report(severity="orange", status="Exercise"))
    assert isinstance(signal, Reported)
    assert (signal.zone, signal.kind, signal.origin, signal.severity) == ("grid-1", "smoke", "citizen", "orange")
    assert (signal.time, signal.received, signal.status) == (parse_time(TIME), NOW, "Exercise")
    assert tuple(signal.source.position) == (3, 0, 0)
    assert signal.reporter.startswith("p:")
    shown = repr(signal)
    assert not any(secret in shown for secret in ("Li Hua", "138", "school"))


def test_a_pseudonym_stays_itself():
    first = run(report())
    assert run(report(reporter=first.reporter)).reporter == first.reporter


def test_nameless_reports_count_as_different_people():
    one, two = (run(report(id=i, reporter=None, contact=None)) for i in ("a", "b"))
    assert one.reporter != two.reporter


def test_the_same_person_is_the_same_in_two_reports():
    assert run(report(id="a")).reporter == run(report(id="b", kind="gas_smell")).reporter


@pytest.mark.parametrize(("lon", "expected"), [(113.2, "grid-1"), (113.7, "grid-2"), (113.0, "grid-1")])
def test_zone_from_position(lon, expected):
    signal = run(report(zone=None, position={"lon": lon, "lat": 23.2}))
    assert (signal.zone, signal.lon, signal.lat) == (expected, lon, 23.2)


def test_position_in_another_system_is_converted():
    lon, lat = from_wgs84(113.498, 23.2, "GCJ02")
    assert ZONES.zone_at(lon, lat) == "grid-2"
    signal = run(report(zone=None, position={"lon": lon, "lat": lat, "crs": "GCJ02"}))
    assert signal.zone == "grid-1"
    assert (signal.lon, signal.lat) == pytest.approx((113.498, 23.2), abs=1e-6)


def test_an_unknown_zone_is_mended_by_the_position():
    assert run(report(zone="elsewhere", position={"lon": 113.7, "lat": 23.3})).zone == "grid-2"
    assert triage(Record(json.dumps(report(zone=None, position={"lon": 113.7, "lat": 23.3})).encode()), SITE,
                  pseudonymiser(b"k")).zone == "grid-2"  # fmt: skip


BAD = [
    (None, "empty", None), (b"", "empty", None), (b"rubbish", "not_json", None), ([report()], "wrong_type", "row"),
    (report(kind="ufo"), "wrong_type", "kind"), (report(kind=3), "wrong_type", "kind"),
    (report(id=""), "wrong_type", "id"), ({k: v for k, v in report().items() if k != "id"}, "wrong_type", "id"),
    (report(source="somebody"), "wrong_type", "source"), (report(severity="pink"), "wrong_type", "severity"),
    (report(media="x"), "wrong_type", "media"), (report(status="Real"), "wrong_type", "status"),
    (report(time="2026-07-20T14:05:10"), "no_time_zone", "time"), (report(time=0), "too_old", "time"),
    (report(time="2100-01-01T00:00:00Z"), "too_far_ahead", "time"), (report(zone="nowhere"), "wrong_type", "zone"),
    (report(zone=None), "wrong_type", "zone"), (report(classification="secret"), "refused_class", "classification"),
    (report(zone=None, position={"lon": 0, "lat": 0}), "wrong_type", "position"),
    (report(position={"lon": 500, "lat": 0}), "wrong_type", "lon"),
    (report(position={"lon": math.nan, "lat": 0}), "not_finite", "position"),
    (report(position={"lon": 1}), "wrong_type", "lat"), (report(position=[1, 2]), "wrong_type", "position"),
    (report(position={"lon": 1, "lat": 1, "crs": "MARS"}), "wrong_type", "crs"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "reason", "field"), BAD)
def test_bad_reports(body, reason, field):
    reject = run(body)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.field, reject.stage) == (reason, field, "triage")
    assert (reject.topic, reject.partition, reject.offset) == ("reports", 2, 3)
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    assert base64.b64decode(reject.raw_base64) == (b"" if reason == "refused_class" else raw)


@given(st.binary(max_size=60) | st.dictionaries(st.sampled_from(list(report())), st.none() | st.integers() | st.text()))
def test_nothing_raises(body):
    run(body)
