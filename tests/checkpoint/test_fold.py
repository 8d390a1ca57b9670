import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.checkpoint.fold import Fold
from streams.checkpoint.schema import ASSESS
from streams.models.saved import Death
from tests.checkpoint.made_log import assess_log


def folded(log, site="site"):
    return log.into(Fold(ASSESS, site))


def state(fold):
    return fold.upto, fold.whole, {key: row.decode() for key, row in fold.rows.items()}


def reasons(fold):
    return [f.reason for f in fold.findings]


def test_deltas_on_a_base():
    log = assess_log().begin().base(10, a="1", b="1").delta(10, 20, a="2", c="1").delta(20, 30, b=None)
    assert state(folded(log)) == (30, True, {"a": "2", "c": "1"})


def test_an_empty_log_is_no_state():
    assert state(folded(assess_log().mark())) == (None, False, {})


def test_a_zombies_deltas_do_no_harm():
    log = assess_log().base(10, a="1").delta(10, 30, a="3").delta(10, 20, token="zombie", a="2")
    log.delta(30, 40, a="4").delta(20, 45, token="zombie", a="5").delta(40, 50, a="6", b="1")
    assert state(folded(log)) == (50, True, {"a": "6", "b": "1"})


def test_a_missing_delta_is_a_hole_and_there_is_no_state():
    fold = folded(assess_log().base(10, a="1").delta(10, 20, a="2").delta(30, 40, a="4"))
    assert state(fold) == (None, False, {})
    assert reasons(fold) == ["hole"]


def test_a_whole_new_cycle_after_a_hole_is_a_state_again():
    log = assess_log().base(10, a="1").delta(20, 40, a="4").base(50, 0, None, "a", cycle=2, a="5")
    log.delta(50, 60, a="6").base(60, 1, "a", None, cycle=2, b="6")
    fold = folded(log)
    assert state(fold) == (60, True, {"a": "6", "b": "6"})
    assert reasons(fold) == []


def test_a_delta_of_which_a_part_is_missing_does_not_apply():
    log = assess_log().base(10, a="1").delta(10, 20, most=5, a="2", b="2", c="2")
    del log.values[2]
    assert state(folded(log)) == (10, True, {"a": "1"})
    fold = folded(log.delta(20, 30, a="3"))
    assert (fold.upto, reasons(fold)) == (None, ["hole"])


def test_a_slice_never_overwrites_what_a_later_delta_said():
    log = assess_log().base(10, 0, None, "b", a="1", b="1").delta(10, 20, d="2").base(10, 1, "b", None, c="1", d="1")
    assert state(folded(log)) == (20, True, {"a": "1", "b": "1", "c": "1", "d": "2"})


def test_a_zombies_late_slice_brings_nothing_back():
    log = assess_log().base(1000, a="1").delta(1000, 1200, a="2").base(500, cycle=9, token="zombie", gone="x")
    assert state(folded(log)) == (1200, True, {"a": "2"})


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_cycle_of_which_a_slice_is_missing_is_not_whole(missing):
    log = assess_log().base(10, 0, None, "a", a="1").base(10, 1, "a", "b", b="1").base(10, 2, "b", None, c="1")
    del log.values[missing]
    assert not folded(log).whole


def test_a_base_beyond_the_state_is_a_hole_too():
    fold = folded(assess_log().base(10, a="1").base(30, 0, None, "a", cycle=2, a="3"))
    assert not fold.whole
    assert "hole" in reasons(fold)


def test_another_configuration_is_not_our_state():
    fold = folded(assess_log("old").base(10, a="1").delta(10, 20, a="2"), site="new")
    assert state(fold) == (None, False, {})
    assert set(reasons(fold)) == {"configuration"}


def test_after_begin_what_was_before_counts_no_more():
    log = assess_log().base(10, a="1").delta(99, 100, a="x").begin("hole", deaths=[Death(3, 3, "killed")])
    fold = folded(log.base(50, b="1"))
    assert state(fold) == (50, True, {"b": "1"})
    assert reasons(fold) == []
    assert fold.deaths == [Death(3, 3, "killed")]


def test_a_later_schema_is_refused_and_not_read_around():
    log = assess_log().base(10, a="1").add("delta", b"\xc1 whatever", version=2, since=10, upto=20).delta(20, 30, a="3")
    fold = folded(log)
    assert not fold.whole
    assert reasons(fold) == ["schema"]
    assert "assess/2" in fold.findings[0].detail


def test_damage_is_told_and_what_does_not_depend_on_it_still_holds():
    log = assess_log().base(10, a="1").mark().delta(10, 20, a="2")
    log.values[1] = b"\0" + log.values[1][1:]
    log.values.insert(2, b"somebody's JSON")
    fold = folded(log)
    assert state(fold) == (20, True, {"a": "2"})
    assert [(f.reason, f.log_offset) for f in fold.findings] == [("foreign", 1), ("foreign", 2)]
    log.values[3] = log.values[3][:-1] + b"\xff"
    assert reasons(folded(log.delta(20, 30, a="3"))) == ["foreign", "foreign", "damaged", "hole"]


def test_deaths_are_collected():
    log = assess_log().base(10, deaths=[Death(1, 1, "killed")], a="1").death(15, 15, "x")
    assert [d.first for d in folded(log).deaths] == [1, 15]


def test_who_wrote_last_is_known():
    log = assess_log().base(10, a="1").delta(10, 20, token="other", a="2").mark().death(1, 1)
    assert folded(log).newest == ("other", 1)


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_any_mixture_of_two_owners_gives_the_state_of_the_farthest(seed):
    """State is a function of the offset: value of a key = the last offset that touched it."""
    rng = random.Random(seed)
    touched = [rng.choice("abcdef") for _ in range(60)]
    at = lambda upto: {k: str(max(i for i in range(upto) if touched[i] == k)) for k in set(touched[:upto])}  # noqa: E731
    log, here, far = assess_log(), {"one": 5, "two": 5}, 5
    log.base(5, **at(5))
    while min(here.values()) < 60 and far < 60:
        who = rng.choice(("one", "two"))
        since, upto = here[who], min(60, here[who] + rng.randint(1, 7))
        log.delta(since, upto, token=who, **{k: at(upto)[k] for k in set(touched[since:upto])})
        here[who], far = upto, max(far, upto)
        if rng.random() < 0.4:
            cycle, half = rng.randint(0, 10**9), at(upto)
            log.base(upto, 0, None, "c", cycle, who, **{k: v for k, v in half.items() if k <= "c"})
            log.base(upto, 1, "c", None, cycle, who, **{k: v for k, v in half.items() if k > "c"})
    assert state(folded(log)) == (far, True, at(far))
