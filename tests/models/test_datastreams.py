import random

import numpy as np
import pytest

from streams.models.datastreams import Datastreams
from streams.models.packed import Packed
from streams.models.partition import hashes_of, partition_of, partitions_of
from streams.models.site import CHECKS, Datastream, Profile
from tests.core.sites import above, hazard, site, stream

NAME = {"zh": "甲站", "en": "Station A"}
MANY = [
    stream(
        "A", "water_level", subject="reach-1", interval=60, subject_name={"zh": "河", "en": "River"}, lon=1.5, lat=2.5
    ),
    stream("B", "water_level", subject="reach-1", attributes={"warning": (3.0, "m")}, hard_max=9.0, datum="1985"),
    stream("A", "rain", "mm", original={"lon": 1, "lat": 2, "crs": "GCJ02"}, rest=(0.0, 100.0)),
    stream("C", "rain", "mm", subject="A", zone="Z2", attributes={"warning": (5.0, "cm"), "danger": (6.0, "m")}),
    Datastream("D", "rain", "mm", "Z1", "reach-2", NAME, classification="restricted", reporting="on_change"),
    Datastream("站五", "rain", "mm", "Z1", "reach-2", {"en": "only"}, subject_name={}),
]
PLAIN = {one.key: one for one in MANY}
TABLE = Datastreams.of(PLAIN)


def test_it_is_the_dict_it_was_made_of():
    assert dict(TABLE) == PLAIN
    assert list(TABLE) == list(PLAIN)
    assert list(TABLE.values()) == MANY
    assert list(TABLE.items()) == list(PLAIN.items())
    assert len(TABLE) == 6
    assert PLAIN == TABLE
    assert Datastreams.of(TABLE) is TABLE


def test_what_it_does_not_hold():
    assert ("A", "rain") in TABLE
    assert ("B", "rain") not in TABLE
    assert ("B", "wind") not in TABLE
    assert "A" not in TABLE
    assert TABLE.get(("X", "rain")) is None
    with pytest.raises(KeyError):
        TABLE["B", "rain"]


def test_numbers():
    assert [TABLE.number(*key) for key in PLAIN] == [0, 1, 2, 3, 4, 5]
    assert TABLE.number("B", "rain") is None
    assert TABLE.numbers.tolist() == [[0, 2], [1, -1], [-1, 3], [-1, 4], [-1, 5]]
    assert (TABLE.station_of["C"], TABLE.property_of["rain"]) == (2, 1)
    assert TABLE.of_station(0) == [0, 2]
    assert TABLE.key(3) == ("C", "rain")
    assert TABLE.of_property({"rain"}).tolist() == [2, 3, 4, 5]


def test_no_datastreams_at_all():
    empty = Datastreams.of({})

    assert (dict(empty), empty.number("A", "rain"), empty.numbers_in(0, 4).tolist()) == ({}, None, [])


def test_what_is_the_same_is_kept_once():
    streams = [stream(f"S{n}", interval=60, attributes={"warning": (float(n), "m")}) for n in range(100)]
    table = Datastreams.of({one.key: one for one in streams})

    assert table.profiles == [Profile.of(streams[0])]
    assert len(table.names) == len(table.subjects) == 0
    assert table.zones == ["Z1"]


def test_attributes_are_columns():
    values, units = TABLE.attribute("warning")

    assert np.array_equal(values, [np.nan, 3.0, np.nan, 5.0, np.nan, np.nan], equal_nan=True)
    assert [units[profile] for profile in TABLE.profile] == [None, "m", None, "cm", None, None]
    assert np.isnan(TABLE.attribute("nothing")[0]).all()


def test_hashes_are_those_of_kafka():
    draw = random.Random(4)
    keys = [draw.randbytes(draw.randrange(20)) for _ in range(2000)]
    for partitions in (1, 16, 7):
        expected = [partition_of(key, partitions) for key in keys]
        assert partitions_of(hashes_of(keys), partitions).tolist() == expected


def test_datastreams_of_a_partition():
    found = [TABLE.numbers_in(partition, 4).tolist() for partition in range(4)]

    expected = [[n for n, s in enumerate(MANY) if partition_of(s.station.encode(), 4) == p] for p in range(4)]
    assert found == expected


def test_a_site_takes_a_dict_and_answers_by_key():
    flood, drought = hazard([above("high", 2.0)], {1: "high"}), hazard([above("dry", 1.0)], {1: "dry"}, name="dry")
    made = site(MANY, flood, drought)

    assert isinstance(made.datastreams, Datastreams)
    assert dict(made.users) == {key: [(flood, "reach-1"), (drought, "reach-1")] for key in list(PLAIN)[:2]}
    assert (made.users.get(("A", "rain")), len(made.users)) == (None, 2)
    assert dict(made.stations) == {s: [one for one in MANY if one.station == s] for s in ("A", "B", "C", "D", "站五")}
    assert dict(made.subject_names) == {"reach-1": {"zh": "河", "en": "River"}, "reach-2": {}}
    assert made.checks_of(MANY[0]) == frozenset()
    assert made.checks_of(TABLE.profiles[0]) == frozenset()
    assert made.checks_of(MANY[2]) == set(CHECKS)


def test_who_uses_a_datastream_in_the_order_of_hazards():
    first = hazard([above("wet", 2.0)], {1: "wet"}, name="rain", prop="rain", subject="station")
    made = site(MANY, first, hazard([above("high", 2.0)], {1: "high"}))

    assert list(made.users) == [key for key in PLAIN if key[1] == "rain"] + [("A", "water_level"), ("B", "water_level")]
    assert made.users["C", "rain"] == [(first, "C")]


def test_packed_values():
    values = [{"zh": "甲"}, "x", "", None, 3]
    packed = Packed.of(values)

    assert (list(packed), [packed[n] for n in range(-5, 5)]) == (values, values + values)
    assert list(packed[1:3]) == ["x", ""]
    with pytest.raises(IndexError):
        packed[5]


@pytest.mark.parametrize("kind", ["zone", "station", "reach", "source", "event"])
def test_what_alerts_are_about(kind):
    codes, named = TABLE.about(kind)

    asked = hazard([above("high", 2.0)], {1: "high"}, subject=kind)
    assert [named(code) for code in codes.tolist()] == [asked.subject_of(one) for one in MANY]
    assert len(set(codes.tolist())) == len({named(code) for code in codes.tolist()})
