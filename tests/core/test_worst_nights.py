"""Nights on which a warning would have been missed, doubled or never ended: each was found by trying to break it."""

import dataclasses
from dataclasses import replace

import msgspec
import pytest

from streams.core.assess import Assessor
from streams.models.observation import Tick
from streams.models.partition import partition_of
from streams.models.signal import Progress, Reported, Source
from streams.models.site import Input, ReportCondition, Step
from streams.models.times import HOUR, SECOND
from tests.core.runs import Bank, numbered, row, run
from tests.core.sites import FOUR, FOUR_LEVELS, above, absent, hazard, site, stream
from tests.core.test_assess import calls, report

A, B = "S0", next(f"S{i}" for i in range(9) if partition_of(f"S{i}".encode(), 2) != partition_of(b"S0", 2))


def one(*c, levels=None, streams=None, **m):
    return site(streams or [stream()], hazard(list(c) or FOUR, levels or FOUR_LEVELS, **m))


def lv(cs):
    return [(c.previous_level, c.level) for c in changes_(cs)]


def changes_(cs):
    return [c for c in cs if c.kind == "alert" and c.level != c.previous_level]


def feed(a, b, recs, now=None):
    cs = []
    for g in b.handle(recs).signals:
        cs += a.handle(g, now or g.received)
    p = b.progress()
    return cs + a.handle(p, now or p.received)


def triggers(o):
    return [t for g in o.signals for t in g.triggers]


def distinct(o):
    seen = {}
    for t in triggers(o):
        assert seen.setdefault(t.id, msgspec.json.encode(t)) == msgspec.json.encode(t), (t.edge, t.condition, t.time)


def test_future_stamp_in_a_delayed_upload_does_not_silence_the_rest():
    rows = (
        [row(60 * i, 1, received=3600) for i in range(3)]
        + [row(99999, 1, received=3600)]
        + [row(60 * i, 7, received=3600) for i in range(4, 30)]
    )
    assert lv(run(one(), rows)[0]) == [(None, "red")]


def test_doubt_at_a_level_that_the_hazard_lacks_passes():
    s = site([stream(soft_max=5.5)], hazard([above("r", 6, 5)], {4: "r"}, checks=("range",)))
    assert lv(run(s, [row(0, 7), row(60, 1)])[0]) == [(None, "yellow"), ("yellow", None)]


def test_lowering_waits_for_the_subjects_own_partition():
    s = one(streams=[stream(A), stream(B)], after=HOUR)
    banks = {n: Bank(s, partition_of(n.encode(), 2), 2) for n in (A, B)}
    a = Assessor(s, 0, 2)
    cs = feed(a, banks[A], [row(0, 1, A, offset=0)], SECOND) + feed(
        a, banks[B], [row(0, 6, B, offset=0), row(60, 1, B, offset=1)], 60 * SECOND
    )
    for i in range(1, 500):
        cs += feed(a, banks[A], [row(60 + 10 * i, 1, A, offset=i)], (60 + 10 * i) * SECOND)
    cs += feed(a, banks[B], [row(120 + 60 * i, 6.5, B, offset=2 + i) for i in range(80)], 5100 * SECOND)
    assert lv(cs) == [(None, "red")]


def test_after_an_outage_partitions_wait_for_each_other_again():
    s = site(
        [stream(A, subject="R"), stream(B, subject="R")],
        hazard([above("y", 4, 3.5)], {2: "y", 4: {"vote": {"of": "y", "at_least": 2}}}),
    )
    banks = {n: Bank(s, partition_of(n.encode(), 2), 2) for n in (A, B)}
    a = Assessor(s, 0, 2)
    cs = []
    for k in range(5):
        for n in (A, B):
            cs += feed(a, banks[n], [row(k, 1, n, offset=k)], k * SECOND)
    cs += a.handle(Tick(0, 65 * SECOND), 65 * SECOND)
    cs += feed(a, banks[A], [row(t, v, A, offset=10 + t) for t, v in ((10, 4), (20, 1), (30, 1))], 66 * SECOND)
    cs += feed(a, banks[B], [row(t, v, B, offset=10 + t) for t, v in ((15, 4), (25, 1), (30, 1))], 67 * SECOND)
    assert "red" in [c.level for c in cs if c.kind == "alert"]


def test_a_missing_value_before_a_hold_is_over_does_not_make_it_doubtful():
    s = site([stream()], hazard([above("r", 6, 5.5, hold=600 * SECOND)], {4: "r"}, checks=("range",)))
    b, a = Bank(s, 0, 1), Assessor(s, 0, 1)
    cs = feed(a, b, numbered([row(60 * i, 7) for i in range(10)] + [row(570, None), Tick(11, 601 * SECOND)]))
    assert lv(cs) == [(None, "red")]


