"""sequence, count and absence against their words, tried moment by moment; what is unknown is tried both ways."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.rules import holds
from tests.core.rules.given import Given, spans_of

WITHIN = 3
mostly = st.sampled_from([True, True, False, False, False, None])
line = st.lists(mostly, min_size=8, max_size=8)
known = st.lists(st.booleans(), min_size=8, max_size=8)


def runs(found):
    return [(span.since, span.until) for span in spans_of(found)]


def in_order(*lines):
    """The last holds; before it began the others had their turn, the first not long before."""
    *earlier, last = (runs(found) for found in lines)
    if not last or last[-1][1] is not None:
        return False
    begins = last[-1][0]
    for chosen in product(*earlier):
        starts = [run[0] for run in chosen] + [begins]
        if starts != sorted(starts):
            continue
        for times in product(range(begins + 1), repeat=len(chosen)):
            fits = all(s <= t <= (begins if e is None else e) for (s, e), t in zip(chosen, times, strict=True))
            if fits and list(times) == sorted(times) and begins - times[0] <= WITHIN:
                return True
    return False


def often(found, least):
    now = len(found) - 1
    return sum(until is None or until > now - WITHIN for _, until in runs(found)) >= least


def did_not_come(what, after):
    now = len(what) - 1
    for since, until in runs(after):
        due = since + WITHIN
        over = None if until is None else max(until, due) + WITHIN
        if due <= now and (over is None or now < over) and not any(what[since:]):
            return True
    return False


def ways(*lines):
    """All that it may have been."""
    flat = [truth for found in lines for truth in found]
    for each in product(*[(t,) if t is not None else (True, False) for t in flat]):
        yield [list(each[n * 8 : n * 8 + 8]) for n in range(len(lines))]


def few_unknown(*lines, most=7):
    """No more unknown moments than can be tried."""
    left = most
    for found in lines:
        for at, truth in enumerate(found):
            if truth is None:
                found[at] = None if left > 0 else False
                left -= 1
    return lines


def sequence(*lines):
    return holds({"sequence": {"of": list(range(len(lines))), "within": WITHIN}}, Given(lines))


def count(found, least):
    return holds({"count": {"of": 0, "at_least": least, "within": WITHIN}}, Given((found,)))


def absence(what, after):
    return holds({"absence": {"of": 0, "after": 1, "within": WITHIN}}, Given((what, after)))


@settings(max_examples=400)
@given(known, known, known)
def test_what_is_known_is_as_the_words_say(a, b, c):
    assert sequence(a, b) is in_order(a, b)
    assert sequence(a, b, c) is in_order(a, b, c)
    assert count(a, 2) is often(a, 2)
    assert absence(a, b) is did_not_come(a, b)


@settings(max_examples=300, deadline=None)
@given(line, line)
def test_false_is_false_whichever_way_the_unknown_is(a, b):
    a, b = few_unknown(a, b)
    found = [(sequence(a, b), in_order), (count(a, 2), lambda a, _: often(a, 2)), (absence(a, b), did_not_come)]
    for truth, words in found:
        outcomes = {words(*each) for each in ways(a, b)}
        if truth is False:
            assert outcomes == {False}
        if truth is True:
            assert True in outcomes


@settings(max_examples=300, deadline=None)
@given(line)
def test_a_count_is_true_whichever_way_the_unknown_is(a):
    (a,) = few_unknown(a)
    if count(a, 2) is True:
        assert {often(each[0], 2) for each in ways(a)} == {True}


def test_the_order_of_the_words():
    yes, no = [False, True, True, False, False], [False, False, False, True, True]
    assert sequence(yes, no) is True
    assert sequence(no, yes) is False
    assert sequence([False, True, True], [False, True, True]) is True  # at once
    assert sequence([True, False, False, False, False, False], [False, False, False, False, False, True]) is False


def test_what_was_already_there_has_come():
    assert absence([True] * 8, [False, True, *[True] * 6]) is False
    assert absence([False] * 8, [False, True, *[True] * 6]) is True
    assert absence([False] * 8, [True, False, False, False, False, False, False, False]) is False  # long over
    assert absence([False] * 5, [True, False, False, False, False]) is True
