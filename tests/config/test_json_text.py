import pytest

from streams.config.json_text import parse_json
from streams.config.problems import Problems


def said(text: str) -> list[str]:
    problems = Problems()
    parse_json(text, problems.in_file("zones.geojson"), "an area")
    return [str(problem) for problem in problems.errors]


def test_a_value_nested_too_deeply_is_said_with_its_place():
    deep = "[" * 50_000 + "]" * 50_000

    (line,) = said(f'{{"a":\n {deep}}}')

    assert line == "zones.geojson:2:41: found a value nested too deeply; expected at most 40 levels"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_said_with_its_place_and_not_where_it_is_text(word: str):
    text = f'{{"a": "{word} \\" {word}",\n "b": {word}}}'

    assert said(text) == [f"zones.geojson:2:7: found {word}, which is no number of JSON; expected a number"]


def test_a_key_twice_is_said_wherever_it_is():
    text = '[{"a": 1, "b": {"a": 2}},\n {"a": {"c": [{"x": 1, "y": 2,\n "\\u0078": 3}]}}]'

    assert said(text) == ["zones.geojson:3:2: found the key 'x' again (first in line 2); expected each key once"]


def test_a_number_of_thousands_of_digits_is_said():
    (line,) = said("9" * 10_000)

    assert line.startswith("zones.geojson: found no JSON: ")
