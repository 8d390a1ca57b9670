"""A season begins or ends: the last values that hold are judged by its thresholds, without a reading."""

import random
from dataclasses import replace

import msgspec
import pytest

from streams.models.site import Season, Threshold
from streams.models.times import MINUTE, SECOND
from tests.core.runs import Bank, numbered, row
from tests.core.sites import above, hazard, site, stream
from tests.core.test_conditions_in_bank import at, edges, triggers

MAY, OCTOBER = at("2026-05-01T00:00:00"), at("2026-10-01T00:00:00")
SUMMER = Season((5, 1), (9, 30), Threshold(None, 2.0, "m"), Threshold(None, 1.5, "m"))


def world(steps=(), **more):
    condition = replace(above("high", 3, 2.5, **more), seasons=(SUMMER,))
    one = hazard([condition], {1: "high"}, steps=steps, checks=("gap", "range"))
    streams = [stream(f"S{n}", interval=MINUTE, hard_max=50.0, soft_max=40.0) for n in range(3)]
    return replace(site(streams, one), timezone="UTC")


def ticks(begin, *seconds):
    """Readings of somebody else: records by which received time goes on."""
    return [row(begin + s, 0.1, "S2") for s in seconds]


def bank_of(**more):
    return Bank(world(**more), 0, 1)


def around(border, value, *seconds, last=-30):
    return numbered([row(border + last, value, "S0"), *ticks(border, *seconds)])


@pytest.mark.parametrize("steps", [(), [("mean", {"over": MINUTE})]])
def test_a_season_begins_and_the_last_value_is_beyond_its_threshold(steps):
    before = [row(MAY - s, 2.2, "S0") for s in (150, 120, 90, 60)]
    (signal,) = bank_of(steps=steps).handle(numbered([*before, *around(MAY, 2.2, -20, -10, 5)])).signals
    (on,) = signal.triggers
    assert (on.edge, on.time, on.value, on.threshold) == ("on", MAY * SECOND, 2.2, 2.0)
    assert signal.received == MAY * SECOND


def test_a_season_ends_and_the_last_value_is_below_what_clears():
    told = edges(bank_of().handle(around(OCTOBER, 2.2, -20, 5)))
    assert told == [("on", "high", OCTOBER - 30), ("off", "high", OCTOBER)]


def test_what_both_thresholds_say_the_same_of_is_not_told_anew():
    assert edges(bank_of().handle(around(MAY, 4, -20, 5))) == [("on", "high", MAY - 30)]
    assert edges(bank_of().handle(around(MAY, 1, -20, 5))) == []


def test_who_is_silent_or_lost_is_not_judged():
    silent = bank_of().handle(around(MAY, 2.2, -100, -50, 5, last=-300))
    assert edges(silent) == []
    rows = numbered([row(MAY - 50, 2.2, "S0"), row(MAY - 40, 99, "S0"), *ticks(MAY, -30, 5)])
    assert "on" not in [t.edge for t in triggers(bank_of().handle(rows))]


def test_a_wait_begins_with_the_season():
    told = edges(bank_of(hold=MINUTE).handle(around(MAY, 2.2, -20, 5, 50, 70)))
    assert told == [("on", "high", MAY + 60)]


@pytest.mark.parametrize(("measured", "received"), [(-60, -60), (-90, -20)])
def test_a_wait_that_the_season_breaks_is_not_over_at_its_border(measured, received):
    """Neither when it would have ended with it, nor when its end by the reading's time is already past."""
    rows = [row(OCTOBER + measured, 2.2, "S0", received=OCTOBER + received), *ticks(OCTOBER, -10, 5, 100)]
    assert edges(bank_of(hold=MINUTE).handle(numbered(rows))) == []


def test_a_wait_that_the_season_does_not_break_ends_under_its_threshold():
    (on,) = triggers(bank_of(hold=MINUTE).handle(around(MAY, 4, -20, 5, 40)))
    assert (on.edge, on.time, on.threshold) == ("on", (MAY + 30) * SECOND, 2.0)


def test_what_was_measured_before_midnight_and_comes_after_it_lowers_nothing():
    rows = around(MAY, 2.2, -20, 5)
    rows += [row(MAY - 5, 2.2, "S0", received=MAY + 6), row(MAY + 30, 2.2, "S0")]
    assert edges(bank_of().handle(numbered(rows))) == [("on", "high", MAY)]


def night():
    rows = []
    for border in (MAY, OCTOBER):
        rows += [row(border - 90, 2.2, "S0"), row(border - 60, 2.6, "S1"), *ticks(border, -50, -20, 3, 40)]
        rows += [row(border - 5, 2.3, "S1", received=border + 45), row(border + 50, 2.2, "S0"), *ticks(border, 60, 200)]
    return numbered(rows)


def said(bank, rows):
    return [msgspec.json.encode(signal) for signal in bank.handle(rows).signals]


@pytest.mark.parametrize("hold", [0, MINUTE])
def test_any_split_gives_the_same(hold):
    whole, rows = said(bank_of(hold=hold), night()), night()
    assert len(whole) > 3
    for cut in range(1, len(rows)):
        bank = bank_of(hold=hold)
        assert said(bank, rows[:cut]) + said(bank, rows[cut:]) == whole
    bank = bank_of(hold=hold)
    assert [one for some in rows for one in said(bank, [some])] == whole


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_when_it_says_the_same(seed):
    """Values, latencies and holds at random; any split, and any restart with chunks of different age."""
    chance, rows = random.Random(seed), []
    more = {"hold": chance.choice([0, 20 * SECOND, MINUTE]), "steps": chance.choice([(), [("mean", {"over": MINUTE})]])}
    for border in (MAY, OCTOBER):
        found = [(border + s, chance.randint(0, 80)) for s in sorted(chance.sample(range(-200, 200), 60))]
        coming = sorted((at + late, at) for at, late in found)
        values = [(at, received, chance.choice([1, 1.7, 2.2, 2.6, 3.3, 45, 99])) for received, at in coming]
        rows += [row(at, v, f"S{chance.randint(0, 1)}", received=received) for at, received, v in values]
    rows = numbered(rows)
    whole = said(bank_of(**more), rows)
    assert len(whole) > 5
    for cut in sorted(chance.sample(range(4, len(rows)), 6)):
        bank, early = bank_of(**more), cut - chance.randint(0, 3)
        before = said(bank, rows[:early])
        older = bank.save_chunk(0, 1)
        before += said(bank, rows[early:cut])
        newer, rest = bank.save_chunk(1, 2), bank.save_rest()
        assert before + said(bank, rows[cut:]) == whole, cut
        again = bank_of(**more)
        again.load_rest(rest, cut)
        again.load_chunk(older, 0, early)
        again.load_chunk(newer, 1, cut)
        assert before + said(again, rows[early:]) == whole, cut


@pytest.mark.parametrize("behind", [0, 1, 3])
def test_restored_anywhere_it_says_the_same(behind):
    """One chunk is older than the rest: what lies between is read again."""
    rows = night()
    for cut in range(behind + 1, len(rows)):
        bank, early = bank_of(), cut - behind
        bank.handle(rows[:early])
        older = bank.save_chunk(0, 1)
        if behind:
            bank.handle(rows[early:cut])
        newer, rest = bank.save_chunk(1, 2), bank.save_rest()
        again = bank_of()
        again.load_rest(rest, cut)
        again.load_chunk(older, 0, early)
        again.load_chunk(newer, 1, cut)
        assert said(again, rows[early:]) == said(bank, rows[cut:]), cut
