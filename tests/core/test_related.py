"""Which subjects lie near an alert: against all distances worked out one by one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from streams.core.geography import distance
from streams.core.related import Related
from streams.models.site import AlertCondition
from tests.core.relay_world import flood, square, waits
from tests.core.sites import site, stream

places = st.lists(st.tuples(st.floats(9, 12), st.floats(-70, 70)), min_size=2, max_size=12, unique=True)

LENGTHS = st.floats(1.0, 400_000.0)


def near(metres):
    return AlertCondition("other", "flood", 1, "near", metres)


@given(places, st.floats(1.0, 400_000.0))
def test_near_is_what_is_not_farther(found, metres):
    theirs, ours = flood(), waits("works", "flood", subject="station", prop="move")
    streams = [stream("G", zone="Z1", subject="R1", lon=found[0][0], lat=found[0][1])]
    streams += [stream(f"S{n}", "move", zone="Z1", lon=lon, lat=lat) for n, (lon, lat) in enumerate(found)]
    related = Related(site([*streams, stream("S99", "move", zone="Z1")], theirs, ours))
    expected = {f"S{n}" for n, at in enumerate(found) if distance(found[0], at) <= metres}
    assert {name for _, name in related.of(near(metres), ours, theirs, ("Z1", "R1"))} == expected


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-60, 60)), min_size=2, max_size=8, unique=True), LENGTHS)
def test_near_goes_on_beyond_the_180th_meridian(found, metres):
    theirs, ours = flood(), waits("works", "flood", subject="station", prop="move")
    found = [(lon + 180 if lon < 0 else lon - 180, lat) for lon, lat in found]
    streams = [stream("G", zone="Z1", subject="R1", lon=found[0][0], lat=found[0][1])]
    streams += [stream(f"S{n}", "move", zone="Z1", lon=lon, lat=lat) for n, (lon, lat) in enumerate(found)]
    expected = {f"S{n}" for n, at in enumerate(found) if distance(found[0], at) <= metres}
    related = Related(site(streams, theirs, ours))
    assert {name for _, name in related.of(near(metres), ours, theirs, ("Z1", "R1"))} == expected


def test_a_zone_is_near_when_its_border_is():
    theirs, ours = flood(), waits("works", "flood", subject="zone")
    gauge = stream("G", zone="Z1", subject="R1", lon=10.0, lat=30.0)
    found = replace(site([gauge], theirs, ours), zones={"Z1": square("Z1", 9.95, 29.95), "Z2": square("Z2", 10.1)})
    related, away = Related(found), distance((10.0, 30.0), (10.1, 30.0))
    assert related.of(near(away + 1), ours, theirs, ("Z1", "R1")) == [("Z1", "Z1"), ("Z2", "Z2")]
    assert related.of(near(away - 1), ours, theirs, ("Z1", "R1")) == [("Z1", "Z1")]


def test_nobody_is_near_what_has_no_place():
    theirs, ours = flood(), waits("works", "flood", subject="zone")
    related = Related(site([stream("G", subject="R1")], theirs, ours))
    assert related.of(near(1e7), ours, theirs, ("Z1", "R1")) == []
