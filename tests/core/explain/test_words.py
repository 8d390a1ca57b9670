"""The words of explanations and those of the page are the same."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.explain.names import ATTRIBUTES_ZH, MADE, PROPERTIES, STEPS, quantity
from streams.core.explain.phrases import limit_of, reported
from streams.core.explain.words import apart, check_of
from streams.models.site import Input, ReportCondition, Step, Threshold
from streams.models.times import SECOND

ROOT = Path(__file__).parents[3]
TEXTS = "".join(path.read_text("utf-8") for path in (ROOT / "configs/hazards").iterdir())
PAGE = (ROOT / "streams/web/static/js/i18n.js").read_text("utf-8")


def test_properties_bear_the_same_names_as_on_the_page():
    chinese, english = (dict(re.findall(r'\bp_(\w+): "([^"]*)"', part)) for part in PAGE.split("  en: {"))
    assert {name: said.zh for name, said in PROPERTIES.items()} == chinese
    assert {name: said.en.lower() for name, said in PROPERTIES.items()} == {n: s.lower() for n, s in english.items()}


def test_chinese_sentences_name_kinds_checks_and_levels_in_chinese():
    seen = ReportCondition("seen", ("gas_smell", "bolide"), 2, 60 * SECOND)
    said = ("1 分钟内 2 人报告 燃气异味、bolide", "2 people reporting gas smell, bolide within 1 min")
    assert reported(seen, "2") == said
    assert check_of("gap") == ("数据中断", "gap")
    assert limit_of(Threshold("warning_level", -0.5, "m"), "m") == ("警戒水位 − 0.5 m", "warning_level − 0.5 m")
    assert limit_of(Threshold("alert", 0, "mg/L"), "mg/L") == ("警戒值", 'station value "alert"')


def test_attributes_without_a_name_are_quoted():
    zh, en = limit_of(Threshold("survey_mark", 5, "mm"), "mm")
    assert (zh, en) == ("站点参数“survey_mark” + 5 mm", 'station value "survey_mark" + 5 mm')


def test_what_shipped_hazards_measure_has_a_name_in_chinese():
    """Properties, what is made of them, and attributes of stations; an id in a Chinese sentence is no word."""
    lacking = set(re.findall(r"property: (\w+)", TEXTS)) - PROPERTIES.keys()
    lacking |= set(re.findall(r"station\.([a-z]\w+)", TEXTS)) - ATTRIBUTES_ZH.keys()
    lacking |= (
        set(re.findall(r"\{(\w+): \{[^}]*\}\}\]", TEXTS)) - STEPS.keys() - MADE.keys() - {"drop", "extreme", "vote"}
    )
    assert lacking - {"inverse_velocity"} == set()


@pytest.mark.parametrize(
    ("part", "parameters", "zh", "en"),
    [
        ("extreme", {"over": 86_400 * SECOND, "how": "min"}, "气温 1 天最小", "air temperature, minimum over 1 d"),
        ("drop", {"over": 7_200 * SECOND}, "气温 2 小时降幅", "air temperature, fall over 2 h"),
        ("drop", {"over": 600 * SECOND, "side": "rise"}, "气温 10 分钟升幅", "air temperature, rise over 10 min"),
        ("robust_z", {"readings": 99}, "气温 偏离常态程度", "air temperature, distance from what is usual"),
        ("inverse_velocity", {}, "气温 反速度拟合度", "air temperature, fit of the inverse velocity"),
        ("sta_lta", {}, "气温（x）", "air temperature (x)"),
    ],
)
def test_what_a_step_makes_is_named(part, parameters, zh, en):
    output = "r2" if part == "inverse_velocity" else None
    assert quantity(Input("x", "air_temperature", "Cel", (Step(part, parameters),), output=output)) == (zh, en)


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [
        (4.62, 5.0, ("4.62 m", "5 m")),
        (4.9996, 5.0, ("4.9996 m", "5 m")),
        (5.0004, 5.0, ("5.0004 m", "5 m")),
        (5.0001, 5.0004, ("5.0001 m", "5.0004 m")),  # the threshold needs its digits too
        (999.996, 1000.0, ("999.996 m", "1000 m")),
        (1.23456e8, 1.234561e8, ("1.23456e+08 m", "1.234561e+08 m")),
        (5.0, 5.0, ("5 m", "5 m")),
    ],
)
def test_a_value_on_this_side_of_its_threshold_is_not_printed_on_it(value: float, limit: float, text: tuple[str, str]):
    assert apart(value, limit, "m") == text


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS, st.one_of(NUMBERS, st.floats(-1e-9, 1e-9)))
def test_any_two_numbers_stand_to_each_other_as_they_are_printed(value: float, other: float):
    for limit in (other, value * (1 + other)):
        if limit not in (float("inf"), float("-inf")):
            shown, edge = (float(text) for text in apart(value, limit, "1"))
            assert (shown < edge, shown > edge) == (value < limit, value > limit)
