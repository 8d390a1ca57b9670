"""What a Chinese keyboard, a typeset page or a slip of the pen puts into a file is said as what it is."""

import pytest

from streams.config.problems import Problems, half_width, nearest_name
from streams.config.quantity import Wrong, quantity, threshold
from streams.config.yaml_file import parse


@pytest.mark.parametrize(
    ("found", "known", "meant"),
    [
        ("ayn", ["any", "all"], "any"), ("rad", ["red", "blue"], "red"), ("re", ["red"], "red"),
        ("xy", ["xz", "or"], None), ("Weather", ["Met", "Other"], None), ("stage2", ["stage"], "stage"),
        ("of：stage", ["at_least", "of"], "of"), ("｛zone｝", ["{zone}"], "{zone}"), ("ｂｌｕｅ", ["blue"], "blue"),
    ],
)  # fmt: skip
def test_the_nearest_name(found, known, meant):
    assert nearest_name(found, known) == meant


def test_half_width_is_what_an_ascii_keyboard_would_have_written():
    assert half_width("station.a － ０.５\u00a0m") == "station.a - 0.5 m"
    assert half_width("站") == "站"


@pytest.mark.parametrize("text", ["station.a － 0.5 m", "station.a − 0.5 m", "station.a - ０.５ m", "３ m", "3\u00a0m"])
def test_a_threshold_in_other_characters_is_shown_as_it_would_be_right(text):
    found = threshold(text, "m")
    assert isinstance(found, Wrong)
    assert found.expected == f"`{half_width(text)}`, in half-width characters"


def test_what_is_wrong_in_any_characters_is_said_as_before():
    assert quantity("３ 米", "m") == Wrong("'３ 米'", "a number with its unit, like `3 m`")
    assert quantity("3 米", "m") == Wrong("the unit '米'", "a UCUM unit such as m")


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("a: 1\nhazard：flood\nb: 2\n", (3, 1), "YAML; line 2 has '：' in column 7: is `:` with a blank meant?"),
        ("a: {of: stage，at_least: 3 m}\n", (1, 23), "YAML; line 1 has '，' in column 14: is `,` meant?"),
        ("a: {zh: “{zone}”, en: x}\n", (1, 10), "YAML; line 1 has '“' in column 9: is `\"` meant?"),
        ("a:\n\tb: 1\n", (2, 1), "YAML; line 2 has a tab in column 1: are blanks meant?"),
        ("a:\n　　b: 1\n  c: 1\n", (3, 4), "YAML; line 2 has a wide blank in column 1: are blanks meant?"),
        ('a: {b: "，" c: 1}\n', (1, 12), "YAML"),
        ("a: {zh: 河道：洪水，注意, en: x\n", (2, 1), "YAML"),
    ],
)
def test_a_syntax_error_names_the_character_that_yaml_does_not_know(text, place, expected):
    problems = Problems()
    assert parse(text, problems.in_file("x.yaml")) is None
    (found,) = problems.errors
    assert (found.line, found.column) == place
    assert found.expected == expected
