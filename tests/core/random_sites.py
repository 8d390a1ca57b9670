"""Random but sensible sites: votes, reports, rules that look back and hazards that wait for one another."""

import random

from streams.models.datastream import NO_CHECKS, Checks
from streams.models.site import AlertCondition, ReportCondition
from streams.models.times import MINUTE, SECOND
from tests.core.sites import above, hazard, site, stream

NAMES = [f"S{i}" for i in range(9)]
CONDITIONS = ("b", "y", "o")
ZONES = ("Z1", "Z2")
REACHES = ("R0", "R1", "R0", "R1", "R0", "R1", "R2", "R1", "R2")  # each in one zone, as the configuration demands


def conditions(prop="water_level", **more):
    return [above(name, 3 + i, 2.5 + i, **more) for i, name in enumerate(CONDITIONS)]


def random_site(seed):
    """Hazards over the same stations: votes about reaches, reports about zones, rules that look back, other alerts."""
    chance = random.Random(f"site {seed}")
    compared = random.Random(f"neighbours {seed}")
    near_by = Checks(
        neighbour=0.5, neighbour_least=compared.choice([1, 2]), neighbour_age=2 * MINUTE, neighbour_every=SECOND,
        drift=compared.choice([None, 0.1]), drift_for=2 * MINUTE, recover=compared.choice([0, 2]),
    )  # fmt: skip
    streams = [
        stream(
            name, zone=ZONES[i % 2], subject=REACHES[i], interval=60 * SECOND, lat=30.0,
            lon=None if i == 8 else 10.0 + 0.01 * i, group=f"net-{i // 5}", checks=near_by if i % 4 else NO_CHECKS,
        )
        for i, name in enumerate(NAMES)
    ]  # fmt: skip
    after = chance.choice([0, 90 * SECOND, 10 * MINUTE])
    votes = {
        1: "b",
        2: {"vote": {"of": "b", "at_least": 2}},
        3: {"any": [{"all": ["y", {"vote": {"of": "o", "at_least": 1}}]}, {"vote": {"of": "y", "at_least": 2}}]},
        4: {"all": [{"vote": {"of": "o", "at_least": 2}}, "b"]},
    }
    if chance.random() < 0.3:
        votes[2] = {"all": ["b", {"not": "o"}]}
    by_itself = random.Random(f"votes of rules {seed}")
    if by_itself.random() < 0.4:
        rule = {"all": ["b", by_itself.choice([{"not": "o"}, {"any": ["y", "o"]}])]}
        votes[2] = {"vote": {"of": rule, "at_least": 2, "by": by_itself.choice(["station", "zone", "group"])}}
    past = random.Random(f"pasts of stations {seed}")
    if past.random() < 0.6:
        more = {"during": past.choice([30 * SECOND, 5 * MINUTE])} if past.random() < 0.3 else {}
        by = past.choice(["station", "zone", "group"])
        votes[past.choice([2, 3])] = {"vote": {"of": at_one(past), "at_least": past.choice([1, 2]), "by": by, **more}}
    near = chance.choice([None, 500.0, 3_000.0])
    calls = ReportCondition("calls", ("flooding",), chance.choice([1, 2]), 5 * MINUTE, near=near)
    people = {1: {"any": ["y", "calls"]}, 3: {"all": ["b", "calls"]}, 4: {"any": [{"all": ["calls", "o"]}, "o"]}}
    ends = {"end": chance.choice(["timer", "person"]), "end_red": chance.choice(["timer", "person"])}
    checks = chance.choice([("gap",), ("gap", "range"), ("gap", "range")])
    checks = (*checks, "neighbour") if compared.random() < 0.8 else checks
    more = {"after": after, "reopen": 20 * MINUTE, "checks": checks, "expires": 30 * MINUTE, **ends}
    idle = [hazard(conditions(), while_nothing_is_on(compared), name="idle", subject="zone", **more)]
    return site(
        streams,
        *(idle if compared.random() < 0.5 else ()),
        *seen_by_networks(random.Random(f"events {seed}"), more),
        hazard(conditions(), votes, name="flood", subject="reach", **more),
        hazard([*conditions(), calls], people, name="surge", subject="zone", **more),
        hazard([*conditions(), *others(chance)], looking_back(chance, past), name="watch", subject="reach", **more),
        hazard(others(chance, of="watch"), {2: "now", 3: "lately"}, name="works", subject="zone", prop="none", **more),
        zones=ZONES,
    )


