"""Kleene's logic: unknown never raises, never lowers, and `not unknown` is unknown."""

from itertools import product

import pytest

from streams.core.rules import RULES, holds


class Given:
    """A picture in which conditions simply are what they are."""

    def __init__(self, **truths):
        self.truths = truths

    def condition(self, name):
        return self.truths[name]

    def tally(self, name):
        return self.truths[name].count(True), self.truths[name].count(None)


TRUTHS = (True, False, None)


@pytest.mark.parametrize(("a", "b"), list(product(TRUTHS, TRUTHS)))
def test_all_and_any_are_kleenes(a, b):
    picture = Given(a=a, b=b)
    order = {False: 0, None: 1, True: 2}
    assert order[holds({"all": ["a", "b"]}, picture)] == min(order[a], order[b])
    assert order[holds({"any": ["a", "b"]}, picture)] == max(order[a], order[b])
    left = holds({"not": {"all": ["a", "b"]}}, picture)
    assert left is holds({"any": [{"not": "a"}, {"not": "b"}]}, picture)


def test_not_unknown_is_unknown():
    assert holds({"not": "a"}, Given(a=None)) is None


@pytest.mark.parametrize(
    ("truths", "wanted", "truth"),
    [
        ([True, True, False], 2, True),
        ([True, None, False], 2, None),
        ([True, False, False], 2, False),
        ([None, None], 3, False),
        ([], 1, False),
    ],
)
def test_a_vote_counts_and_is_unknown_while_the_silent_could_decide(truths, wanted, truth):
    assert holds({"vote": {"of": "a", "at_least": wanted}}, Given(a=truths)) is truth


def test_the_catalogue_is_what_a_level_may_say():
    assert set(RULES) == {"all", "any", "not", "vote"}
