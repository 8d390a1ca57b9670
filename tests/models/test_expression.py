from streams.models.expression import names_in

RULE = {
    "any": [
        "a",
        {"not": "b"},
        {"all": [{"vote": {"of": "c", "at_least": 2, "by": "station", "within": 5.0}}]},
        {"sequence": {"of": ["d", {"count": {"of": "e", "at_least": 2, "within": 5}}], "within": 5}},
        {"absence": {"of": "f", "after": "g", "within": 5}},
        {"promote": {"to": 3, "items": {"item": {1: "h", 2: "i"}}, "counts": {2: 4}}},
    ]
}


def test_names_are_found_in_every_rule_and_nothing_else_is_a_name():
    assert names_in(RULE) == set("abcdefghi")
    assert names_in("a") == {"a"}
    assert names_in(None) == set()
