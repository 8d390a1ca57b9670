"""What a person reads below an alert: why it is what it is, and what would change it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from streams.core.assess import Assessor
from streams.core.explain import BECAUSE, CHANGES
from streams.core.explain.conditions import Conditions
from streams.core.explain.phrases import has_been
from streams.core.explain.scene import Scene
from streams.core.explain.words import LONGEST, PARTS, Said, amount, both, figure, lasting
from streams.core.subject import Moment
from streams.models.command import decode_command, encode_command
from streams.models.signal import Trigger
from streams.models.site import Condition, Forecast, Input, ReportCondition, Season, Step, Threshold
from streams.models.times import HOUR, MINUTE
from tests.core.runs import row, run
from tests.core.sites import FOUR, FOUR_LEVELS, above, absent, below, hazard, site, stream


def station(attribute: str, offset: float = 0.0) -> Threshold:
    return Threshold(attribute, offset, "m")


def told(rows, conditions=FOUR, levels=FOUR_LEVELS, streams=None, **more):
    """The newest alert command."""
    known = site(streams or [stream()], hazard(conditions, levels, **more))
    commands, _ = run(known, rows)
    return [c for c in commands if c.kind == "alert"][-1]


def english(command):
    return [one.en for one in command.explanation.would_change]


def chinese(command):
    return [one.zh for one in command.explanation.would_change]


def because(command):
    return [(one.condition, one.en, one.zh) for one in command.explanation.because]


def test_values_and_thresholds_in_both_languages():
    names = {"zh": "桥头站", "en": "Bridge gauge"}
    made = told([row(0, 4.62, "R-014")], streams=[replace(stream("R-014"), name=names)], after=HOUR)
    assert because(made) == [
        ("y", "water level at Bridge gauge is 4.62 m (≥ 4 m)", "桥头站 水位 4.62 m（≥ 4 m）"),
        ("b", "water level at Bridge gauge is 4.62 m (≥ 3 m)", "桥头站 水位 4.62 m（≥ 3 m）"),
    ]
    assert english(made) == [
        "steps down to blue 1 h after water level at Bridge gauge falls below 3.5 m (now 4.62 m)",
        "orange when water level at Bridge gauge reaches 5 m (now 4.62 m)",
        "red when water level at Bridge gauge reaches 6 m (now 4.62 m)",
    ]
    assert chinese(made)[:2] == [
        "桥头站 水位降至 3.5 m 以下（现为 4.62 m），1 小时后降为蓝色",
        "桥头站 水位达到 5 m（现为 4.62 m）时升为橙色",
    ]
    assert [one.level for one in made.explanation.would_change] == ["blue", "orange", "red"]


def test_stations_reports_and_the_version_of_the_rules():
    streams = [stream("S1", subject="R"), stream("S2", subject="R"), stream("S3", subject="R")]
    made = told([row(0, 3.2), row(1, 4.4, "S2")], streams=streams)
    found = made.explanation
    assert (found.stations, found.reports, found.alerts, found.hazard_version) == (2, 0, 0, "sha256:test")
    assert because(made)[-1][1] == "water level at S2 is 4.4 m (≥ 3 m); 1 more"
    assert english(made)[0] == "steps down to blue as soon as water level at S2 falls below 3.5 m (now 4.4 m)"


def test_it_goes_over_the_wire_and_back():
    made = told([row(0, 4.62)])
    assert decode_command(encode_command(made)) == made


def test_thresholds_of_the_station_and_the_nearest_one():
    conditions = [Condition("w", "stage", "above", station("warn", 0.5), station("warn"))]
    near = stream("S1", subject="R", attributes={"warn": (8.0, "m")})
    others = [stream("S2", subject="R", attributes={"warn": (500.0, "cm")}), stream("S3", subject="R")]
    levels = {1: "b", 2: "w"}
    made = told([row(0, 3.4, "S2")], [FOUR[0], *conditions], levels, [near, *others])
    assert english(made)[1] == "yellow when water level at S2 reaches 5.5 m (now 3.4 m)"


def test_where_nothing_can_be_judged_it_says_so():
    conditions = [FOUR[0], Condition("w", "stage", "above", station("historic_maximum"), None)]
    made = told([row(0, 3.2)], conditions, {1: "b", 4: "w"})
    assert english(made)[1] == "red when water level ≥ historic_maximum (cannot be judged now)"


@pytest.mark.parametrize(
    ("condition", "en", "zh"),
    [
        (above("x", 9, hold=10 * MINUTE), "reaches 9 m for 10 min (now 3.2 m)", "达到 9 m，持续 10 分钟（现为 3.2 m）"),
        (above("x", 9, strict=True), "exceeds 9 m (now 3.2 m)", "超过 9 m（现为 3.2 m）"),
        (below("x", 1), "falls to 1 m (now 3.2 m)", "降至 1 m（现为 3.2 m）"),
        (
            above("x", 9, samples=(3, 5)),
            "reaches 9 m in 3 of 5 readings (now 3.2 m)",
            "达到 9 m，5 次中 3 次（现为 3.2 m）",
        ),
        (
            above("x", 9, forecast=Forecast(6 * HOUR, 0.5, HOUR)),
            "is forecast to reach 9 m within 6 h (now 3.2 m)",
            "预计 6 小时内达到 9 m（现为 3.2 m）",
        ),
    ],
    ids=["for", "strict", "below", "samples", "forecast"],
)
def test_what_is_missing(condition: Condition, en: str, zh: str):
    made = told([row(0, 3.2)], [FOUR[0], condition], {1: "b", 4: "x"})
    assert english(made)[1] == f"red when water level at S1 {en}"
    assert chinese(made)[1] == f"S1 水位{zh}时升为红色"


def test_what_is_left_of_a_list_stands_in_no_brackets():
    """Of `all` in an `any` one part lacks: it is no list any more."""
    made = told([row(0, 3.2)], levels={1: "b", 2: {"any": ["o", {"all": ["b", "y"]}]}})
    assert english(made)[1] == (
        "yellow when water level at S1 reaches 5 m (now 3.2 m) or water level at S1 reaches 4 m (now 3.2 m)"
    )


def sighted(clear: float | None) -> Trigger:
    return Trigger("t", "S1", "water_level", "sighting", 0, condition="b", unit="m", threshold=3.0, clear=clear)


def test_between_its_two_thresholds_a_condition_says_that_it_was_beyond():
    """It still holds, but its value is no longer what it asks for: `2.7 m (≥ 3 m)` would be nonsense."""
    said = has_been(above("b", 3, 2.5), "≥ 3 m", sighted(clear=2.5))
    assert said == ("曾 ≥ 3 m，降至 2.5 m 以下才解除", "was ≥ 3 m, is over below 2.5 m")
    assert has_been(below("b", 3, 3.5), "≤ 3 m", sighted(clear=3.5)).en == "was ≤ 3 m, is over above 3.5 m"
    assert has_been(above("b", 3), "≥ 3 m", sighted(clear=None)).en == "was ≥ 3 m"


@pytest.mark.parametrize("value", [None, 3.2, 9.5])
def test_a_forecast_says_that_it_is_one(value: float | None):
    """Also where a hold was over between two readings and no value is known."""
    soon = above("soon", 9, forecast=Forecast(6 * HOUR, 0.5, HOUR), hold=10 * MINUTE)
    known = site([stream()], hazard([soon], {1: "soon"}))
    assessor = Assessor(known, 0, 1)
    for signal in run(known, [row(60 * n, 3 + 0.02 * n) for n in range(120)])[1]:
        assessor.handle(signal, signal.received)
    (subject,) = assessor.subjects.values()
    (latch,) = subject.picture.raised["soon"].values()
    latch.last = structs.replace(latch.last, value=value, score=0.9)
    said = Conditions(Scene(known, ZoneInfo("UTC"), subject, Moment("cause", HOUR, HOUR)))
    if value == 9.5:  # it is there already
        assert said.because(soon) == (
            "S1 水位已达到 9 m（现为 9.5 m）",
            "water level at S1 has reached 9 m (now 9.5 m)",
        )
        return
    zh, en = ("", "") if value is None else ("现为 3.2 m，", "now 3.2 m, ")
    assert said.because(soon).en == f"water level at S1 is forecast to reach 9 m within 6 h ({en}probability 0.9)"
    assert said.because(soon).zh == f"S1 水位预计 6 小时内达到 9 m（{zh}概率 0.9）"
    assert said.to_end(soon).en.startswith("water level at S1 is no longer forecast to reach 9 m within 6 h")
    assert said.label(soon).en == "water level is forecast to reach 9 m within 6 h"


@pytest.mark.parametrize("value", [None, 3.2])
def test_a_forecast_says_the_newest_value_whoever_told_it(value: float | None):
    """What a hold's end tells has none, and a sighting may be ten minutes old: another condition knows better."""
    soon, high = above("soon", 9, forecast=Forecast(6 * HOUR, 0.5, HOUR), hold=10 * MINUTE), above("high", 4)
    known = site([stream()], hazard([soon, high], {1: "soon", 2: "high"}))
    assessor = Assessor(known, 0, 1)
    for signal in run(known, [row(60 * n, 3 + 0.02 * n) for n in range(120)])[1]:
        assessor.handle(signal, signal.received)
    (subject,) = assessor.subjects.values()
    latches = {name: next(iter(found.values())) for name, found in subject.picture.raised.items()}
    latches["soon"].last = structs.replace(latches["soon"].last, value=value, score=0.9)
    newest = latches["soon"].last.time + 1
    latches["high"].last = structs.replace(latches["high"].last, value=6.1, time=newest)
    said = Conditions(Scene(known, ZoneInfo("UTC"), subject, Moment("cause", HOUR, HOUR))).because(soon)
    assert said.en == "water level at S1 is forecast to reach 9 m within 6 h (now 6.1 m, probability 0.9)"