def seen_by_networks(chance, more):
    """A hazard whose subjects are networks: they span zones, and only its votes by zone see several."""
    if chance.random() < 0.6:
        return []
    by = chance.choice(["station", "zone"])
    votes = {1: "b", 2: {"vote": {"of": "b", "at_least": 2, "by": "zone"}}, 4: {"vote": {"of": "o", "at_least": 2}}}
    votes[3] = {"vote": {"of": chance.choice(["y", {"all": ["b", "y"]}]), "at_least": 2, "by": by}}
    return [hazard(conditions(), votes, name="quake", subject="event", **more)]


def while_nothing_is_on(chance):
    """Rules that hold without any condition."""
    count = {"count": {"of": {"not": "o"}, "at_least": chance.choice([1, 2]), "within": 5 * MINUTE}}
    absence = {"absence": {"of": "y", "after": {"not": "b"}, "within": 30 * SECOND}}
    return {1: {"not": "b"}, 3: {"any": [{"all": [{"not": "y"}, count]}, absence]}}


def others(chance, of="flood"):
    """What another hazard says."""
    lasting = chance.choice([0, MINUTE, 20 * MINUTE])
    return [
        AlertCondition("now", of, chance.choice([1, 2]), chance.choice(["zone", "near"]), 2_000.0),
        AlertCondition("lately", of, 3, "zone", lasting=lasting, count=2 if lasting == MINUTE else 1),
    ]


def at_one(chance):
    """A rule that each station answers for itself."""
    window = chance.choice([30 * SECOND, 5 * MINUTE])
    many = {"vote": {"of": "b", "at_least": 1, "during": window}}
    count = {"count": {"of": chance.choice(["y", {"all": ["b", "y"]}, many]), "at_least": 2, "within": window}}
    sequence = {"sequence": {"of": [chance.choice(["b", {"not": "o"}, count]), "y"], "within": window}}
    absence = {"absence": {"of": "o", "after": {"all": ["b", {"not": "y"}]}, "within": window}}
    points = {"promote": {"to": 2, "items": {"one": {1: "b", 2: count}, "two": {2: "o"}}, "counts": {2: 4, 3: 3, 4: 2}}}
    some = chance.sample([count, sequence, absence, {"all": [many, points]}], 2)
    return chance.choice([some[0], {"any": some}, {"all": ["b", {"not": some[0]}]}])


def looking_back(chance, past):
    """Rules of every kind, within each other."""
    window = chance.choice([30 * SECOND, 5 * MINUTE])
    vote = {
        "vote": {"of": "b", "at_least": 2, "by": chance.choice(["station", "zone"]),
                 "within": 2_500.0, "during": window}
    }  # fmt: skip
    items = {"first": {1: "b", 2: "y", 3: "o"}, "second": {1: "y", 4: "o"}}
    if past.random() < 0.5:
        items["first"][2] = at_one(past)
        several = {"vote": {"of": at_one(past), "at_least": past.choice([1, 2]), "by": "station"}}
        zones = {"sequence": {"of": [{"vote": {"of": "b", "at_least": 2}}, several], "within": window}}
        items["fourth"] = {2: {"vote": {"of": past.choice([several, zones]), "at_least": 1, "by": "zone"}}}
        items["third"] = {2: past.choice([{"all": [vote, "y"]}, {"vote": {"of": at_one(past), "at_least": 2}}])}
    promote = {"promote": {"to": 2, "items": items, "counts": {2: 4, 3: 3, 4: 2}}}
    sequence = {"sequence": {"of": ["b", {"any": ["y", "now"]}], "within": window}}
    count = {"count": {"of": chance.choice(["y", sequence, "lately"]), "at_least": 2, "within": window}}
    absence = {"absence": {"of": "o", "after": {"all": ["b", {"not": "y"}]}, "within": window}}
    found = [vote, promote, sequence, count, absence]
    chance.shuffle(found)
    return dict(enumerate([found[0], {"any": [found[1], "lately"]}, {"all": [found[2], "b"]}, found[3]], start=1))
