"""A datastream that gives nothing but suspect values is in doubt; a zone with nobody to be trusted is unknown."""

import random
from dataclasses import replace

import pytest

from streams.core.assess import Assessor
from streams.core.decode import decode
from streams.core.detect import Bank as PlainBank
from streams.models.observation import Tick
from streams.models.signal import Checked, Triggered
from streams.models.site import CHECKS
from streams.models.times import MINUTE, SECOND
from tests.core.record_streams import Source, checked_site, seeded_site
from tests.core.runs import Bank, row
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream
from tests.core.test_columns_through_bank import bytes_of, chunks_of, encoded, restored
from tests.core.test_coverage import coverage_of, said


def gauges(count=1, *, checks=CHECKS, **more):
    flood = hazard(FOUR, FOUR_LEVELS, checks=checks)
    settings = {"interval": MINUTE, "soft_max": 2.0, **more}
    return site([stream(f"S{n}", **settings) for n in range(count)], flood)


def offered(*parts):
    """Rows and ticks in the order of time, numbered."""
    found = sorted((one for part in parts for one in part), key=lambda one: one.received)
    return [
        Tick(offset, one.received) if isinstance(one, Tick) else row(
            one.time / SECOND, one.value, one.station, offset=offset, status=one.status, received=one.received / SECOND
        )
        for offset, one in enumerate(found)
    ]  # fmt: skip


def each(seconds, value, station="S0", every=60, **more):
    return [row(at, value, station, **more) for at in range(*seconds, every)]


def ticks(until):
    return [Tick(0, second * SECOND) for second in range(until)]