def test_the_season_of_the_day():
    summer = Season((5, 1), (9, 30), Threshold(None, 8, "m"), Threshold(None, 7, "m"))
    winter = Season((12, 1), (2, 28), Threshold(None, 9, "m"), Threshold(None, 7, "m"))  # over the new year
    conditions = [FOUR[0], above("x", 5, seasons=(summer, winter))]
    for days, limit in ((0, "9"), (75, "5"), (150, "8"), (340, "9")):
        made = told([row(days * 86_400, 3.2)], conditions, {1: "b", 4: "x"})
        assert f"reaches {limit} m" in english(made)[1]


def test_derived_quantities_are_named_as_such():
    inputs = {
        "stage": Input("stage", "water_level", "m"),
        "rise": Input("rise", "water_level", "m/h", (Step("rate", {"over": HOUR}),)),
        "odd": Input("odd", "water_level", "1", (Step("sta_lta", {}),)),
    }
    conditions = [FOUR[0], above("fast", 0.5, unit="m/h", of="rise"), above("fire", 2, unit="1", of="odd")]
    made = told([row(0, 3.2)], conditions, {1: "b", 2: "fast", 3: "fire"}, inputs=inputs)
    assert english(made)[1:] == [
        "yellow when water level, rate of change over 1 h at S1 reaches 0.5 m/h",
        "orange when water level (odd) at S1 reaches 2",
    ]


