"""The Assessor: alerts from signals, as SEMANTICS says, in whatever order partitions are heard."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.assess import Assessor
from streams.core.slots import NEVER
from streams.models.observation import Tick
from streams.models.partition import partition_of
from streams.models.signal import Act, Progress, Reported, Source, decode_signal
from streams.models.site import Condition, ReportCondition, Threshold
from streams.models.times import HOUR, MINUTE, SECOND, format_time
from tests.core.runs import Bank, changes, numbered, row, run
from tests.core.sites import FOUR, FOUR_LEVELS, above, hazard, site, stream


def at(second):
    return format_time(round(second * SECOND))


def said(commands):
    return [(c.msg_type, c.reason, c.level, c.version) for c in commands if c.kind == "alert"]


def one(*conditions, levels=None, streams=None, **more):
    return site(streams or [stream()], hazard(list(conditions) or FOUR, levels or FOUR_LEVELS, **more))


def test_up_at_once_down_by_levels_and_ended():
    commands, _ = run(one(), [row(0, 1), row(60, 3), row(120, 6), row(180, 4), row(240, 1)])
    assert said(commands) == [
        ("Alert", "first", "blue", 1),
        ("Update", "level_up", "red", 2),
        ("Update", "level_down", "yellow", 3),
        ("Cancel", "ended", None, 4),
    ]
    assert commands[0].alert == "flood:S1:19700101T000100Z"
    assert [c.references for c in commands] == [[c.id for c in commands[:n]] for n in range(4)]
    assert commands[-1].severity == "Moderate"
    assert commands[1].time == at(120)
    assert commands[1].evidence[0].rule == "flood/red"


def test_lowering_waits_and_what_comes_back_in_time_was_never_lowered():
    rows = [row(0, 6), row(600, 4), row(1200, 6), row(1800, 4), row(5400, 4)]
    commands, _ = run(one(after=HOUR), rows)
    assert changes(commands) == [(at(0), None, "red"), (at(5400), "red", "yellow")]


def test_a_lowering_is_dated_when_its_time_was_over_not_when_data_came():
    commands, _ = run(one(after=HOUR), [row(0, 3), row(600, 1), row(9000, 3)])
    assert changes(commands) == [(at(0), None, "blue"), (at(4200), "blue", None), (at(9000), None, "blue")]
    assert commands[-1].reason == "first"  # the reopening hour (4200 + 3600) was over


def test_coming_back_within_the_reopening_time_is_the_same_alert():
    commands, _ = run(one(), [row(0, 3), row(60, 1), row(3659, 3)])
    assert said(commands)[-1] == ("Alert", "reopened", "blue", 3)
    assert len({c.alert for c in commands}) == 1
    commands, _ = run(one(), [row(0, 3), row(60, 1), row(3660, 3)])
    assert said(commands)[-1] == ("Alert", "first", "blue", 1)


def test_the_reopening_time_is_over_by_what_comes_back_also_when_others_lag():
    the_site = one(streams=[stream("S1", subject="R"), stream("S2", subject="R")], reopen=3 * MINUTE)
    # published faster than it was measured: S2 says nothing of the three minutes, and they have not been received
    rows = [row(0, 1, "S2", received=900), row(0, 3, received=900), row(60, 1, received=902)]
    commands, _ = run(the_site, [*rows, row(240, 3, received=903)])
    assert said(commands)[-1] == ("Alert", "first", "blue", 1)


def test_a_broken_sensor_does_not_end_the_reopening_time_when_readings_come_late():
    """Nothing good is heard since: that has the time when it was received, and tells of no later measurement."""
    streams = [stream("S1", subject="R"), stream("S2", subject="R", hard_max=50.0)]
    rows = [row(0, 1, "S2", received=9000), row(0, 3, received=9000), row(60, 1, received=9002)]
    lost = row(90, 99, "S2", received=9003)
    the_site = one(streams=streams, reopen=3 * MINUTE, checks=("range",))
    commands, _ = run(the_site, [*rows, lost, row(120, 3, received=9004)])
    assert said(commands)[-1] == ("Alert", "reopened", "blue", 3)


def test_again_within_the_same_second_is_never_a_second_alert_of_one_name():
    commands, _ = run(one(reopen=0), [row(0, 3), row(0.2, 1), row(0.4, 3)])
    assert [c.version for c in commands] == [1, 2, 3]
    assert len({c.id for c in commands}) == 3


def test_a_person_ends_where_the_file_says_so_and_the_timer_only_proposes():
    commands, _ = run(one(end="person"), [row(0, 3), row(60, 1)])
    assert said(commands)[-1] == ("Update", "repeat", "blue", 2)
    assert commands[-1].proposed == "ended"
    commands, _ = run(one(end="person"), [row(0, 3), row(60, 1), row(120, 4)])
    assert said(commands)[-1] == ("Update", "level_up", "yellow", 3)
    commands, _ = run(one(end="person"), [row(0, 3), row(60, 1), row(120, 3)])
    assert said(commands)[-1] == ("Update", "repeat", "blue", 3)
    assert commands[-1].proposed is None


def act(kind, by, ident, **more):
    return Act(id=ident, zone="Z1", kind=kind, by=by, **more)


def after_red(**more):
    """A red alert whose conditions are over, waiting for persons."""
    the_site = one(end_red="person", **more)
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    commands = []
    for signal in bank.handle(numbered([row(0, 6), row(60, 1)])).signals:
        commands += assessor.handle(signal, signal.received)
    return assessor, commands


def test_red_is_ended_by_two_different_persons():
    assessor, commands = after_red()
    alert = commands[-1].alert
    first = assessor.handle(act("end", "Li", "1", alert=alert), 100 * SECOND)
    assert said(first) == [("Update", "repeat", "red", 3)]
    assert not [c for c in assessor.handle(act("end", "Li", "2", alert=alert), 110 * SECOND) if c.msg_type == "Cancel"]
    second = assessor.handle(act("end", "Wang", "3", alert=alert), 120 * SECOND)
    assert said(second)[-1][:3] == ("Cancel", "ended", None)
    assert second[-1].by == "Li, Wang"


def test_the_second_person_has_ten_minutes():
    assessor, commands = after_red()
    alert = commands[-1].alert
    assessor.handle(act("end", "Li", "1", alert=alert), 100 * SECOND)
    late = assessor.handle(act("end", "Wang", "2", alert=alert), 100 * SECOND + 11 * MINUTE)
    assert not [c for c in late if c.msg_type == "Cancel"]


def test_an_acknowledgement_holds_for_its_level_and_repeats_mean_nothing():
    the_site = one()
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    (signal,) = bank.handle([row(0, 3)]).signals
    (first,) = assessor.handle(signal, SECOND)
    (ack,) = assessor.handle(act("ack", "Li", "1", alert=first.alert, note="seen"), 2 * SECOND)
    assert (ack.msg_type, ack.reason, ack.by, ack.note, ack.acknowledged_by) == (
        "Ack",
        "acknowledged",
        "Li",
        "seen",
        "Li",
    )
    assert assessor.handle(act("ack", "Li", "1", alert=first.alert), 3 * SECOND) == []
    (signal,) = bank.handle([row(60, 6, offset=1)]).signals
    (up,) = assessor.handle(signal, 60 * SECOND)
    assert up.acknowledged_by is None


def test_withdrawn_is_a_cancel_and_only_more_opens_it_again():
    the_site = one()
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    commands = []
    for signal in bank.handle([row(0, 3)]).signals:
        commands += assessor.handle(signal, SECOND)
    commands += assessor.handle(act("withdraw", "Li", "1", alert=commands[0].alert), 2 * SECOND)
    for signal in bank.handle([row(700, 3.2, offset=1), row(760, 4, offset=2)]).signals:
        commands += assessor.handle(signal, signal.received)
    assert said(commands)[1:] == [("Cancel", "withdrawn", None, 2), ("Alert", "reopened", "yellow", 3)]


def test_a_silence_marks_and_a_higher_level_breaks_through():
    the_site = one()
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    (signal,) = bank.handle([row(0, 3)]).signals
    assessor.handle(signal, SECOND)
    silence = act("silence", "Li", "s1", max_level=2, ends=1000 * SECOND)
    (marked,) = assessor.handle(silence, 2 * SECOND)
    assert (marked.reason, marked.muted_by) == ("repeat", ["s1"])
    (signal,) = bank.handle([row(60, 5, offset=1)]).signals
    (up,) = assessor.handle(signal, 60 * SECOND)
    assert (up.reason, up.muted_by) == ("level_up", [])
    (signal,) = bank.handle([row(120, 3, offset=2)]).signals
    (down,) = assessor.handle(signal, 120 * SECOND)
    assert down.muted_by == ["s1"]
    (lifted,) = (c for c in assessor.handle(Tick(9, 1000 * SECOND), 1000 * SECOND) if c.kind == "alert")
    assert (lifted.reason, lifted.muted_by) == ("unmuted", [])


@pytest.mark.parametrize("late", [0, 1, 60])
def test_a_silence_that_ends_with_a_renewal_says_so(late):
    """Whoever has to be called hears of it by `unmuted`: a renewal alone calls nobody."""
    the_site = one()
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    (signal,) = bank.handle([row(0, 3)]).signals
    assessor.handle(signal, 0)
    end = 4 * HOUR + 2 * SECOND  # two thirds of six hours after the mark was told
    assessor.handle(act("silence", "Li", "s1", max_level=2, ends=end), 2 * SECOND)
    now = end + late * SECOND
    found = assessor.handle(Progress(0, 9, now), now) + assessor.handle(Tick(9, now), now)
    assert [(c.reason, c.muted_by) for c in found if c.kind == "alert"] == [("unmuted", [])]


def test_a_silence_of_red_needs_a_second_person_and_lasts_two_hours():
    the_site = one()
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    (signal,) = bank.handle([row(0, 6)]).signals
    assessor.handle(signal, SECOND)
    assert not assessor.handle(act("silence", "Li", "s1", max_level=4, ends=99 * HOUR), 2 * SECOND)
    assert not assessor.handle(act("approve", "Li", "s2", silence="s1"), 3 * SECOND)
    (muted,) = assessor.handle(act("approve", "Wang", "s3", silence="s1"), 4 * SECOND)
    assert muted.muted_by == ["s1"]
    (again,) = (c for c in assessor.handle(Tick(8, 16 * MINUTE), 16 * MINUTE) if c.kind == "alert")
    assert (again.reason, again.muted_by) == ("repeat", ["s1"])  # announced again every 15 minutes
    found = assessor.handle(Tick(9, 3 * HOUR), 3 * HOUR)
    assert "unmuted" in [c.reason for c in found]


def test_an_unapproved_silence_of_red_mutes_nothing_at_all():
    the_site = one()
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    (signal,) = bank.handle([row(0, 3)]).signals
    assessor.handle(signal, SECOND)
    assert assessor.handle(act("silence", "Li", "s1", max_level=4, ends=99 * HOUR), 2 * SECOND) == []


def test_an_acknowledgement_does_not_stop_the_renewal():
    the_site = one(expires=3 * HOUR)
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    (signal,) = bank.handle([row(0, 3)]).signals
    (first,) = assessor.handle(signal, SECOND)
    assessor.handle(act("ack", "Li", "1", alert=first.alert), 2 * SECOND)
    bank.handle([row(7300, 3, offset=1)])
    reasons = [c.reason for c in assessor.handle(bank.progress(), 7300 * SECOND) if c.kind == "alert"]
    assert reasons == ["repeat"]


def test_what_waits_for_a_person_is_said_until_it_is_done():
    assessor, commands = after_red()
    assert commands[-1].proposed == "ended"
    (ack,) = assessor.handle(act("ack", "Li", "1", alert=commands[-1].alert), 61 * SECOND)
    assert ack.proposed == "ended"


def test_an_exercise_act_never_touches_an_actual_alert():
    assessor, commands = after_red()
    acted = act("ack", "Li", "1", alert=commands[-1].alert, status="Exercise")
    assert [c for c in assessor.handle(acted, 61 * SECOND) if c.kind == "alert"] == []


def test_two_persons_must_say_the_same():
    assessor, commands = after_red()
    alert = commands[-1].alert
    assessor.handle(act("end", "Li", "1", alert=alert), 61 * SECOND)
    other = assessor.handle(act("withdraw", "Wang", "2", alert=alert), 62 * SECOND)
    assert (other[0].msg_type, other[0].proposed) == ("Update", "withdrawn")
    done = assessor.handle(act("withdraw", "Li", "3", alert=alert), 63 * SECOND)
    assert (done[0].reason, done[0].by) == ("withdrawn", "Wang, Li")


def test_a_report_that_agrees_lifts_the_cap_on_a_doubtful_value():
    stage = above("high", 20, 15, unit="%")
    calls_too = hazard(
        [stage, ReportCondition("calls", ("gas_smell",), 1, HOUR)],
        {2: "calls", 4: "high"}, name="gas", subject="source", prop="gas", unit="%", checks=("range",),
    )  # fmt: skip
    the_site = site([stream("G1", "gas", "%", soft_max=19.0)], calls_too)
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    commands = []
    for signal in bank.handle([row(0, 30, "G1", "gas")]).signals:
        commands += assessor.handle(signal, SECOND)
    commands += assessor.handle(report(5, "a"), 5 * SECOND)
    assert [c.level for c in commands] == ["yellow", "red"]


def test_a_station_without_the_attribute_leaves_the_condition_unknown():
    top = Condition("top", "stage", "above", Threshold("crest", 0.0, "m"))
    dry = hazard([top, above("b", 3)], {1: "b", 2: {"not": "top"}})
    commands, _ = run(site([stream()], dry), [row(0, 4)])
    assert [c.level for c in commands] == ["blue"]


def test_silence_of_a_sensor_keeps_its_level_and_never_lowers():
    gauge = stream(interval=60 * SECOND)
    the_site = one(streams=[gauge], checks=("gap",), after=HOUR)
    bank, assessor = Bank(the_site, 0, 1, outage=NEVER), Assessor(the_site, 0, 1)
    commands = []
    records = [row(0, 6), row(60, 1, offset=1), Tick(2, 5 * HOUR)]
    for signal in bank.handle(records).signals:
        commands += assessor.handle(signal, signal.received)
    commands += assessor.handle(bank.progress(), 5 * HOUR)
    assert changes(commands) == [(at(0), None, "red")]
    assert [c.headline["en"] for c in commands if c.kind == "health"] == [
        "1 monitoring point in Zone Z1 silent: S1",
        "Flood in Zone Z1 is unknown: no monitoring point that can be trusted",
    ]
    for minute in range(62):  # the lowering time begins when good data is back
        for signal in bank.handle([row(6 * 3600 + 60 * minute, 1, offset=3 + minute)]).signals:
            commands += assessor.handle(signal, signal.received)
        commands += assessor.handle(bank.progress(), bank.received)
    assert changes(commands)[-1] == (at(7 * 3600), "red", None)
    assert [c.level for c in commands if c.kind == "health"] == ["blue", "yellow", None, None]


def test_a_station_lost_while_its_alert_is_on_is_marked_and_said():
    gauge = stream(interval=60 * SECOND)
    the_site = one(streams=[gauge], checks=("gap",))
    bank, assessor = Bank(the_site, 0, 1, outage=NEVER), Assessor(the_site, 0, 1)
    commands = []
    for signal in bank.handle([row(0, 6), Tick(1, 300 * SECOND)]).signals:
        commands += assessor.handle(signal, signal.received)
    (first, marked) = (c for c in commands if c.kind == "alert")
    assert (marked.reason, marked.level) == ("repeat", "red")
    assert {(e.quality, e.check) for e in marked.evidence} == {(2, "gap")}
    assert {(e.quality, e.check) for e in first.evidence} == {(1, "")}


@pytest.mark.parametrize("on", ["S1", "S2", "S3"])
def test_one_of_several_that_are_lost_together_is_marked_all_the_same(on):
    """A gateway falls silent: which of its stations comes last in the signal must not matter."""
    streams = [stream(name, subject="R", interval=60 * SECOND) for name in ("S1", "S2", "S3")]
    the_site = one(streams=streams, checks=("gap",))
    bank, assessor = Bank(the_site, 0, 1, outage=NEVER), Assessor(the_site, 0, 1)
    commands = []
    rows = numbered([*(row(0, 6 if s.station == on else 1, s.station) for s in streams), Tick(3, 300 * SECOND)])
    for signal in bank.handle(rows).signals:
        commands += assessor.handle(signal, signal.received)
    (_, marked) = (c for c in commands if c.kind == "alert")
    assert (marked.reason, marked.level) == ("repeat", "red")
    assert [(e.station, e.quality, e.check) for e in marked.evidence] == [(on, 2, "gap")]


def test_a_hold_that_is_over_brings_no_silent_station_back():
    """Its time runs on without a reading; the station is lost all the same, and what is on there is marked."""
    gauge = stream(interval=60 * SECOND)
    conditions = [above("soon", 1), above("later", 2, hold=5 * MINUTE)]
    the_site = one(*conditions, levels={1: "soon", 2: "later"}, streams=[gauge], checks=("gap",))
    bank, assessor = Bank(the_site, 0, 1, outage=NEVER), Assessor(the_site, 0, 1)
    commands = []
    for signal in bank.handle([row(0, 3), Tick(1, 240 * SECOND), Tick(2, 400 * SECOND)]).signals:
        commands += assessor.handle(signal, signal.received)
    alerts = [c for c in commands if c.kind == "alert"]
    assert [(c.reason, c.level) for c in alerts] == [("first", "blue"), ("repeat", "blue"), ("level_up", "yellow")]
    assert [{(e.quality, e.check) for e in c.evidence} for c in alerts] == [{(1, "")}, {(2, "gap")}, {(2, "gap")}]


def test_five_hundred_silent_stations_of_a_zone_are_one_command():
    streams = [stream(f"S{i:03}", interval=60 * SECOND) for i in range(500)]
    the_site = one(streams=streams, checks=("gap",))
    bank, assessor = Bank(the_site, 0, 1, outage=NEVER), Assessor(the_site, 0, 1)
    bank.handle(numbered([row(0, 1, s.station) for s in streams]))
    commands = []
    for signal in bank.handle([Tick(500, 200 * SECOND)]).signals:
        commands += assessor.handle(signal, signal.received)
    assert [c.subject for c in commands] == ["health:Z1", "coverage:flood:Z1"]
    assert "500 monitoring points" in commands[0].headline["en"]


def test_a_doubtful_value_raises_at_most_the_cap_until_a_second_station_agrees():
    streams = [stream(s, subject="R", soft_max=5.5) for s in ("A", "B")]
    the_site = one(streams=streams, checks=("range",))
    commands, _ = run(the_site, [row(0, 1, "A"), row(0, 1, "B"), row(60, 7, "A"), row(120, 7, "B")])
    assert changes(commands) == [(at(60), None, "yellow"), (at(120), "yellow", "red")]
    assert commands[0].certainty == "Possible"


def test_a_doubtful_value_alone_still_raises_when_only_red_exists():
    the_site = site([stream(soft_max=5.5)], hazard([above("r", 6, 5)], {4: "r"}, checks=("range",)))
    commands, _ = run(the_site, [row(0, 7)])
    assert changes(commands) == [(at(0), None, "yellow")]


def test_red_has_no_ceiling_but_one_evidence_update_in_five_minutes():
    rows = [row(60 * i, 6 + 0.2 * i) for i in range(12)]
    commands, _ = run(one(), rows)
    told = [(c.time, c.reason) for c in commands]
    assert told == [(at(0), "first"), (at(60), "evidence"), (at(360), "evidence"), (at(660), "evidence")]


def test_an_alert_that_is_on_is_said_again_at_two_thirds_of_its_expiry():
    rows = [row(60 * i, 3) for i in range(300)]
    commands, _ = run(one(expires=3 * HOUR), rows)
    assert [(c.reason, c.time) for c in commands] == [
        ("first", at(0)), ("repeat", at(7200)), ("repeat", at(14400)),
    ]  # fmt: skip
    assert changes(commands) == [(at(0), None, "blue")]


def calls(at_least=3, within=30 * MINUTE):
    high = above("high", 20, 15, unit="%", of="stage")
    many = ReportCondition("calls", ("gas_smell",), at_least, within)
    return hazard(
        [high, many], {2: {"any": ["high", "calls"]}, 4: "calls"}, name="gas", subject="source", prop="gas", unit="%"
    )


def report(second, who, *, origin="citizen", lon=None, lat=None):
    source = Source("reports", 0, round(second), 0, 0)
    time = round(second * SECOND)
    return Reported(f"r{second}", source, time, "Z1", "Actual", "gas_smell", origin, time, who, lon=lon, lat=lat)


def test_three_callers_raise_at_most_yellow_and_it_passes():
    the_site = site([stream("G1", "gas", "%"), stream("G2", "gas", "%")], calls())
    assessor = Assessor(the_site, 0, 1)
    commands = []
    for second, who in ((1, "a"), (2, "a"), (3, "b"), (4, "c")):
        commands += assessor.handle(report(second, who), second * SECOND)
    assert {(c.subject, c.level, c.reports) for c in commands} == {("G1", "yellow", 3), ("G2", "yellow", 3)}
    assert assessor.handle(report(4, "c"), 5 * SECOND) == []  # a repeat


def test_a_report_with_a_position_concerns_the_nearest_source():
    places = [stream("G1", "gas", "%", lon=0.1, lat=0.1), stream("G2", "gas", "%", lon=0.9, lat=0.9)]
    assessor = Assessor(site(places, calls(at_least=1)), 0, 1)
    (command,) = assessor.handle(report(1, "a", origin="department", lon=0.8, lat=0.8), SECOND)
    assert (command.subject, command.level) == ("G2", "red")


def test_repeats_of_a_source_are_dropped():
    the_site = one()
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    (signal,) = bank.handle([row(0, 3)]).signals
    assert len(assessor.handle(signal, SECOND)) == 1
    assert assessor.handle(signal, SECOND) == []
    assert assessor.repeats == 1


def test_exercise_and_actual_do_not_touch_each_other():
    commands, _ = run(one(), [row(0, 3, status="Exercise"), row(60, 6), row(120, 1, status="Exercise")])
    assert [(c.status, c.level, c.alert.endswith(":exercise")) for c in commands] == [
        ("Exercise", "blue", True), ("Actual", "red", False), ("Exercise", None, True),
    ]  # fmt: skip
    assert commands[0].headline["zh"].startswith("【演练】")


# -- several partitions ------------------------------------------------------------------------------------------------

NAMES = [f"S{i}" for i in range(8)]


def voting(**more):
    streams = [stream(name, subject="R", interval=None) for name in NAMES]
    low = Condition("low", "stage", "below", FOUR[0].thr_on)
    levels = {
        1: "b",
        2: {"all": ["y", "b"]},
        3: {"vote": {"of": "y", "at_least": 2}},
        4: {"vote": {"of": "o", "at_least": 3}},
    }
    return site(streams, hazard([*FOUR, low], levels, **more))


def final(assessor):
    return {
        key: (
            subject.raw,
            sorted((k, latch.on, latch.since if latch.on else 0) for k, latch in subject.picture.latches.items()),
        )
        for key, subject in assessor.subjects.items()
    }


def arrive(the_site, rows, partitions, seed, recorded=None):
    """Partitions are read at different speeds; progress is told now and then; at the end by all."""
    chance = random.Random(seed)
    banks = [Bank(the_site, p, partitions) for p in range(partitions)]
    queues = [
        numbered([msgspec.structs.replace(r) for r in rows if partition_of(r.station.encode(), partitions) == p])
        for p in range(partitions)
    ]
    assessor, now = Assessor(the_site, 0, partitions), 0
    commands = []

    def tell(signal):
        nonlocal now
        now += 1000
        if recorded is not None:
            recorded.append((msgspec.json.encode(signal), now))
        commands.extend(assessor.handle(signal, now))

    while any(queues):
        p = chance.choice([i for i in range(partitions) if queues[i]])
        batch = [queues[p].pop(0) for _ in range(min(chance.randint(1, 5), len(queues[p])))]
        for signal in banks[p].handle(batch).signals:
            tell(signal)
        if chance.random() < 0.5:
            tell(banks[p].progress())
    end = max(r.received for r in rows) + HOUR
    for p, bank in enumerate(banks):
        bank.handle([Tick(10_000 + p, end)])
        tell(bank.progress())
    return assessor, commands


@st.composite
def many_rows(draw):
    second, found = 0, []
    for _ in range(draw(st.integers(5, 60))):
        second += draw(st.integers(1, 90))
        found.append(row(second, draw(st.sampled_from([1, 3.2, 4.2, 5.2, 6.2])), draw(st.sampled_from(NAMES))))
    return found


@settings(max_examples=60, deadline=None)
@given(many_rows(), st.integers(0, 1000), st.sampled_from([2, 3, 16]))
def test_once_all_progress_has_passed_the_picture_is_that_of_the_sorted_replay(rows, seed, partitions):
    the_site = voting()
    bank, sorted_one = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    best = 0
    for signal in bank.handle(numbered(rows)).signals:
        sorted_one.handle(signal, signal.received)
        best = max([best, *(s.raw for s in sorted_one.subjects.values())])
    live, commands = arrive(the_site, rows, partitions, seed)
    assert final(live) == final(sorted_one)
    worst = max([0, *(["blue", "yellow", "orange", "red"].index(c.level) + 1 for c in commands if c.level)])
    assert worst >= best  # may have raised earlier or higher, never less


@settings(max_examples=40, deadline=None)
@given(many_rows(), st.integers(0, 1000))
def test_replaying_the_recorded_signals_gives_the_same_commands(rows, seed):
    the_site = voting(after=10 * MINUTE)
    recorded = []
    _, commands = arrive(the_site, rows, 3, seed, recorded)
    again = Assessor(the_site, 0, 3)
    replayed = [c for value, received in recorded for c in again.handle(decode_signal(value), received)]
    assert msgspec.json.encode(replayed) == msgspec.json.encode(commands)


@settings(max_examples=40, deadline=None)
@given(many_rows(), st.lists(st.integers(0, 60), max_size=5))
def test_one_partition_gives_the_same_changes_for_any_batches_and_any_received_times(rows, cuts):
    the_site = voting(after=5 * MINUTE, reopen=10 * MINUTE)
    commands, _ = run(the_site, rows)
    borders = [0, *sorted(min(c, len(rows)) for c in cuts)]
    again, _ = run(the_site, rows, borders)
    assert changes(again) == changes(commands)
    assert [c.alert for c in again] == [c.alert for c in commands]


@pytest.mark.parametrize("after", [0, 300])
def test_values_inside_the_hysteresis_band_never_flap(after):
    chance = random.Random(1)
    rows = [row(0, 3), *(row(60 * i, chance.uniform(2.5, 3.99)) for i in range(1, 200))]
    commands, _ = run(one(after=after * SECOND), rows)
    assert changes(commands) == [(at(0), None, "blue")]
