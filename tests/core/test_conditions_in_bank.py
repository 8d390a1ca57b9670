"""Conditions beyond one threshold: units of transforms, forecasts, seasons, so many of the newest readings, events."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from streams.config import load
from streams.core.slots import NEVER
from streams.models.site import Condition, Forecast, Input, Season, Step, Threshold
from streams.models.times import DAY, HOUR, MINUTE, SECOND
from tests.config import samples
from tests.core.runs import Bank, numbered, row
from tests.core.sites import above, below, hazard, site, stream


def bank_of(*conditions, inputs=None, streams=None, subject="station", timezone="UTC"):
    names = {c.name for c in conditions}
    one = hazard(conditions, {1: {"any": sorted(names)}}, inputs=inputs, subject=subject)
    world = site(streams or [stream()], one, zones=("Z1", "Z2"))
    return Bank(replace(world, timezone=timezone), 0, 1)


def triggers(out):
    return [t for s in out.signals for t in s.triggers]


def edges(out):
    return [(t.edge, t.condition, t.time // SECOND) for t in triggers(out)]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# -- units ---------------------------------------------------------------------------------------------------------


def test_a_part_gets_values_in_its_unit_and_says_in_which_its_answer_is():
    of = {"index": Input("index", "pm25", "1", (Step("iaqi", {}),))}
    bank = bank_of(above("bad", 100, 90, unit="1", of="index"), inputs=of, streams=[stream(prop="pm25", unit="mg/m3")])
    (on,) = triggers(bank.handle(numbered([row(0, 0.02, prop="pm25"), row(3600, 0.08, prop="pm25")])))
    assert (on.time, on.unit, on.reading) == (3600 * SECOND, "1", 0.08)
    assert on.value > 100


def test_a_difference_has_no_zero_point():
    of = {"fall": Input("fall", "air", "[degF]", (Step("drop", {"over": HOUR}),))}
    bank = bank_of(above("cold", 18, 17, unit="[degF]", of="fall"), inputs=of, streams=[stream(prop="air", unit="Cel")])
    out = bank.handle(numbered([row(0, 20, prop="air"), row(60, 11, prop="air"), row(120, 10, prop="air")]))
    assert [(t.time // SECOND, t.value) for t in triggers(out)] == [(120, 18.0)]


def test_a_level_of_a_step_is_in_the_unit_of_its_input():
    of = {"days": Input("days", "air", "d", (Step("days_over", {"level": 35.0, "utc_offset": 0}, "Cel"),))}
    bank = bank_of(above("hot", 2, unit="d", of="days"), inputs=of, streams=[stream(prop="air", unit="[degF]")])
    rows = [row(h * 3600, 100 if h % 24 == 15 else 80, prop="air") for h in range(1, 48)]
    assert edges(bank.handle(numbered(rows)))[:1] == [("on", "hot", 39 * 3600)]


def test_one_of_several_answers_is_picked():
    steps = (Step("forecast", {"level": 2.0, "horizon": HOUR}, "m"),)
    of = {"lead": Input("lead", "water_level", "min", steps, output="lead")}
    bank = bank_of(below("soon", 30, 60, unit="min", of="lead"), inputs=of)
    rows = [row(60 * m, m / 60, received=60 * m) for m in range(1, 120)]
    (on,) = [t for t in triggers(bank.handle(numbered(rows))) if t.edge == "on"]
    assert on.time // MINUTE in (90, 91)
    assert on.value == pytest.approx(30, abs=0.5)


def test_a_level_keeps_its_unit_where_the_reporting_interval_sets_the_longest_gap():
    steps = (Step("forecast", {"level": 2.0, "horizon": HOUR, "over": HOUR}, "m"),)
    of = {"lead": Input("lead", "water_level", "min", steps, output="lead")}
    soon = below("soon", 30, 60, unit="min", of="lead")
    bank = bank_of(soon, inputs=of, streams=[stream(unit="cm", interval=MINUTE)])
    rows = [row(60 * m, m / 0.6, received=60 * m) for m in range(1, 120)]
    (on,) = [t for t in triggers(bank.handle(numbered(rows))) if t.edge == "on"]
    assert on.time // MINUTE in (90, 91)


def test_the_answer_that_is_picked_is_what_other_steps_build_upon():
    lead = Step("forecast", {"level": 2.0, "horizon": HOUR}, "m", output="lead")
    of = {"least": Input("least", "water_level", "min", (lead, Step("extreme", {"over": HOUR, "how": "min"})))}
    soon = below("soon", 30, 60, unit="min", of="least")
    bank = bank_of(soon, inputs=of, streams=[stream(interval=MINUTE)])
    rows = [row(60 * m, m / 60, received=60 * m) for m in range(1, 120)]
    (on,) = [t for t in triggers(bank.handle(numbered(rows))) if t.edge == "on"]
    assert on.time // MINUTE in (90, 91)
    assert on.value == pytest.approx(30, abs=0.5)


@pytest.mark.parametrize(("output", "days"), [("aqi", [1, 2, 3]), ("primary", [])])
def test_days_of_an_index_that_is_made_of_several(tmp_path, output, days):
    text = (samples.CORPUS / "good" / "hazard-output-built-upon.yaml").read_text("utf-8")
    path = tmp_path / "hazard-x.yaml"
    path.write_text(text.replace("output: aqi", f"output: {output}").replace("at_least: 3 d", "at_least: 1 d"), "utf-8")
    read = load(samples.folder_with(tmp_path, path)).site.hazards["flood"]
    one = replace(read, subject="station", conditions={"long": read.conditions["long"]}, levels={1: "long"}, checks=())
    units = {"pm25": "ug/m3", "pm10": "ug/m3", "so2": "ug/m3", "no2": "ug/m3", "co": "mg/m3", "o3": "ug/m3"}
    bank = Bank(site([stream(prop=name, unit=unit) for name, unit in units.items()], one), 0, 1)
    start = at("2026-04-30T16:00:00")
    rows = [row(start + 3600 * h, 300.0 if p == "pm25" else 1.0, prop=p) for h in range(1, 80) for p in units]
    assert sorted({t.value for t in triggers(bank.handle(numbered(rows)))}) == days


# -- forecasts -----------------------------------------------------------------------------------------------------


def ahead(**more):
    level = Threshold("warning_level", -50.0, "cm")
    return Condition("soon", "stage", "above", level, level, forecast=Forecast(HOUR, 0.6, 30 * MINUTE), **more)


def test_a_forecast_knows_the_level_of_its_station():
    streams = [stream(s, attributes={"warning_level": (level, "m")}) for s, level in (("S1", 2.5), ("S2", 9.0))]
    bank = bank_of(ahead(), streams=[*streams, stream("S3")])
    rows = [row(60 * m, min(m, 75) / 60, s) for m in range(1, 140) for s in ("S1", "S2", "S3")]
    on, off = [t for t in triggers(bank.handle(numbered(rows))) if t.edge != "sighting"]
    assert (on.edge, on.station, on.threshold, on.unit, on.comparison) == ("on", "S1", 2.0, "m", ">=")
    assert 58 * MINUTE < on.time < 66 * MINUTE
    assert on.value == pytest.approx(on.time / HOUR)
    assert on.score >= 0.6
    assert on.lead == pytest.approx((2.0 - on.value) * 3600, rel=0.05)
    assert (off.edge, off.score < 0.48) == ("off", True)


# -- seasons -------------------------------------------------------------------------------------------------------


def summer():
    season = Season((5, 1), (9, 30), Threshold(None, 2.0, "m"), Threshold(None, 1.5, "m"))
    return Condition("high", "stage", "above", Threshold(None, 3.0, "m"), Threshold(None, 2.5, "m"), seasons=(season,))


def test_thresholds_change_by_the_sites_calendar():
    bank = bank_of(summer(), timezone="Asia/Shanghai")
    rows = [row(at("2026-04-30T15:59:59"), 2.2), row(at("2026-04-30T16:00:00"), 2.2)]
    (on,) = triggers(bank.handle(numbered(rows)))
    assert (on.time / SECOND, on.threshold, on.clear) == (at("2026-04-30T16:00:00"), 2.0, 1.5)


def test_what_is_on_is_judged_by_the_thresholds_of_the_new_season():
    bank = bank_of(summer())
    rows = [row(at("2026-09-30T23:00:00"), 2.2), row(at("2026-10-01T01:00:00"), 2.2)]
    out = bank.handle(numbered(rows))
    assert [(t.edge, t.threshold) for t in triggers(out)] == [("on", 2.0), ("off", 3.0)]


def test_seasons_over_the_new_year_and_a_leap_day():
    winter = Season((11, 1), (2, 28), Threshold(None, 1.0, "m"), Threshold(None, 1.0, "m"))
    bank = bank_of(replace(summer(), seasons=(winter,)))
    days = ("2024-02-28T12:00:00", "2024-02-29T12:00:00", "2025-02-28T12:00:00", "2025-03-01T12:00:00")
    out = bank.handle(numbered([row(at(day), 1.5) for day in days]))
    assert [t.edge for t in triggers(out) if t.edge != "sighting"] == ["on", "off", "on", "off"]


# -- so many of the newest readings --------------------------------------------------------------------------------


def test_three_of_five():
    bank = bank_of(above("often", 3, 2, samples=(3, 5)))
    values = [3, 1, 3, None, 1, 3, 2.5, 1, 1, 1]
    out = bank.handle(numbered([row(60 * n, value) for n, value in enumerate(values)]))
    assert edges(out) == [("on", "often", 300), ("off", "often", 480)]


def test_doubtful_readings_do_not_make_it_sure():
    one = hazard([above("often", 3, 2, samples=(2, 3))], {1: "often"}, checks=("range",))
    bank = Bank(site([stream(soft_max=5.0)], one), 0, 1)
    out = bank.handle(numbered([row(60 * n, value) for n, value in enumerate([9, 3, 3])]))
    assert [(t.edge, t.quality) for t in triggers(out)] == [("on", 3), ("sighting", 1)]


def test_what_is_told_has_the_flag_of_its_own_value():
    """A good value has confirmed the condition, which stays so; of the torn off gauge it says that it is suspect."""
    one = hazard([above("high", 3, 2)], {1: "high"}, checks=("range",))
    bank = Bank(site([stream(soft_max=5.0)], one), 0, 1)
    told = triggers(bank.handle(numbered([row(0, 4), row(600, 9), row(1200, 4)])))
    assert [(t.edge, t.value, t.quality, t.check, t.bound, t.confirmed) for t in told] == [
        ("on", 4, 1, "", "", False),
        ("sighting", 9, 3, "range_soft", "soft_max 5 m", True),
        ("sighting", 4, 1, "", "", False),
    ]


def test_what_enough_good_readings_made_sure_is_so_though_the_newest_is_suspect():
    one = hazard([above("often", 3, 2, samples=(2, 4))], {1: "often"}, checks=("range",))
    bank = Bank(site([stream(soft_max=5.0)], one), 0, 1)
    told = triggers(bank.handle(numbered([row(0, 9), row(60, 3), row(120, 3)])))
    assert [(t.edge, t.quality, t.confirmed) for t in told] == [("on", 3, False), ("sighting", 1, False)]


# -- events --------------------------------------------------------------------------------------------------------


def test_what_a_network_sees_goes_to_its_home_zone():
    net = [stream("S1", zone="Z2", group="net", interval=MINUTE), stream("S2", zone="Z1", group="net"), stream("S3")]
    quake = hazard([above("felt", 3, 2)], {1: "felt"}, name="quake", subject="event", checks=("gap", "range"))
    flood = hazard([above("high", 3, 2)], {1: "high"})
    bank = Bank(site(net, quake, flood, zones=("Z1", "Z2")), 0, 1, outage=NEVER)
    out = bank.handle(numbered([row(0, 1, "S1"), row(1, 4, "S2"), row(2, 4, "S3")]))
    assert [(s.zone, t.hazard, t.subject, t.station) for s in out.signals for t in s.triggers] == [
        ("Z1", "flood", "S2", "S2"), ("Z2", "quake", "net", "S2"),
        ("Z1", "flood", "S3", "S3"), ("Z1", "quake", "S3", "S3"),
    ]  # fmt: skip
    assert out.signals[1].passed == {"quake|net|Actual": 0}
    assert sorted(bank.progress(["Z2"]).passed) == ["quake|net|Actual"]
    bank.handle([row(100, 1, "S2", offset=9)])
    lost = [s for s in bank.handle([row(400, 1, "S2", offset=10)]).signals if s.triggers[0].edge == "lost"]
    assert [(s.zone, sorted(s.passed)) for s in lost] == [("Z2", ["flood|S1|Actual", "quake|net|Actual"])]


def test_a_loss_is_heard_where_the_station_is_and_where_the_event_is():
    net = [stream("S1", zone="Z2", group="net"), stream("S2", zone="Z1", group="net", interval=MINUTE)]
    quake = hazard([above("felt", 3, 2)], {1: "felt"}, name="quake", subject="event", checks=("gap",))
    flood = hazard([above("high", 3, 2)], {1: "high"}, checks=("gap",))
    bank = Bank(site(net, quake, flood, zones=("Z1", "Z2")), 0, 1, outage=NEVER)
    out = bank.handle(numbered([row(0, 1, "S2"), row(500, 1, "S1")]))
    heard = [("Z1", ["flood|S2|Actual"]), ("Z2", ["quake|net|Actual"])]
    assert [(s.zone, sorted(s.passed)) for s in out.signals] == heard


# -- doubt that lasts ----------------------------------------------------------------------------------------------


def test_a_doubtful_reading_puts_what_is_told_of_its_day_in_doubt():
    of = {"mean": Input("mean", "water_level", "m", (Step("daily", {"utc_offset": 0}),))}
    one = hazard([above("high", 3, 2, of="mean")], {1: "high"}, inputs=of, checks=("range",))
    bank = Bank(site([stream(soft_max=50.0)], one), 0, 1)
    rows = [row(3600 * h, 60 if h == 2 else 4) for h in range(1, 26)]
    assert {(t.edge, t.quality) for t in triggers(bank.handle(numbered(rows)))} == {("on", 3), ("sighting", 3)}


# -- all of them ---------------------------------------------------------------------------------------------------


def seeded(seed):
    r = random.Random(seed)
    streams = [stream(s, attributes={"warning_level": (2.0, "m")}, soft_max=4.0) for s in ("S1", "S2")]
    conditions = [ahead(), ahead(samples=(2, 3)), summer(), above("often", 2, 1, samples=(3, 5))]
    conditions[1] = replace(conditions[1], name="soon2")
    conditions += [replace(summer(), name="s3", samples=(2, 4)), replace(summer(), name="s4", hold=2 * DAY)]
    one = hazard(conditions, {1: {"any": [c.name for c in conditions]}}, checks=("range",))
    step = r.choice([60, 3600, 86400])
    rows, now, level = [], at("2026-09-29T20:00:00"), 1.0
    for _ in range(120):
        now += step * r.choice([0.1, 1, 1, 2])
        level = max(0.0, level + r.uniform(-0.3, 0.35))
        late = r.choice([0, 0, 0, 0, 5 * step])
        rows.append(row(round(now) - late, r.choice([level] * 9 + [None]), r.choice(["S1", "S2"]), received=round(now)))
    return site(streams, one), numbered(rows), r


@pytest.mark.parametrize("seed", range(20))
def test_batches_and_restarts_make_no_difference(seed):
    world, rows, r = seeded(seed)
    expected = Bank(world, 0, 1).handle(rows).signals
    bank, found, done = Bank(world, 0, 1), [], 0
    while done < len(rows):
        end = done + r.choice([1, 1, 2, 5, 20, 40])
        found += bank.handle(rows[done:end]).signals
        done = min(end, len(rows))
        if r.random() < 0.3:
            chunk, rest = bank.save_chunk(0, 100), bank.save_rest()
            bank = Bank(world, 0, 1)
            bank.load_rest(rest, done)
            bank.load_chunk(chunk, 0, done)
    assert msgspec.json.encode(found) == msgspec.json.encode(expected)
    assert found or seed
