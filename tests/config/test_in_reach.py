"""How many alerts can count for a condition of several, at the subject where it is most."""

import pytest

from streams.config.in_reach import most_in_reach
from streams.models.site import AlertCondition, Reach, ReportCondition
from tests.core.relay_world import flood, waits
from tests.core.sites import above, hazard, site, stream

REACHES = {
    r.id: r for r in (Reach("R1", "R3", 10.0), Reach("R2", "R3", 12.0), Reach("R3", "R4", 8.0), Reach("R4", None))
}


def table(*hazards):
    zones = {"R1": "Z1", "R2": "Z1", "R3": "Z2", "R4": "Z2"}
    streams = [stream(f"G{name}", "water_level", zone=zone, subject=name) for name, zone in zones.items()]
    return site(streams, *hazards).datastreams


@pytest.mark.parametrize(
    ("relation", "within", "by", "most"),
    [
        ("upstream", 12.0, "subject", 3),  # R3: itself and both arms
        ("upstream", 9.0, "subject", 2),  # R4: itself and R3
        ("upstream", 100.0, "subject", 4),
        ("upstream", 100.0, "zone", 2),
        ("downstream", 100.0, "subject", 3),  # R1: itself, R3, R4
        ("downstream", 10.0, "zone", 2),
        ("zone", None, "subject", 2),
        ("zone", None, "zone", 1),
        ("subject", None, "subject", 1),
        ("subject", None, "zone", 1),
        ("near", 1.0, "subject", 4),  # it is not measured how far they are apart
        ("near", 1.0, "zone", 2),
    ],
)
def test_at_the_subject_where_it_is_most(relation, within, by, most):
    theirs, ours = flood(), waits("ours", "flood", subject="reach", prop="water_level")
    condition = AlertCondition("other", "flood", 2, relation, within, count=2, by=by)
    assert most_in_reach(condition, ours, theirs, REACHES, table(theirs, ours)) == most


@pytest.mark.parametrize(("within", "most"), [(12.0, 2), (9.0, 1), (5.0, 0)])
def test_an_own_alert_does_not_count(within, most):
    condition = AlertCondition("up", "flood", 2, "upstream", within, count=2)
    own = hazard([above("y", 4), condition], {2: {"any": ["y", "up"]}}, name="flood", subject="reach")
    assert most_in_reach(condition, own, own, REACHES, table(own)) == most


def test_zones_that_people_report_from_are_not_counted():
    seen = ReportCondition("seen", ("flooding",), 2, 60)
    theirs = hazard([seen], {2: "seen"}, name="calls", subject="zone", prop="water_level")
    ours = waits("ours", "calls", subject="reach", prop="water_level")
    condition = AlertCondition("other", "calls", 2, "near", 5_000.0, count=9)
    assert most_in_reach(condition, ours, theirs, REACHES, table(theirs, ours)) is None
    alone = AlertCondition("other", "calls", 2, "zone", count=2)
    assert most_in_reach(alone, ours, theirs, REACHES, table(theirs, ours)) == 1


def test_where_nothing_feeds_it_there_is_none():
    theirs, ours = flood(), waits("ours", "flood", subject="reach", prop="nothing_such")
    condition = AlertCondition("other", "ours", 2, "upstream", 100.0, count=2)
    assert most_in_reach(condition, theirs, ours, REACHES, table(theirs, ours)) == 0
