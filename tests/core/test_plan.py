"""Conditions to thresholds per datastream."""

import math

import pytest

from streams.core.plan import level_of_condition, make_plan, names_in
from streams.models.site import Condition, Input, Step, Threshold
from streams.models.times import HOUR, MINUTE
from tests.core.sites import FOUR, FOUR_LEVELS, above, hazard, site, stream


def latches_of(the_site):
    chains, _ = make_plan(the_site, list(the_site.datastreams.values()))
    return [latch for chain in chains for latches in chain.latches.values() for latch in latches]


def test_attributes_and_units_become_numbers_of_the_datastream():
    warn = Condition(
        "warn", "stage", "above", Threshold("warning_level", -0.5, "m"), Threshold("warning_level", -70, "cm")
    )
    gauge = stream(unit="[ft_i]", attributes={"warning_level": (1000.0, "cm")})
    (latch,) = latches_of(site([gauge], hazard([warn], {1: "warn"})))
    assert latch.thr_on == pytest.approx(9.5 / 0.3048, rel=1e-11)
    assert latch.thr_off == pytest.approx(9.3 / 0.3048, rel=1e-11)
    assert latch.threshold == 9.5


def test_a_station_without_the_attribute_has_no_latch():
    warn = Condition("warn", "stage", "above", Threshold("warning_level", 0.0, "m"))
    assert latches_of(site([stream()], hazard([warn], {1: "warn"}))) == []


def test_the_level_of_a_point_that_is_counted_is_its_own_colour():
    """Evidence of a red alert has to name the threshold of red, not that of blue, of which the same rule speaks."""
    blue, red, alone = above("blue", 1), above("red", 4), above("alone", 2)
    counts = {2: 4, 3: 3, 4: 2}
    items = {"stage": {1: "blue", 4: "red"}}
    levels = {to: {"promote": {"to": to, "items": items, "counts": counts}} for to in (1, 2, 3)}
    levels |= {4: {"any": ["alone", {"promote": {"to": 4, "items": items, "counts": counts}}]}}
    assert level_of_condition(hazard([blue, red, alone], levels)) == {"blue": 1, "red": 4, "alone": 4}


def test_no_clear_threshold_means_no_band_and_strict_means_beyond():
    at, over = above("at", 3), above("over", 3, strict=True)
    first, second = latches_of(site([stream()], hazard([at, over], {1: "at", 2: "over"})))
    assert first.thr_on == first.thr_off <= 3
    assert second.thr_on == second.thr_off > 3
    assert (first.comparison, second.comparison) == (">=", ">")


def test_the_peak_step_is_a_tenth_of_the_way_from_orange_to_red():
    assert {latch.step for latch in latches_of(site([stream()], hazard(FOUR, FOUR_LEVELS)))} == {0.1}
    (only,) = latches_of(site([stream()], hazard([above("b", 3)], {1: "b"})))
    assert math.isinf(only.step)


def test_a_rate_is_per_second_inside_and_in_the_files_unit_outside():
    inputs = {"rise": Input("rise", "water_level", "m/h", (Step("rate", {"over": 30 * MINUTE}),))}
    fast = above("fast", 0.5, unit="m/h", of="rise")
    (latch,) = latches_of(site([stream(unit="cm")], hazard([fast], {1: "fast"}, inputs=inputs)))
    assert latch.thr_on == pytest.approx(50 / 3600)
    assert latch.scale[0] == pytest.approx(36.0)


def test_datastreams_of_other_intervals_are_chains_of_their_own():
    inputs = {"rain": Input("rain", "rain", "mm", (Step("sum", {"over": HOUR}),))}
    wet = hazard([above("wet", 9, unit="mm", of="rain")], {1: "wet"}, inputs=inputs)
    streams = [stream(s, "rain", "mm", interval=i * MINUTE) for s, i in (("A", 1), ("B", 1), ("C", 10))]
    chains, _ = make_plan(site(streams, wet), streams)
    assert sorted(len(chain.latches) for chain in chains) == [1, 2]


def test_names_of_a_rule_and_the_highest_level_that_asks_for_a_condition():
    tree = {"any": ["a", {"all": ["b", {"not": "c"}]}, {"vote": {"of": "d", "at_least": 2}}]}
    assert names_in(tree) == {"a", "b", "c", "d"}
    h = hazard([above("b", 3), above("y", 4)], {1: "b", 2: {"any": ["y", "b"]}})
    assert level_of_condition(h) == {"b": 2, "y": 2}
