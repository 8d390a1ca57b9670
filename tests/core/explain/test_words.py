"""The words of explanations and those of the page are the same."""

import re
from pathlib import Path

from streams.core.explain.phrases import limit_of, reported
from streams.core.explain.words import PROPERTIES, check_of
from streams.models.site import ReportCondition, Threshold
from streams.models.times import SECOND

PAGE = (Path(__file__).parents[3] / "streams/web/static/js/i18n.js").read_text("utf-8")


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
