"""What rules may be while nothing is on."""

import pytest

from streams.models.possible import may_be

VOTE = {"vote": {"of": "a", "at_least": 1}}


@pytest.mark.parametrize(
    ("rule", "idle", "with_a"),
    [
        ("a", (False, True), (True, True)),
        ({"not": "a"}, (True, False), (True, True)),
        ({"all": ["a", {"not": "b"}]}, (False, True), (True, True)),
        ({"any": ["a", {"not": "b"}]}, (True, False), (True, False)),
        ({"any": ["b", VOTE]}, (False, True), (True, True)),
        ({"promote": {"to": 3, "items": {"x": {2: "a"}}, "counts": {}}}, (False, True), (True, True)),
        ({"sequence": {"of": ["a", {"not": "b"}], "within": 1}}, (False, True), (True, True)),
        ({"count": {"of": {"not": "b"}, "at_least": 1, "within": 1}}, (True, True), (True, True)),
        ({"absence": {"of": "a", "after": "b", "within": 1}}, (False, True), (False, True)),
    ],
)
def test_what_a_rule_may_be(rule, idle, with_a):
    assert may_be(rule) == idle
    assert may_be(rule, {"a"}) == with_a
