"""What lifts the cap on doubtful values, and which reports lie together."""

from dataclasses import replace

import pytest

from streams.core.assess import Assessor
from streams.core.places import together
from streams.core.view import raw_levels
from streams.models.signal import Reported, Source
from streams.models.site import ReportCondition
from streams.models.times import HOUR, SECOND
from tests.core.runs import changes, row, run
from tests.core.sites import above, hazard, site, stream

RED = {4: "high"}


def levels(the_site, rows):
    return [level for _, _, level in changes(run(the_site, rows)[0])]


@pytest.mark.parametrize(("agreeing", "level"), [(1, "red"), (2, "red"), (3, "yellow")])
def test_so_many_stations_have_to_agree(agreeing, level):
    streams = [stream(f"S{n}", subject="R", soft_max=4.0) for n in range(3)]
    flood = replace(hazard([above("high", 3)], RED, checks=("range",)), agreeing=agreeing)
    found = levels(site(streams, flood), [row(0, 5, "S0"), row(1, 5, "S1")])
    assert found[-1] == level
    assert levels(site(streams, flood), [row(n, 5, f"S{n}") for n in range(3)])[-1] == "red"


def test_two_datastreams_of_a_station_are_one_word():
    streams = [stream("S0", subject="R", soft_max=4.0), stream("S0", "stage", subject="R", soft_max=4.0)]
    inputs = {
        "stage": hazard([], {}).inputs["stage"],
        "other": hazard([], {}, prop="stage").inputs["stage"],
    }
    flood = hazard([above("high", 3), above("too", 3, of="other")], {4: {"any": ["high", "too"]}}, inputs=inputs,
                   checks=("range",))  # fmt: skip
    assert levels(site(streams, flood), [row(0, 5, "S0"), row(1, 5, "S0", "stage")]) == ["yellow"]


def test_reporters_around_one_of_them():
    here, near, far = ("a", 10.0, 30.0), ("b", 10.01, 30.0), ("c", 10.02, 30.0)
    assert together([here, near, far], 1000.0) == (3, 3)  # all within a kilometre of the one in the middle
    assert together([here, far], 1000.0) == (1, 1)
    assert together([here, ("a", 10.0, 30.0)], 1000.0) == (1, 1)
    assert together([here, ("d", None, None)], 1000.0) == (1, 2)
    assert together([], 1000.0) == (0, 0)


def smells(second, who, lon):
    source = Source("reports", 0, second, 0, 0)
    at = second * SECOND
    return Reported(who, source, at, "Z1", "Actual", "gas_smell", "department", at, who, lon=lon, lat=30.0)


def near_reports():
    calls = ReportCondition("calls", ("gas_smell",), 2, HOUR, near=500.0)
    return site([stream("G", "gas", "%")], hazard([calls], {3: "calls"}, name="gas", subject="zone", prop="gas"))


def test_reports_count_where_they_lie_together():
    assessor, said = Assessor(near_reports(), 0, 1), []
    for second, (who, lon) in enumerate([("a", 10.0), ("b", 10.02), ("c", 10.004)], start=1):
        said.append([c.level for c in assessor.handle(smells(second, who, lon), second * SECOND)])
    assert said == [[], [], ["orange"]]


def test_a_report_without_a_place_leaves_it_open():
    """It may lie with the others: nothing is raised by it, and nothing lowered."""
    assessor = Assessor(near_reports(), 0, 1)
    for second, (who, lon) in enumerate([("a", 10.0), ("b", None)], start=1):
        assert assessor.handle(smells(second, who, lon), second * SECOND) == []
    (subject,) = assessor.subjects.values()
    assert raw_levels(subject.picture, ahead=True) == {3: None}


def test_the_stations_of_one_network_are_one_vote():
    groups = ("net-1", "net-1", "net-2", None)
    streams = [stream(f"S{n}", subject="R", group=group) for n, group in enumerate(groups)]
    voted = {4: {"vote": {"of": "high", "at_least": 2, "by": "group"}}}
    flood = site(streams, hazard([above("high", 3)], voted))
    assert levels(flood, [row(0, 5, "S0"), row(1, 5, "S1")]) == []
    assert levels(flood, [row(0, 5, "S0"), row(1, 5, "S2")]) == ["red"]
    assert levels(flood, [row(0, 5, "S0"), row(1, 5, "S3")]) == ["red"]
