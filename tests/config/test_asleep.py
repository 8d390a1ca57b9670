"""A condition that is not active is one that nobody knows: no level becomes easier to reach without it."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config.asleep import awake
from streams.core.rules.boolean import all_of, any_of, not_
from streams.models.expression import names_in

NAMES = ("a", "b", "x")
TREES = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=8,
)


def truth(rule: Any, known: dict[str, bool | None]) -> bool | None:
    if isinstance(rule, str):
        return known[rule]
    ((kind, argument),) = rule.items()
    return {"any": any_of, "all": all_of, "not": not_}[kind](argument, None, lambda inner: truth(inner, known))


@given(TREES)
def test_what_is_left_is_true_exactly_when_the_whole_is_true_with_it_unknown(rule: Any):
    left = awake(rule, {"x"})

    for a, b in product((True, False, None), repeat=2):
        known = {"a": a, "b": b, "x": None}
        if left is None:
            assert truth(rule, known) is not True or "not" in str(rule)  # under `not` all falls, to be on the safe side
        else:
            assert "x" not in names_in(left)
            if truth(left, known) is True:
                assert truth(rule, known) is True


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({"vote": {"of": "x", "at_least": 2}}, None),
        ({"any": ["a", {"vote": {"of": "x", "at_least": 2}}]}, {"any": ["a"]}),
        ({"vote": {"of": {"all": ["a", "x"]}, "at_least": 2}}, None),
        ({"vote": {"of": {"any": ["a", "x"]}, "at_least": 2}}, {"vote": {"of": {"any": ["a"]}, "at_least": 2}}),
        ({"sequence": {"of": ["a", "x"], "within": 5}}, None),
        (
            {"sequence": {"of": [{"any": ["a", "x"]}, "b"], "within": 5}},
            {"sequence": {"of": [{"any": ["a"]}, "b"], "within": 5}},
        ),
        (
            {"count": {"of": {"any": ["x", "a"]}, "at_least": 2, "within": 5}},
            {"count": {"of": {"any": ["a"]}, "at_least": 2, "within": 5}},
        ),
        ({"count": {"of": "x", "at_least": 2, "within": 5}}, None),
        ({"absence": {"of": {"any": ["x", "a"]}, "after": "b", "within": 5}}, None),
        (
            {"absence": {"of": "a", "after": {"any": ["x", "b"]}, "within": 5}},
            {"absence": {"of": "a", "after": {"any": ["b"]}, "within": 5}},
        ),
        (
            {"promote": {"to": 3, "items": {"i": {1: "a", 2: "x"}, "j": {1: "x"}}, "counts": {}}},
            {"promote": {"to": 3, "items": {"i": {1: "a"}}, "counts": {}}},
        ),
        ({"promote": {"to": 3, "items": {"j": {1: "x"}}, "counts": {}}}, None),
        ({"not": {"any": ["a", "x"]}}, None),
    ],
)
def test_other_rules(rule: Any, left: Any):
    assert awake(rule, {"x"}) == left


def test_nothing_changes_where_all_is_active():
    rule = {"all": ["a", {"vote": {"of": "b", "at_least": 2}}]}

    assert awake(rule, {"x"}) is rule