def test_a_suspect_spike_is_not_confirmed_by_a_value_inside_the_band():
    s = site(
        [stream(soft_max=6.5)], hazard([above("y", 4, 3.5), above("r", 6, 5.5)], {2: "y", 4: "r"}, checks=("range",))
    )
    assert lv(run(s, [row(0, 1), row(60, 7), row(120, 5.6)])[0]) == [(None, "yellow")]


RAIN = [
    above("b", 20, None, unit="mm", of="r"),
    above("o", 50, None, unit="mm", of="r"),
    above("r", 100, None, unit="mm", of="r"),
]


def rain():
    return site(
        [stream("P", "rain", "mm", soft_max=30)],
        hazard(
            RAIN,
            {1: "b", 3: "o", 4: "r"},
            name="rain",
            subject="zone",
            prop="rain",
            unit="mm",
            inputs={"r": Input("r", "rain", "mm", (Step("sum", {"over": HOUR}),))},
            checks=("range",),
        ),
    )


def test_a_suspect_amount_in_a_sum_stays_suspect():
    assert lv(run(rain(), [row(0, 0, "P", "rain"), row(300, 150, "P", "rain"), row(600, 0, "P", "rain")])[0]) == [
        (None, "yellow")
    ]


def test_a_late_suspect_amount_is_suspect():
    assert lv(
        run(rain(), [row(0, 0, "P", "rain"), row(600, 0, "P", "rain"), row(300, 150, "P", "rain", received=601)])[0]
    ) == [(None, "yellow")]


@pytest.mark.parametrize(("remember", "repeats"), [(64, 20), (20, 20), (16, 16)])
def test_a_frame_of_twenty_sent_again_has_no_effect(remember, repeats):
    the_site = replace(one(steps=(("mean", {"over": 1200 * SECOND}),)), remember=remember)
    b = Bank(the_site, 0, 1)
    rows = [row(60 * i, 1 if i < 19 else 12) for i in range(20)]
    b.handle(numbered(rows))
    before = b.chains[0].parts[0].snapshot()
    o = b.handle([msgspec.structs.replace(r, offset=20 + i) for i, r in enumerate(rows)])
    assert (o.accepted, o.repeats, o.signals) == (20 - repeats, repeats, [])
    assert o.checks == ({"late": 20 - repeats} if repeats < 20 else {})
    assert all((b.chains[0].parts[0].snapshot()[name] == column).all() for name, column in before.items())


def test_other_content_is_a_conflict():
    b = Bank(one(), 0, 1)
    b.handle(numbered([row(1000, 1)] + [row(100 + 10 * i, 1, received=1000) for i in range(8)]))
    o = b.handle([row(1000, 6, received=1001, offset=20)])
    assert [r.reason for _, r in o.rejects] == ["conflict"]
    assert not o.signals


def test_late_rain_one_id_one_content():
    rows = [row(3000, 25, "P", "rain")] + [row(100 * i, 10, "P", "rain", received=3000 + i) for i in range(1, 25)]
    distinct(Bank(rain(), 0, 1).handle(numbered(rows)))


def test_future_rows_of_one_millisecond_one_id_one_content():
    distinct(
        Bank(one(), 0, 1).handle(
            numbered(
                [
                    row(0, 1, received=0),
                    row(1000, 3, received=100),
                    row(1001, 1, received=100),
                    row(1002, 3.3, received=100),
                ]
            )
        )
    )


def fast(rows):
    return [msgspec.structs.replace(q, received=10**9 * SECOND + i * 100) for i, q in enumerate(rows)]


def both(s, rows):
    return [[(c.alert, c.time, c.previous_level, c.level) for c in changes_(run(s, r)[0])] for r in (rows, fast(rows))]


def test_hold_over_before_a_lowering_at_max_speed():
    s = site([stream()], hazard([above("b", 3, 3, hold=600 * SECOND)], {1: "b"}, after=HOUR))
    x, y = both(s, [row(t, v) for t, v in ((0, 3), (600, 3), (700, 1), (800, 3), (10000, 3))])
    assert x == y


def test_two_holds_over_in_one_row_at_max_speed():
    s = site(
        [stream()],
        hazard([above("b", 3, 2.5, hold=600 * SECOND), above("r", 6, 5.5, hold=300 * SECOND)], {1: "b", 4: "r"}),
    )
    x, y = both(s, [row(0, 7), row(60, 7), row(1000, 7), row(1060, 1)])
    assert x == y


