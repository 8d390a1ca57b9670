"""What people without trust may raise, alone and together with sensors."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.assess import Assessor
from streams.core.backing import MOST_WAYS, Backed, ways_of
from streams.core.places import together
from streams.models.signal import Reported, Source
from streams.models.site import ReportCondition
from streams.models.times import HOUR, SECOND
from tests.core.runs import Bank, row
from tests.core.sites import above, hazard, site, stream
from tests.core.test_worst_nights import feed

SEEN = ReportCondition("seen", ("flooding",), 1, HOUR)
MANY = ReportCondition("many", ("flooding",), 3, HOUR)
GONE = ReportCondition("gone", ("collapse",), 1, HOUR)
ORIGINS = {"c": "citizen", "d": "department"}


def levels_after(rule, words, *, yellow=None, **more):
    """The level after each word: `+S1` a good value beyond, `?S1` a suspect one, `c1`/`d1` a citizen, a department."""
    streams = [stream(name, subject="R", soft_max=9.0) for name in ("S1", "S2", "S3")]
    rules = {4: rule} | ({2: yellow} if yellow else {})
    conditions = [above("a", 5), above("b", 6), SEEN, MANY, GONE]
    flood = replace(hazard(conditions, rules, subject="zone", checks=("range",)), **more)
    the_site = site(streams, flood)
    bank, assessor, found = Bank(the_site, 0, 1), Assessor(the_site, 0, 1), []
    for number, word in enumerate(words):
        if word[0] in "+?":
            feed(assessor, bank, [row(number, 7 if word[0] == "+" else 10, word[1:], offset=number)])
        else:
            kind = "collapse" if word.endswith("!") else "flooding"
            assessor.handle(report(number, word.rstrip("!"), kind), number * SECOND)
        found.append(max((one.level for one in assessor.subjects.values()), default=0))
    return found


def report(second, who, kind):
    at, source = second * SECOND, Source("reports", 0, second, 0, 0)
    return Reported(f"r{second}", source, at, "Z1", "Actual", kind, ORIGINS[who[0]], at, who)


@pytest.mark.parametrize(
    ("rule", "words", "level"),
    [
        ({"all": ["a", "seen"]}, ["c1", "+S1"], 4),  # a good sensor agrees
        ({"all": [{"vote": {"of": "a", "at_least": 2}}, {"any": ["many", "b"]}]}, ["c1", "c2", "c3", "+S1", "+S2"], 4),
        ("many", ["c1", "c2", "c3", "c4"], 2),  # people alone
        ({"any": ["a", "many"]}, ["c1", "c2", "c3"], 2),
        ({"all": [{"any": ["a", "seen"]}, "seen"]}, ["c1", "+S1"], 2),  # the sensor is not needed
        ({"all": ["seen", {"not": "a"}]}, ["c1"], 2),  # nobody is beyond: that is no word
        ({"all": ["seen", "gone"]}, ["c1", "c2!"], 2),
        ({"all": ["seen", "gone"]}, ["c1", "d1!"], 4),  # a trusted person agrees
        ("many", ["c1", "c2", "d1"], 4),  # they count together
        ("many", ["c1", "c2", "c3", "d1"], 4),
        ("many", ["d1", "c1"], 0),
        ({"any": [{"all": ["a", "seen"]}, "many"]}, ["+S1", "c1", "c2", "c3"], 4),  # three say no less than one
        ({"sequence": {"of": ["seen", "a"], "within": HOUR}}, ["c1", "+S1"], 4),
        ({"count": {"of": "seen", "at_least": 1, "within": HOUR}}, ["c1"], 2),
    ],
)
def test_what_people_raise(rule, words, level):
    assert levels_after(rule, words)[-1] == level


@pytest.mark.parametrize(
    ("more", "told", "level"),
    [
        ({}, "seen", 4),
        ({}, None, 2),
        ({"suspect_raises_at_most": 3}, None, 2),
        ({"suspect_raises_at_most": 4}, None, 4),
    ],
)
def test_a_suspect_value_and_a_citizen_agree_when_the_report_is_of_the_danger_itself(more, told, level):
    assert levels_after({"all": ["a", "seen"]}, ["?S1", "c1"], yellow=told, **more)[-1] == level


def test_a_trusted_person_has_to_be_among_those_who_lie_together():
    where = [("c1", 10.0, 30.0), ("c2", 10.001, 30.0), ("d", 10.5, 30.0)]
    assert together(where, 500.0, {"d"}) == (1, 1)
    assert together(where, 500.0, {"c2"}) == (2, 2)
    assert together([*where, ("d", None, None)], 500.0, {"d"}) == (1, 3)
    assert together(where, 500.0, set()) == (0, 0)


def test_the_ways_of_a_rule():
    rule = {"any": [{"all": [{"any": ["a", "b"]}, "seen"]}, "seen"]}
    assert [[part.rule for part in way] for way in ways_of(rule, [], {"seen"})] == [["seen"]]
    ((one,),) = ways_of({"not": "seen"}, [], {"seen"})
    assert one.backed is Backed.NOBODY
    wide = {"all": [{"any": [f"a{n}", f"b{n}"]} for n in range(7)]}
    assert len(ways_of(wide, [], set())) == 1 < MOST_WAYS


RULES = st.recursive(
    st.sampled_from(["a", "b", "seen", "many", "gone", {"vote": {"of": "a", "at_least": 2}}]),
    lambda inner: st.builds(
        lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
WORDS = ["+S1", "+S2", "?S3", "c1", "c2", "c3", "d1", "c4!", "d2!"]


@settings(max_examples=60, deadline=None)
@given(RULES, st.permutations(WORDS), st.sampled_from([2, 3, 4]))
def test_more_words_never_lower(rule, words, cap):
    found = levels_after(rule, words, suspect_raises_at_most=cap)
    assert found == sorted(found)
