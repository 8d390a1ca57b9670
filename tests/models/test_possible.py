"""What rules may be while nothing is on."""

import pytest

from streams.models.possible import first_words, may_be

VOTE = {"vote": {"of": "a", "at_least": 1}}


@pytest.mark.parametrize(
    ("rule", "idle", "with_a"),
    [
        ("a", (False, True), (True, True)),
        ({"not": "a"}, (True, False), (True, True)),
        ({"all": ["a", {"not": "b"}]}, (False, True), (True, True)),
        ({"any": ["a", {"not": "b"}]}, (True, False), (True, False)),
        ({"any": ["b", VOTE]}, (False, True), (True, True)),
        ({"vote": {"of": {"all": ["a", {"not": "b"}]}, "at_least": 1}}, (False, True), (True, True)),
        ({"vote": {"of": {"all": ["a", "b"]}, "at_least": 1}}, (False, True), (False, True)),
        ({"promote": {"to": 3, "items": {"x": {2: "a"}}, "counts": {}}}, (False, True), (True, True)),
        ({"sequence": {"of": ["a", {"not": "b"}], "within": 1}}, (False, True), (True, True)),
        ({"count": {"of": {"not": "b"}, "at_least": 1, "within": 1}}, (True, True), (True, True)),
        ({"absence": {"of": "a", "after": "b", "within": 1}}, (False, True), (False, True)),
    ],
)
def test_what_a_rule_may_be(rule, idle, with_a):
    assert may_be(rule) == idle
    assert may_be(rule, {"a"}) == with_a


COUNT = {"count": {"of": {"not": "b"}, "at_least": 2, "within": 1}}


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ("a", set()),
        ({"not": "a"}, {"a"}),
        ({"all": ["a", {"not": "b"}]}, set()),
        ({"any": ["a", {"not": "b"}]}, {"a", "b"}),
        (COUNT, {"b"}),
        ({"all": ["a", {"any": ["c", COUNT]}]}, {"b"}),
        ({"sequence": {"of": ["a", {"not": "b"}], "within": 1}}, set()),
        ({"sequence": {"of": ["a", COUNT], "within": 1}}, {"b"}),
        ({"absence": {"of": "a", "after": "b", "within": 1}}, set()),
        ({"all": ["c", {"absence": {"of": {"not": "a"}, "after": "b", "within": 1}}]}, {"a"}),
        (VOTE, set()),
    ],
)
def test_whose_first_answer_matters_though_it_is_no(rule, names):
    assert first_words(rule) == names
