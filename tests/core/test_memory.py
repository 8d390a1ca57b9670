"""What is remembered of inner rules: what held for no time has not held, and what no window reaches is forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from streams.core.memory import Memory
from streams.core.script import Script
from streams.core.stretches import Stretch, note

truths = st.sampled_from([True, False, None])


def told(*edges):
    spans = []
    for time, truth in edges:
        note(spans, truth, time, time)
    return [(s.since, s.until, s.sure) for s in spans]


def test_edges_of_one_time_are_one():
    assert told((5, True), (5, False)) == []
    assert told((1, True), (5, False), (5, True)) == [(1, None, True)]
    assert told((1, True), (5, None), (5, True)) == [(1, None, True)]
    assert told((1, True), (5, None), (7, True), (7, None), (9, False)) == [(1, 5, True), (5, 9, False)]


def test_what_is_told_late_never_overlaps():
    assert told((10, True), (8, False)) == []
    assert told((1, True), (10, False), (7, True), (20, False)) == [(1, 20, True)]
    assert told((1, True), (10, False), (7, None)) == [(1, 10, True), (10, None, False)]


@given(st.lists(st.tuples(st.integers(0, 30), truths), max_size=20))
def test_spans_are_in_order_and_none_is_empty(edges):
    spans = told(*edges)
    ends = [until for _, until, _ in spans]
    assert None not in ends[:-1]
    assert all(until is None or since < until for since, until, _ in spans)
    assert all(end <= begin for end, (begin, *_) in zip(ends, spans[1:], strict=False))
    assert [s for s, *_ in spans[-1:] if ends[-1] is None] == [] or edges[-1][1] is not False


def script(rule):
    return Memory(Script.of({1: rule}))


def test_rules_are_numbered_from_within():
    rule = {"count": {"of": {"sequence": {"of": ["a", "b"], "within": 5}}, "at_least": 2, "within": 9}}
    found = Script.of({1: {"any": [rule, "c"]}})
    assert found.levels == {1: {"any": [{"count": {"of": 2, "at_least": 2, "within": 9}}, "c"]}}
    assert [one.rule for one in found.inner] == ["a", "b", {"sequence": {"of": [0, 1], "within": 5}}]
    assert [(w.kind, w.inner) for w in found.windows] == [("sequence", (0, 1)), ("count", (2,))]


def test_a_window_forgets_and_says_when_it_runs_out():
    memory = script({"count": {"of": "a", "at_least": 2, "within": 10}})
    memory.past(0, 0).extend([Stretch(1, 1, True, 3, 4), Stretch(8, 8, True, 9, 9), Stretch(11, 11, True)])
    memory.now = 12
    assert memory.next_look() == (13, 14)
    memory.now = memory.passed = 13
    memory.forget()
    assert [s.since for s in memory.past(0, 0)] == [1, 8, 11]  # up to the very end
    memory.now = memory.passed = 14
    memory.forget()
    assert [s.since for s in memory.past(0, 0)] == [8, 11]
    assert memory.next_look() == (19, 19)


def test_an_absence_waits_for_its_time_and_then_for_its_end():
    memory = script({"absence": {"of": "a", "after": "b", "within": 10}})
    memory.past(0, 1).append(Stretch(5, 6, True))
    assert memory.next_look() == (15, 16)
    memory.passed = 15
    assert memory.next_look() is None
    memory.past(0, 1)[0].until, memory.past(0, 1)[0].over = 17, 20
    assert memory.next_look() == (27, 30)


def test_no_more_times_are_kept_than_a_rule_needs():
    memory = script({"count": {"of": "a", "at_least": 2, "within": 10_000}})
    memory.past(0, 0).extend(Stretch(2 * n, 0, True, 2 * n + 1) for n in range(1000))
    memory.now = 2000
    memory.forget()
    assert len(memory.past(0, 0)) == 256