def edges(the_site, records, outage=10 * SECOND):
    bank = Bank(the_site, 0, 1, outage=outage)
    signals = [one for record in records for one in bank.handle([record]).signals]
    return [
        (t.station, t.edge, t.check, s.received // SECOND)
        for s in signals if isinstance(s, Triggered) for t in s.triggers if t.edge in ("doubt", "trust")
    ]  # fmt: skip


def test_nothing_but_suspect_values_for_three_intervals_is_doubt_and_one_good_value_is_trust():
    records = offered(each((0, 300), 1), each((300, 900), 2.5), each((900, 1200), 1), ticks(1200))
    assert edges(gauges(), records) == [("S0", "doubt", "range_soft", 480), ("S0", "trust", "", 900)]


def test_values_that_flap_about_a_limit_are_no_doubt():
    rows = [row(at, 2.5 if at % 120 else 1.0, "S0") for at in range(0, 1800, 60)]
    assert edges(gauges(), offered(rows, ticks(1800))) == []


def test_the_end_of_the_range_is_no_doubt():
    records = offered(each((0, 1200), 3), ticks(1200))
    assert edges(gauges(soft_max=None, range_max=3.0), records) == []


@pytest.mark.parametrize("more", [{"soft_max": 2.0}, {"soft_max": 2.0, "stuck_for": 5 * MINUTE}])
def test_the_end_of_the_range_is_no_doubt_whatever_else_is_said_of_it(more):
    records = offered(each((0, 300), 1), each((300, 360), 2.5), each((360, 3600), 3), ticks(3600))
    assert edges(gauges(range_max=3.0, **more), records) == []


def test_the_end_of_the_range_is_no_trust_either():
    parts = each((0, 600), 2.5), each((600, 1200), 3), each((1200, 1260), 2.5), each((1260, 1500), 1)
    assert edges(gauges(range_max=3.0), offered(*parts, ticks(1500))) == [
        ("S0", "doubt", "range_soft", 180), ("S0", "trust", "", 1260),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_doubts_about_the_end_of_the_range_are_the_same_in_any_split(seed):
    r = random.Random(seed)
    values = [v for _ in range(60) for v in [r.choice([1, 2.5, 2.5, 3, 3])] * r.choice([1, 2, 3, 4])]
    records = offered([row(60 * n, value, "S0") for n, value in enumerate(values)])
    the_site, found = gauges(range_max=3.0, checks=CHECKS), []
    for size in (1, 7, len(records)):
        bank = Bank(the_site, 0, 1, outage=9 * MINUTE)
        signals = [s for at in range(0, len(records), size) for s in bank.handle(records[at : at + size]).signals]
        found.append([(t.edge, s.received) for s in signals for t in s.triggers if t.edge in ("doubt", "trust")])
    assert found[0] == found[1] == found[2]
    assert found[0]


def test_without_an_interval_ten_minutes_count():
    records = offered(each((60, 1200), 2.5), ticks(1200))
    assert edges(gauges(interval=None), records) == [("S0", "doubt", "range_soft", 660)]


def test_an_outage_does_not_count():
    records = offered(each((0, 60), 1), each((60, 121), 2.5), [Tick(0, 121 * SECOND), Tick(0, 4_000 * SECOND)])
    assert edges(gauges(), records) == []


def test_a_zone_is_unknown_when_all_that_are_left_are_in_doubt():
    the_site = gauges(3)
    good, bad = each((0, 300), 1, "S0"), each((300, 900), 2.5, "S0")
    lost = each((0, 60), 1, "S1")  # and nothing more; S2 is never heard
    commands = said(the_site, offered(good, bad, lost, each((900, 960), 1), ticks(960)))
    assert [(*one[:2], c.time) for one, c in zip(coverage_of(commands), by_time(commands), strict=True)] == [
        ("coverage:flood:Z1", "Alert", "1970-01-01T00:08:00.000+00:00"),
        ("coverage:flood:Z1", "Cancel", "1970-01-01T00:15:00.000+00:00"),
    ]


def by_time(commands):
    return [c for c in commands if (c.subject or "").startswith("coverage")]


def test_who_was_never_heard_is_not_there():
    commands = said(gauges(2), ticks(300))
    assert coverage_of(commands) == [("coverage:flood:Z1", "Alert", "yellow", 1)]
    (first, second) = commands
    assert (first.subject, first.level, len(first.evidence)) == ("health:Z1", "blue", 2)
    assert second.time == "1970-01-01T00:03:00.000+00:00"


def test_where_all_is_an_exercise_nobody_is_waited_for_who_was_never_heard():
    assert said(replace(gauges(2), exercise=True), ticks(300)) == []


def test_a_check_that_a_hazard_does_not_ask_for_is_nothing_to_it():
    records = offered(each((0, 900), 2.5), ticks(900))
    assert len(coverage_of(said(gauges(), records))) == 1
    rain = hazard(FOUR[:1], {1: "b"}, name="rain", checks=("range",))
    both = gauges(checks=("gap",))
    both = site([*both.datastreams.values()], *both.hazards.values(), rain)
    assert [one[0] for one in coverage_of(said(both, records))] == ["coverage:rain:Z1"]


def test_five_hundred_in_doubt_behind_one_gateway_are_one_command():
    parts = [each((0, 900), 2.5, f"S{n}", every=180) for n in range(500)]
    commands = said(gauges(500), offered(*parts, ticks(900)))
    assert len(coverage_of(commands)) == 1


def word(number, quality, check="neighbour", station="S0"):
    return Checked(f"c{number}", "Z1", "Actual", station, "water_level", number, quality, 0, number * SECOND, check)


def test_who_is_doubted_by_neighbours_is_not_to_be_trusted_either():
    assessor = Assessor(gauges(2), 0, 1)
    health = assessor.health
    assert health.checked(word(1, 3)) == []
    (unknown,) = health.checked(word(2, 3, "drift", "S1"))
    assert (unknown.subject, unknown.msg_type) == ("coverage:flood:Z1", "Alert")
    again = Assessor(gauges(2), 0, 1)
    again.load({key: value for key, value in assessor.save().items() if value is not None})
    for one in (assessor, again):
        (back,) = one.health.checked(word(3, 1, ""))
        assert (back.msg_type, back.version) == ("Cancel", 2)


@pytest.mark.parametrize("seed", [1, 4, 5, 7])
@pytest.mark.parametrize("world", [seeded_site, checked_site])
def test_any_split_gives_the_same_bytes(seed, world):
    r = random.Random(seed)
    the_site = world(r)
    records = calm(the_site, r)
    cuts = sorted(r.sample(range(1, len(records)), 4))
    whole = bytes_of(PlainBank(the_site, 0, 1), records, [], [])
    assert bytes_of(PlainBank(the_site, 0, 1), records, cuts, [r.randint(0, 99) for _ in range(3)]) == whole
    assert bytes_of(PlainBank(the_site, 0, 1), records, range(1, len(records)), range(1, 50)) == whole


@pytest.mark.parametrize("seed", range(300, 306))
def test_a_killed_bank_goes_on_with_the_same_doubts(seed):
    r = random.Random(seed)
    the_site, size = checked_site(r), r.choice([1, 3, 100])
    records = calm(the_site, r)
    bank = PlainBank(the_site, 0, 1)
    chunks, upto = chunks_of(bank, records, sorted(r.sample(range(1, len(records)), 5)), r, size)
    rest = bank.save_rest()
    again = restored(the_site, 10 * SECOND, chunks, rest, upto)
    whole = chunks.keys() >= set(range(0, bank.slots_used, size))
    start = min(as_of for as_of, _ in chunks.values()) if whole else 0
    expected = encoded(bank.handle(decode("readings", 0, 1, [one for one in records if one.offset >= upto])[0]))
    found = again.handle(decode("readings", 0, 1, [one for one in records if one.offset >= start])[0])
    assert encoded(found) == expected


def calm(the_site, r):
    source = Source(r, the_site)
    source.calm = True
    return source.records(400)


def test_these_streams_have_doubts():
    found = ""
    for seed in (4, 5, 7):
        r = random.Random(seed)
        the_site = checked_site(r)
        found += str(bytes_of(PlainBank(the_site, 0, 1), calm(the_site, r), [], []))
    assert found.count('"doubt"') > 5
    assert found.count('"trust"') > 2
