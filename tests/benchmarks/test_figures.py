import pytest

from benchmarks.figures import Figure, number, table, together


@pytest.mark.parametrize(("value", "mark"), [(0.6, "aim"), (0.5, "aim"), (0.4, "must"), (0.3, "missed")])
def test_at_least(value: float, mark: str):
    assert Figure("a", value, must=0.35, aim=0.5).mark == mark


@pytest.mark.parametrize(("value", "mark"), [(1.1, "aim"), (1.5, "must"), (1.7, "missed"), (float("nan"), "missed")])
def test_at_most(value: float, mark: str):
    assert Figure("a", value, must=1.6, aim=1.2, at_most=True).mark == mark


def test_without_bounds_it_is_for_information():
    assert Figure("a", 1.0).mark == "–"


def test_without_an_aim_the_must_is_all():
    assert Figure("a", 1.0, must=1.5, at_most=True).mark == "must"


def test_several_runs_show_the_middle_one_and_the_spread():
    runs = [[Figure("a", value, must=2)] for value in (3.0, 1.0, 2.0)]
    (measured,) = together(runs)
    assert measured.one.value == 2.0
    assert measured.spread == (1.0, 3.0)
    assert measured.shown()["runs"] == [3.0, 1.0, 2.0]


def test_a_figure_that_failed_in_one_run_keeps_the_others():
    found = together([[Figure("a", 1), Figure("b", 2)], [Figure("b", 4)]])
    assert [(one.one.name, len(one.runs)) for one in found] == [("a", 1), ("b", 2)]


def test_the_table_says_value_bounds_mark_and_baseline():
    shown = table(together([[Figure("p.start", 2.5, "s", must=8, aim=3, at_most=True, beside="raw 1 s")]]))
    assert shown.splitlines()[1].split("  ")[0] == "p.start"
    for part in ("2.50 s", "≤ 8.00 s", "≤ 3.00 s", "aim", "raw 1 s"):
        assert part in shown


@pytest.mark.parametrize(
    ("value", "text"), [(123_456.7, "123,457"), (12.34, "12.3"), (1.234, "1.23"), (0.01234, "0.0123")]
)
def test_numbers_for_people(value: float, text: str):
    assert number(value) == text