def test_data_timer_with_a_quiet_datastream_in_another_partition():
    s = site([stream(A, subject="R"), stream(B, subject="R")], hazard(FOUR, FOUR_LEVELS, after=HOUR))
    a = Assessor(s, 0, 2)
    cs = []
    for n in (A, B):
        b = Bank(s, partition_of(n.encode(), 2), 2)
        cs += feed(
            a,
            b,
            [
                *numbered(
                    [row(60 * i, 6 if n == A and i < 10 else 1, n, received=50000 + i * 0.001) for i in range(200)]
                ),
                Tick(999, 50002 * SECOND),
            ],
            60000 * SECOND,
        )
    assert lv(cs) == [(None, "red"), ("red", None)]


def test_lowering_runs_on_good_data_only():
    s = one(streams=[stream(interval=60 * SECOND)], after=HOUR, checks=("gap",))
    b, a = Bank(s, 0, 1, outage=2**62), Assessor(s, 0, 1)
    cs = feed(
        a,
        b,
        numbered(
            [row(0, 6), row(60, 5.4), row(120, 5.4), Tick(3, 3000 * SECOND), Tick(4, 5000 * SECOND), row(5001, 5.4)]
        ),
    )
    assert lv(cs) == [(None, "red")]


def test_a_window_with_missing_values_never_lowers():
    s = site(
        [stream("P", "rain", "mm", interval=300 * SECOND)],
        hazard(
            [above("b", 20, None, unit="mm", of="r")],
            {1: "b"},
            name="rain",
            subject="zone",
            prop="rain",
            unit="mm",
            inputs={"r": Input("r", "rain", "mm", (Step("sum", {"over": 1800 * SECOND}),))},
            checks=("gap",),
        ),
    )
    b, a = Bank(s, 0, 1), Assessor(s, 0, 1)
    cs = [
        c
        for i, v in enumerate([0, 0, 0, 0, 0, 0, 0, 10, 10, 5, None, None, 5, None, None, 5, 5])
        for c in feed(a, b, [row(300 * i, v, "P", "rain", offset=i)])
    ]
    assert lv(cs) == [(None, "blue")]


def test_three_citizens_raise_at_most_yellow_whatever_the_cap():

    a = Assessor(site([stream("G1", "gas", "%")], dataclasses.replace(calls(), suspect_raises_at_most=4)), 0, 1)
    cs = [c for i, w in enumerate("abc") for c in a.handle(report(i + 1, w), (i + 1) * SECOND)]
    assert [c.level for c in cs] == ["yellow"]


def test_each_report_condition_has_its_own_window():
    h = hazard(
        [
            ReportCondition("now", ("gas_smell",), 3, 600 * SECOND),
            ReportCondition("long", ("gas_smell",), 5, 7200 * SECOND),
        ],
        {1: "long", 2: "now"},
        name="gas",
        subject="source",
        prop="gas",
        unit="%",
    )
    a = Assessor(site([stream("G1", "gas", "%")], h), 0, 1)
    assert not [
        c
        for t, w in ((0, "a"), (3000, "b"), (6000, "c"))
        for c in a.handle(report(t, w), t * SECOND)
        if c.kind == "alert"
    ]


def test_an_alert_id_is_never_given_twice():
    s = site([stream("G1", "gas", "%")], calls(at_least=1, within=60 * SECOND))
    a = Assessor(s, 0, 1)
    cs = []

    def rep(rid, t, rec):
        return a.handle(
            Reported(
                rid,
                Source("reports", 0, rec, 0, 0),
                rec * SECOND,
                "Z1",
                "Actual",
                "gas_smell",
                "department",
                t * SECOND,
                rid,
            ),
            rec * SECOND,
        )

    def to(t):
        return a.handle(Progress(0, 0, t * SECOND), t * SECOND)

    cs += (
        rep("a", 3600, 3601) + to(3800) + to(8800) + rep("b", 9000, 9001) + to(9400) + to(14400) + rep("c", 3600, 15000)
    )
    pairs = [(c.alert, c.version) for c in cs if c.kind == "alert"]
    assert len(set(pairs)) == len(pairs)


def test_the_word_that_a_station_is_silent_does_not_make_it_heard():
    """A hazard that also waits for silence ended its alert once a silent station was told of as such."""
    streams = [stream("S1", subject="r1", interval=60 * SECOND), stream("S2", subject="r1", interval=60 * SECOND)]
    conditions = [above("r", 6, 5), absent("dead", 600 * SECOND)]
    s = one(*conditions, levels={4: "r"}, streams=streams, after=HOUR, checks=("gap",))
    rows = [row(0, 1, "S2")] + [row(60 * i, 7 if i < 20 else 1, "S1") for i in range(200)]
    assert lv(run(s, rows)[0]) == [(None, "red")]
