"""The Bank: what a partition yields is a function of its records in offset order; batch borders have no part."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.slots import NEVER
from streams.models.observation import Tick
from streams.models.site import Input, Step
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.runs import Bank, numbered, row
from tests.core.sites import FOUR, FOUR_LEVELS, above, absent, hazard, site, stream


def bank_of(*hazards, streams=None):
    return Bank(site(streams or [stream()], *hazards), 0, 1)


def ticks(first, last):
    """One a second, as the owner of a silent partition sends them; the offset is the second."""
    return [Tick(second, second * SECOND) for second in range(first, last + 1)]


def edges(out):
    return [(t.edge, t.condition, t.time // SECOND) for s in out.signals for t in s.triggers]


def test_a_threshold_rises_and_falls_with_hysteresis():
    bank = bank_of(hazard([above("high", 3, 2.8)], {1: "high"}))
    out = bank.handle(numbered([row(0, 2.9), row(60, 3.0), row(120, 2.8), row(180, 2.79), row(240, 2.9)]))
    assert edges(out) == [("on", "high", 60), ("off", "high", 180)]
    assert out.signals[0].triggers[0].value == 3.0
    assert out.signals[0].source.position == (1, 0, 0)
    assert out.signals[0].passed == {"flood|S1|Actual": 60 * SECOND}


def test_one_row_that_crosses_all_levels_is_one_signal():
    out = bank_of(hazard(FOUR, FOUR_LEVELS)).handle(numbered([row(0, 1), row(60, 9)]))
    assert len(out.signals) == 1
    assert [t.condition for t in out.signals[0].triggers] == ["b", "o", "r", "y"]


def test_a_hold_is_fulfilled_by_a_later_reading_at_its_end():
    bank = bank_of(hazard([above("high", 3, 2, hold=10 * MINUTE)], {1: "high"}))
    out = bank.handle(numbered([row(0, 3), row(300, 4), row(900, 1)]))
    assert edges(out) == [("on", "high", 600), ("off", "high", 900)]
    assert [s.source.n for s in out.signals] == [0, 1]
    assert out.signals[0].triggers[0].value == 4  # not the value that came after


def test_a_hold_is_fulfilled_by_received_time_alone():
    bank = bank_of(hazard([above("high", 3, 2, hold=10 * MINUTE)], {1: "high"}))
    out = bank.handle([row(0, 3), Tick(1, 599 * SECOND), Tick(2, 600 * SECOND)])
    assert edges(out) == [("on", "high", 600)]
    assert out.signals[0].source.position == (2, 0, 0)


def test_a_hold_is_broken_by_a_value_below_but_not_by_a_missing_one():
    bank = bank_of(hazard([above("high", 3, 2, hold=10 * MINUTE)], {1: "high"}))
    assert not edges(bank.handle(numbered([row(0, 3), row(300, 2.5), row(400, 3), row(601, 3)])))
    other = bank_of(hazard([above("high", 3, 2, hold=10 * MINUTE)], {1: "high"}))
    assert edges(other.handle(numbered([row(0, 3), row(300, None), row(600, 3)]))) == [("on", "high", 600)]


def test_silence_is_three_intervals_of_received_time_and_ends_with_a_value():
    gauge = stream(interval=60 * SECOND)
    bank = bank_of(hazard(FOUR, FOUR_LEVELS, checks=("gap",)), streams=[gauge])
    out = bank.handle([row(0, 1), *ticks(1, 500)])
    assert edges(out) == [("lost", "", 0)]
    assert out.signals[0].triggers[0].check == "gap"
    assert out.signals[0].source.position == (180, 0, 0)
    assert edges(bank.handle([row(501, None, offset=501), row(505, 1, offset=502)])) == [("back", "", 505)]


def test_a_time_in_which_nobody_could_write_is_nobodys_silence():
    gauge = stream(interval=60 * SECOND)
    bank = bank_of(hazard(FOUR, FOUR_LEVELS, checks=("gap",)), streams=[gauge])
    records = [row(0, 1), *ticks(1, 100)]
    records += [Tick(t.offset, t.received + 3600 * SECOND) for t in ticks(101, 300)]  # the broker was away for an hour
    (silence,) = bank.handle(records).signals
    assert silence.received == (180 + 3601) * SECOND  # the time between the two ticks around it does not count


def test_silence_is_not_judged_without_the_check_or_an_interval():
    for gauge, checks in ((stream(interval=60 * SECOND), ()), (stream(), ("gap",))):
        bank = bank_of(hazard(FOUR, FOUR_LEVELS, checks=checks), streams=[gauge])
        assert not edges(bank.handle([row(0, 1), Tick(1, 9000 * SECOND)]))


def test_an_absence_condition_goes_on_and_off():
    bank = bank_of(hazard([absent("gone", 30 * MINUTE)], {1: "gone"}))
    assert edges(bank.handle([row(0, 1), *ticks(1, 1800)])) == [("on", "gone", 1800)]
    assert edges(bank.handle([row(1801, 1, offset=1801)])) == [("off", "gone", 1801)]


def test_an_impossible_value_is_lost_not_believed():
    gauge = stream(hard_max=100.0, hard_min=-10.0)
    bank = bank_of(hazard(FOUR, FOUR_LEVELS, checks=("range",)), streams=[gauge])
    out = bank.handle(numbered([row(0, 999), row(60, 998), row(120, 7)]))
    assert edges(out)[0] == ("lost", "", 0)
    assert sorted(edges(out)[1:]) == [("back", "", 120), *(("on", name, 120) for name in "bory")]
    assert out.checks["range_hard"] == 2


def test_a_saturated_value_counts_as_the_range_limit_and_is_suspect():
    gauge = stream(range_max=5.0)
    out = bank_of(hazard(FOUR, FOUR_LEVELS, checks=("range",)), streams=[gauge]).handle(
        numbered([row(0, 1), row(60, 7)])
    )
    triggers = out.signals[0].triggers
    assert [t.condition for t in triggers] == ["b", "o", "y"]
    assert {(t.value, t.quality, t.check) for t in triggers} == {(5.0, 3, "saturated")}


def test_stuck_is_suspect_but_a_rest_value_may_stay():
    gauge = stream(stuck_for=10 * MINUTE)
    h = hazard(FOUR, FOUR_LEVELS, checks=("stuck",))
    out = bank_of(h, streams=[gauge]).handle(numbered([row(60 * i, 1.5) for i in range(20)]))
    assert out.checks == {"stuck": 10}
    assert bank_of(h, streams=[gauge]).handle(numbered([row(60 * i, 0) for i in range(20)])).checks == {}


def test_a_future_stamp_is_flagged_and_never_advances_time():
    bank = bank_of(hazard(FOUR, FOUR_LEVELS))
    out = bank.handle(numbered([row(0, 1), row(600, 7, received=10), row(20, 1, received=20)]))
    assert out.checks == {"future": 1}
    first = out.signals[0].triggers[0]
    assert (first.edge, first.time, first.quality, first.check) == ("on", 10 * SECOND, 3, "future")
    assert out.signals[-1].triggers[0].edge == "off"


def test_late_rows_have_no_effect_on_a_sequential_latch():
    out = bank_of(hazard(FOUR, FOUR_LEVELS)).handle(numbered([row(60, 1), row(30, 9, received=61)]))
    assert out.checks == {"late": 1}
    assert not out.signals


def test_repeats_have_no_effect_and_conflicts_are_rejected():
    rows = [row(0, 1), row(60, 2), row(0, 1, received=61), row(60, 5, received=62), row(60, 2, received=63)]
    out = bank_of(hazard(FOUR, FOUR_LEVELS)).handle(numbered(rows))
    assert out.repeats == 2
    assert [(r.offset, reject.reason, reject.found) for r, reject in out.rejects] == [(3, "conflict", "5 m")]


def test_a_given_id_makes_a_resend_idempotent():
    rows = [row(0, 1, ident="a"), row(0, 1, ident="a", received=1), row(5, 1, ident="a", received=6)]
    out = bank_of(hazard(FOUR, FOUR_LEVELS)).handle(numbered(rows))
    assert out.repeats == 1
    assert [reject.reason for _, reject in out.rejects] == ["conflict"]


def test_what_belongs_nowhere_is_rejected_with_what_would_be_right():
    bank = bank_of(hazard(FOUR, FOUR_LEVELS))
    out = bank.handle(numbered([row(0, 1, "S9"), row(0, 1, prop="rain"), row(0, 1, unit="kg"), row(0, 1)]))
    assert [reject.reason for _, reject in out.rejects] == ["unknown_station", "unknown_property", "wrong_unit"]
    assert out.rejects[1][1].expected == "one of: water_level"
    assert out.accepted == 1


def test_units_are_converted_and_a_threshold_hit_exactly_counts():
    h = hazard([above("high", 3, 2.5, unit="[ft_i]")], {1: "high"})
    out = bank_of(h).handle(
        numbered([row(0, 2.9, unit="[ft_i]"), row(60, 3, unit="[ft_i]"), row(120, 91.44, unit="cm")])
    )
    assert edges(out) == [("on", "high", 60)]


def test_status_is_part_of_the_slot():
    out = bank_of(hazard(FOUR, FOUR_LEVELS)).handle(numbered([row(0, 7, status="Exercise"), row(0, 1)]))
    assert {s.status for s in out.signals} == {"Exercise"}


def test_sightings_tell_of_new_peaks_and_at_least_every_ten_minutes():
    out = bank_of(hazard(FOUR, FOUR_LEVELS)).handle(
        numbered([row(0, 6), row(60, 6.05), row(120, 6.2), row(180, 6.2), row(720, 6.1)])
    )
    seen = [(t.time // SECOND, t.value, t.peak) for s in out.signals for t in s.triggers if t.edge == "sighting"]
    assert [s for s in seen if s[0] == 120] == [(120, 6.2, 6.2)] * 4
    assert {s[0] for s in seen} == {120, 720}


def test_a_good_value_that_confirms_a_doubtful_one_is_a_sighting():
    gauge = stream(soft_max=6.5)
    h = hazard(FOUR, FOUR_LEVELS, checks=("range",))
    out = bank_of(h, streams=[gauge]).handle(numbered([row(0, 7), row(60, 6.4)]))
    assert [(t.edge, t.quality) for t in out.signals[1].triggers] == [("sighting", 1)] * 4


def rain():
    inputs = {"rain": Input("rain", "rain", "mm", (Step("sum", {"over": HOUR}),))}
    wet = above("wet", 50, 40, unit="mm", of="rain")
    return hazard([wet], {1: "wet"}, name="rain", subject="zone", inputs=inputs)


def test_an_accumulation_takes_late_rows_and_a_window_with_gaps_never_lowers():
    gauge = stream(prop="rain", unit="mm", interval=10 * MINUTE)
    bank = bank_of(rain(), streams=[gauge])
    rows = [row(0, 20, prop="rain"), row(1200, 20, prop="rain"), row(600, 20, prop="rain", received=1201)]
    out = bank.handle(numbered(rows))
    assert edges(out) == [("on", "wet", 1200)]
    later = bank.handle([row(9000, 0, prop="rain", offset=3)])
    assert [e for e, *_ in edges(later)] == ["sighting"]  # the hour before is not known: no `off`


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_bank_knows_only_the_stations_of_its_partition(partitions):
    streams = [stream(f"S{i}") for i in range(20)]
    one = site(streams, hazard(FOUR, FOUR_LEVELS))
    found = [s.station for p in range(partitions) for s in Bank(one, p, partitions).streams]
    assert sorted(found) == sorted(s.station for s in streams)


def everything():
    """A site with every kind of wait and window."""
    streams = [
        stream("A", interval=30 * SECOND, soft_max=8.0, hard_max=50.0, stuck_for=90 * SECOND),
        stream("B", interval=60 * SECOND, range_max=7.0),
        stream("C", prop="rain", unit="mm", interval=30 * SECOND),
    ]
    inputs = {
        "stage": Input("stage", "water_level", "m"),
        "rise": Input("rise", "water_level", "m/h", (Step("rate", {"over": 60 * SECOND}),)),
    }
    conditions = [
        *FOUR,
        above("long", 3, 2, hold=45 * SECOND),
        above("fast", 60, 30, unit="m/h", of="rise"),
        absent("gone", 100 * SECOND),
    ]
    levels = {
        1: {"any": ["b", "long", "gone"]},
        2: {"any": ["y", "fast"]},
        3: "o",
        4: {"vote": {"of": "r", "at_least": 2}},
    }
    flood = hazard(
        conditions, levels, checks=("range", "stuck", "gap"), inputs=inputs, subject="zone", after=60 * SECOND
    )
    wet = hazard(
        [above("wet", 5, 4, unit="mm", of="rain")], {2: "wet"}, name="rain", subject="zone",
        inputs={"rain": Input("rain", "rain", "mm", (Step("sum", {"over": 60 * SECOND}),))}, checks=("gap",),
    )  # fmt: skip
    return site(streams, flood, wet)


EVERYTHING = everything()


@st.composite
def records(draw):
    """Rows and ticks in offset order: gaps, repeats, late, future, missing and impossible values."""
    found, now = [], 1_000.0
    for offset in range(draw(st.integers(1, 40))):
        now += draw(st.sampled_from([0, 0, 1, 5, 30, 200]))
        kind = draw(st.integers(0, 9))
        if kind == 0:
            found.append(Tick(offset, round(now * SECOND)))
            continue
        station, prop = draw(st.sampled_from([("A", "water_level"), ("B", "water_level"), ("C", "rain")]))
        value = draw(st.sampled_from([None, 0, 1, 2.5, 2.9, 3, 3.6, 4.4, 5, 6, 7.5, 9, 99]))
        at = now + draw(st.sampled_from([0, 0, 0, 0, -3, -40, 500]))
        found.append(row(at, value, station, prop, offset=offset, received=now))
    return found


@settings(max_examples=60, deadline=None)
@given(records(), st.lists(st.integers(0, 40), max_size=6), st.sampled_from([NEVER, 10 * SECOND]))
def test_any_split_into_batches_gives_the_same_bytes(recs, cuts, outage):
    def outcome(borders):
        bank, signals, rejects = Bank(EVERYTHING, 0, 1, outage=outage), [], []
        for start, end in zip([0, *borders], [*borders, len(recs)], strict=True):
            out = bank.handle(recs[start:end])
            signals += out.signals
            rejects += sorted((reject.offset, reject.reason) for _, reject in out.rejects)
        return [msgspec.json.encode(x) for x in (signals, rejects, bank.progress(), bank.take_latest())]

    borders = sorted(min(c, len(recs)) for c in cuts)
    assert outcome(borders) == outcome([]) == outcome(list(range(1, len(recs))))
