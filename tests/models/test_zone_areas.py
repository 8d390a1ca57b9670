"""Areas of zones: each is worked out once for a site, and those that take a while beforehand."""

import asyncio
import math
from dataclasses import replace

from streams.agents.areas import fit_areas
from streams.models.cap_area import cap_area
from streams.models.site import Zone
from tests.core.sites import FOUR, FOUR_LEVELS, SQUARE, hazard, site, stream

COAST = {"type": "Polygon", "coordinates": [[
    [10 + math.cos(n / 500) * (1 + 0.05 * math.sin(n)), 30 + math.sin(n / 500)] for n in range(3141)
] + [[10 + math.cos(0) * 1.0, 30.0]]]}  # fmt: skip


def zone(name, geometry):
    return Zone(name, {"zh": name, "en": name}, None, "unit", geometry)


def county():
    found = site([stream(zone="A"), stream("S2", zone="B"), stream("S3", zone="C")], hazard(FOUR, FOUR_LEVELS))
    return replace(found, zones={"A": zone("A", SQUARE), "B": zone("B", COAST), "D": zone("D", COAST)})


def test_only_what_takes_a_while_is_worked_out_beforehand():
    areas = county().zone_areas
    assert areas.slow(["A", "B", "C", "D"]) == ["B", "D"]
    assert areas.of("B") == cap_area(COAST)
    assert areas.slow(["A", "B"]) == []


def test_unknown_zones_have_no_area():
    areas = county().zone_areas
    assert (areas.of("C"), areas.of("A", "C")) == (None, SQUARE)


def test_it_is_done_beside_the_loop_for_zones_that_have_datastreams():
    world = county()
    asyncio.run(fit_areas(world))
    assert world.zone_areas.slow(["B", "D"]) == ["D"]
