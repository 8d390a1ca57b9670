"""What the table of stations finds is what the site says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.station_table import NOWHERE, StationTable
from streams.models.datastreams import Datastreams
from streams.models.partition import Keys
from tests.core.sites import stream

NAMES = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\n"), min_size=1, max_size=12)
PROPERTIES = {"water_level": 0, "rain": 1}


def table_of(pairs):
    return Datastreams.of({(s, p): stream(s, prop=p) for s, p in pairs})


@settings(deadline=None)
@given(st.sets(st.tuples(NAMES, st.sampled_from([*PROPERTIES])), min_size=1, max_size=60), st.sets(NAMES), st.data())
def test_every_datastream_is_found_and_nothing_else(pairs, others, data):
    table = table_of(sorted(pairs))
    partition = data.draw(st.integers(0, 2))
    numbers = table.numbers_in(partition, 3)
    asked = [(s, p) for s in sorted({s for s, _ in pairs} | others) for p in (*PROPERTIES, "wind")]
    place = {int(number): at for at, number in enumerate(numbers)}
    right = [place.get(number if number is not None else -1, NOWHERE) for number in (table.number(*k) for k in asked)]
    prop = np.array([table.property_of.get(p, NOWHERE) for _, p in asked])
    stations, keys = StationTable(table, numbers), Keys.of([s.encode() for s, _ in asked])
    assert stations.places(keys, prop).tolist() == right
    for code in (0, NOWHERE):
        same = [at if p == code else NOWHERE for at, p in zip(right, prop.tolist(), strict=True)]
        some = np.flatnonzero(prop == code)
        part = Keys.of([asked[at][0].encode() for at in some.tolist()])
        assert stations.places(part, code).tolist() == [same[at] for at in some.tolist()]


def test_names_for_which_a_bucket_has_no_room_are_found():
    names = [f"{number:06d}" for number in range(30_000)]
    table = table_of((name, "rain") for name in names)
    found = StationTable(table, np.arange(len(names))).places(Keys.of([name.encode() for name in names]), 0)
    assert found.tolist() == list(range(len(names)))


def test_of_names_with_one_hash_each_is_found(monkeypatch):
    names = [f"{number:02d}" for number in range(40)]
    monkeypatch.setattr("streams.models.partition._murmur2", lambda letters: letters[:, 0].astype(np.uint32) << 20)
    table = table_of((name, "rain") for name in names)
    found = StationTable(table, np.arange(40)).places(Keys.of([*(n.encode() for n in names), b"49"]), 0)
    assert found.tolist() == [*range(40), NOWHERE]


def test_no_stations():
    assert StationTable(table_of([]), np.empty(0, np.int64)).places(Keys.of([b"A", b""]), 0).tolist() == [NOWHERE] * 2


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (0, 5), (2, 4), (4, 5)])
def test_a_part_of_the_keys(start, stop):
    keys = [b"A", b"BB", b"C", b"DD", b""]
    part, right = Keys.of(keys).part(start, stop), Keys.of(keys[start:stop])
    assert part.hashes.tolist() == right.hashes.tolist()
    assert [(r.tolist(), x.tolist()) for r, x in part.groups if len(r)] == [
        (r.tolist(), x.tolist()) for r, x in right.groups
    ]