def test_trees_of_rules():
    conditions = [*FOUR, ReportCondition("seen", ("flooding",), 3, 30 * MINUTE)]
    levels = {1: "b", 3: {"all": ["y", {"any": ["o", "seen"]}, "b"]}, 4: {"not": "b"}}
    made = told([row(0, 3.2)], conditions, levels)
    high = "water level at S1 reaches 4 m (now 3.2 m)"
    seen = "3 more people report flooding within 30 min (0 so far)"
    assert english(made)[1:] == [
        f"orange when {high} and (water level at S1 reaches 5 m (now 3.2 m) or {seen})",
        "red when water level at S1 falls below 2.5 m (now 3.2 m)",
    ]


def test_what_ends_a_tree():
    levels = {1: {"all": ["b", "y"]}, 2: {"any": ["b", "y"]}}
    down = english(told([row(0, 4.2)], levels=levels))[0]
    assert down == (
        "ends by itself as soon as water level at S1 falls below 2.5 m (now 4.2 m) and "
        "water level at S1 falls below 3.5 m (now 4.2 m)"
    ).replace("ends by itself", "steps down to blue")


@pytest.mark.parametrize(
    ("rule", "en"),
    [
        (
            {"vote": {"of": "y", "at_least": 2, "within": 5000.0, "during": 10 * MINUTE, "by": "station"}},
            "at least 2 stations with water level ≥ 4 m, within 5 km of each other, within 10 min (0 so far)",
        ),
        (
            {"vote": {"of": {"all": ["b", {"not": "y"}]}, "at_least": 2, "by": "station"}},
            "at least 2 stations with (water level ≥ 3 m and not (water level ≥ 4 m)) (1 so far)",
        ),
        (
            {"vote": {"of": {"sequence": {"of": ["b", "y"], "within": HOUR}}, "at_least": 2, "by": "station"}},
            "at least 2 stations with (water level ≥ 3 m, then water level ≥ 4 m, within 1 h) (0 so far)",
        ),
        (
            {"vote": {"of": {"count": {"of": "b", "at_least": 1, "within": HOUR}}, "at_least": 2, "during": MINUTE}},
            "at least 2 datastreams with (water level ≥ 3 m 1 times within 1 h), within 1 min (1 so far)",
        ),
        (
            {"vote": {"of": {"vote": {"of": "b", "at_least": 2, "by": "station"}}, "at_least": 2, "by": "zone"}},
            "at least 2 zones with (at least 2 stations with water level ≥ 3 m) (0 so far)",
        ),
        (
            {"promote": {"to": 3, "items": {"stage": {1: "b", 2: {"all": ["y", {"not": "o"}]}}}, "counts": {3: 3}}},
            (
                "stage (yellow: (water level ≥ 4 m and not (water level ≥ 5 m))) counted up to orange "
                "(3 yellow make orange)"
            ),
        ),
        (
            {"promote": {"to": 3, "items": {"stage": {1: "b", 2: "y"}}, "counts": {2: 4, 3: 3, 4: 2}}},
            (
                "stage counted up to orange "
                "(4 blue make yellow, 3 yellow make orange, 2 orange make red; now stage 1 blue)"
            ),
        ),
        (
            {"sequence": {"of": ["b", {"any": ["y", "o"]}], "within": 2 * HOUR}},
            "water level ≥ 3 m, then (water level ≥ 4 m or water level ≥ 5 m), within 2 h",
        ),
        ({"count": {"of": "y", "at_least": 3, "within": HOUR}}, "water level ≥ 4 m 3 times within 1 h"),
        (
            {"absence": {"of": "y", "after": "o", "within": 30 * MINUTE}},
            "no water level ≥ 4 m within 30 min after water level ≥ 5 m",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_rules_that_count_or_look_back(rule: dict, en: str):
    made = told([row(0, 3.2)], levels={1: "b", 4: rule})
    assert english(made)[1] == f"red when {en}"
    assert all("，" in zh or zh for zh in chinese(made))
    if en.startswith("stage counted up"):  # of plain conditions: by what its points measure, and how many there are
        assert chinese(made)[1].startswith("水位 按测点数升至橙色（")
        assert "；现有 水位 1 个蓝色）" in chinese(made)[1]


def test_rules_that_stations_answer_for_themselves_in_chinese():
    after = {"sequence": {"of": ["b", "y"], "within": HOUR}}
    made = told([row(0, 3.2)], levels={1: "b", 3: {"vote": {"of": after, "at_least": 2, "by": "station"}}})
    assert chinese(made)[1] == "至少 2 个测站（1 小时内先后 水位 ≥ 3 m，随后水位 ≥ 4 m）（现有 0 个）时升为橙色"
    item = {"promote": {"to": 3, "items": {"stage": {3: after, 1: "b"}}, "counts": {3: 3}}}
    made = told([row(0, 3.2)], levels={1: "b", 3: item})
    assert (
        chinese(made)[1]
        == "stage（橙色：1 小时内先后 水位 ≥ 3 m，随后水位 ≥ 4 m） 按测点数升至橙色（3 个黄色升橙色）时升为橙色"
    )


def test_how_many_stations_there_are_so_far_and_what_ends_it():
    streams = [stream(f"S{n}", subject="R") for n in range(3)]
    after = {"sequence": {"of": ["b", "y"], "within": HOUR}}
    levels = {2: {"vote": {"of": after, "at_least": 1}}, 3: {"vote": {"of": after, "at_least": 3}}}
    made = told([row(60 * m, v, f"S{n}") for n in (0, 1) for m, v in ((n, 3.5), (n + 2, 4.5))], streams=streams,
                levels=levels, after=HOUR)  # fmt: skip
    assert english(made) == [
        (
            "ends by itself 1 h after no longer at least 1 datastreams with "
            "(water level ≥ 3 m, then water level ≥ 4 m, within 1 h)"
        ),
        "orange when at least 3 datastreams with (water level ≥ 3 m, then water level ≥ 4 m, within 1 h) (1 so far)",
    ]


def test_doubtful_values_need_somebody_who_agrees():
    made = told([row(0, 6.5)], streams=[stream(range_max=6.0)], checks=("range",))
    assert made.level == "yellow"
    assert "doubtful: saturated" in because(made)[0][1]
    assert english(made)[1:] == [
        "orange when a second station, a trusted person or good data agrees",
        "red when a second station, a trusted person or good data agrees",
    ]


def test_a_level_that_is_kept_for_its_lowering_time():
    made = told([row(0, 4.2), row(60, 5.2), row(120, 3.2), row(180, 6.2), row(240, 5.2)], after=HOUR)
    assert made.level == "red"
    assert english(made) == ["steps down to orange 1 h after water level at S1 falls below 5.5 m (now 6.2 m)"]
    rows = [row(0, 5.2), row(60, 3.2), row(120, 4.2), row(1000, 4.5), row(2000, 4.6), row(3000, 4.6), row(3660, 4.6)]
    lower = told(rows, after=HOUR)
    assert lower.level == "yellow"
    assert english(lower)[0].startswith("steps down to blue 1 h after")


def test_what_a_person_has_to_do():
    assert english(told([row(0, 3.2)], end="person", after=HOUR))[0].startswith("a person is asked to end it 1 h after")
    over = told([row(0, 3.2), row(60, 1.0)], end="person")
    assert over.proposed == "ended"
    assert english(over)[0] == "its conditions are over; a person has to end it"
    red = told([row(0, 6.2), row(60, 1.0)], end_red="person")
    assert english(red)[0] == "its conditions are over; two people have to end it (it was red)"


def test_an_alert_that_is_over():
    over = told([row(0, 3.2), row(60, 1.0)])
    assert over.level is None
    assert over.explanation.because == []
    assert over.explanation.confidence is None
    assert english(over)[0] == "blue when water level at S1 reaches 3 m (now 1 m)"


def test_silence():
    rows = [row(0, 1.0), row(60, 1.0, "S2"), *(row(t, 1.0, "S2") for t in range(120, 600, 60))]
    streams = [stream("S1", subject="R", interval=MINUTE), stream("S2", subject="R")]
    made = told(rows, [absent("quiet", 5 * MINUTE)], {1: "quiet"}, streams)
    assert because(made)[0][1] == "no water level for 5 min from S1"
    assert english(made)[0] == "ends by itself as soon as S1 reports again"


QUIET = [*FOUR, absent("quiet", 30 * MINUTE)]


@pytest.mark.parametrize(
    "rule",
    [
        {"all": ["b", {"not": "quiet"}]},
        {"all": ["b", {"not": {"any": ["quiet", {"vote": {"of": "quiet", "at_least": 1}}]}}]},
        {"all": ["b", {"not": {"all": ["quiet", "y"]}}]},
        {"all": ["b", {"not": {"count": {"of": "quiet", "at_least": 1, "within": HOUR}}}]},
    ],
    ids=["not", "any", "all", "count"],
)
def test_silence_lowers_nothing_and_is_not_said_to(rule: dict):
    made = told([row(0, 3.2)], QUIET, {1: rule}, after=HOUR)
    assert english(made) == ["ends by itself 1 h after water level at S1 falls below 2.5 m (now 3.2 m)"]
    assert chinese(made) == ["S1 水位降至 2.5 m 以下（现为 3.2 m），1 小时后自动结束"]


def test_a_level_that_only_silence_would_end_says_nothing_of_its_end():
    assert english(told([row(0, 3.2)], QUIET, {1: {"any": ["b", {"not": "quiet"}]}})) == []


def test_what_is_not_silence_is_said_instead():
    made = told([row(0, 3.2)], QUIET, {1: {"not": {"any": ["quiet", "y"]}}})
    assert english(made) == ["ends by itself as soon as water level at S1 reaches 4 m (now 3.2 m)"]


def test_silence_may_raise():
    made = told([row(0, 3.2)], QUIET, {1: "b", 4: {"not": {"not": "quiet"}}})
    assert english(made)[1] == "red when no water level for 30 min"


def test_a_value_below_its_threshold_is_not_printed_as_on_it():
    made = told([row(0, 4.9996)])
    assert english(made)[1] == "orange when water level at S1 reaches 5 m (now 4.9996 m)"
    strict = told([row(0, 3.0004)], [above("x", 3, 2.5, strict=True)], {1: "x"})
    assert because(strict)[0][1] == "water level at S1 is 3.0004 m (> 3 m)"
    inclusive = told([row(0, 3.0004)])
    assert because(inclusive)[0][1] == "water level at S1 is 3 m (≥ 3 m)"  # nothing is wrong with that


# -- bounds --------------------------------------------------------------------------------------------------------


def test_forty_conditions_at_forty_stations_stay_small():
    many = [above(f"c{n:02}", 3 + n / 100, 2.5 - n / 100) for n in range(40)]
    levels = {1: {"any": [c.name for c in many]}, 4: {"all": [f"c{n:02}" for n in range(40)]}}
    streams = [stream(f"S{n}" * 3, subject="R") for n in range(40)]
    made = told([*(row(n, 3.3, f"S{n}" * 3) for n in range(40)), row(50, 3.5, "S0S0S0")], many, levels, streams)
    found = made.explanation
    assert len(found.because) == BECAUSE
    assert len(found.would_change) <= CHANGES
    texts = [text for one in (*found.because, *found.would_change) for text in (one.zh, one.en)]
    assert max(map(len, texts)) <= LONGEST
    assert len(english(made)[0]) == LONGEST
    assert english(made)[0].endswith("…")


def test_lists_are_cut_after_a_few():
    parts = [Said(f"{n}", f"{n}") for n in range(10)]
    assert both(parts).en.count(" and ") == PARTS
    assert both([parts[0], parts[0]]).en == "0"


@pytest.mark.parametrize(
    ("number", "text"),
    [(5.0, "5"), (4.62, "4.62"), (0.0015, "0.0015"), (123.456, "123.46"), (2500.0, "2500"), (-1.5, "-1.5"),
     (0.0, "0"), (1e9, "1e+09")],
)  # fmt: skip
def test_figures(number: float, text: str):
    assert figure(number) == text


def test_units_and_durations():
    assert amount(38.0, "Cel") == "38 °C"
    assert amount(3.0, "1") == "3"
    assert lasting(90 * MINUTE) == Said("90 分钟", "90 min")


NAMES = ["b", "y", "o", "r", "seen", "soon", "quiet", "low"]
LEAVES = st.sampled_from(NAMES)
PASTS = st.builds(
    lambda kind, one, other: {
        "sequence": {"sequence": {"of": [one, {"any": [one, other]}], "within": HOUR}},
        "count": {"count": {"of": {"all": [one, {"not": other}]}, "at_least": 2, "within": HOUR}},
        "absence": {"absence": {"of": other, "after": one, "within": MINUTE}},
    }[kind],
    st.sampled_from(["sequence", "count", "absence"]), st.sampled_from("byor"), st.sampled_from("byor"),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=4)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=4)}),
        st.fixed_dictionaries({"not": inner}),
        st.builds(lambda n, k: {"vote": {"of": n, "at_least": k}}, st.sampled_from("byor"), st.integers(1, 3)),
        st.builds(
            lambda n, m: {"vote": {"of": {"all": [n, {"not": m}]}, "at_least": 1, "by": "station"}},
            st.sampled_from("byor"),
            st.sampled_from("byor"),
        ),
        st.builds(lambda one, k: {"vote": {"of": one, "at_least": k, "by": "station"}}, PASTS, st.integers(1, 2)),
        st.builds(
            lambda one, part: {
                "promote": {
                    "to": 2,
                    "items": {"a": {1: one, 2: "y"}, "b": {1: {"vote": {"of": part, "at_least": 1}}}},
                    "counts": {2: 2, 3: 2, 4: 2},
                }
            },
            PASTS,
            PASTS,
        ),
        st.builds(lambda parts: {"sequence": {"of": parts, "within": HOUR}}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda one: {"count": {"of": one, "at_least": 2, "within": HOUR}}, inner),
        st.builds(lambda one, two: {"absence": {"of": one, "after": two, "within": MINUTE}}, inner, inner),
    ),
    max_leaves=12,
)
CONDITIONS = [
    *FOUR,
    ReportCondition("seen", ("flooding",), 3, 30 * MINUTE, near=500.0),
    above("soon", 7, forecast=Forecast(6 * HOUR, 0.5, HOUR)),
    absent("quiet", 5 * MINUTE),
    below("low", 1, 1.5),
]
VALUES = st.one_of(st.none(), st.floats(-5, 12))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.integers(1, 4), TREES, min_size=1),
    st.lists(st.tuples(st.integers(1, 2000), st.sampled_from(["S1", "S2"]), VALUES), min_size=1, max_size=25),
    st.sampled_from([0, HOUR]),
    st.sampled_from(["timer", "person"]),
)
def test_any_rule_over_any_readings_can_be_told(levels, readings, after, end):
    streams = [stream("S1", subject="R", interval=MINUTE, range_max=6.0), stream("S2", subject="R")]
    at, rows = 0, []
    for wait, name, value in readings:
        at += wait
        rows.append(row(at, value, name))
    checks = ("range", "gap")
    commands, _ = run(site(streams, hazard(CONDITIONS, levels, after=after, end=end, checks=checks)), rows)
    for command in commands:
        if command.kind != "alert":
            continue
        found = command.explanation
        assert len(found.because) <= BECAUSE
        assert len(found.would_change) <= CHANGES
        texts = [text for one in (*found.because, *found.would_change) for text in (one.zh, one.en)]
        assert all(texts)
        assert max(map(len, texts), default=0) <= LONGEST
        assert decode_command(encode_command(command)) == command
