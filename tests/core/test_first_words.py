"""Levels that hold while nothing is on: a datastream's first answer is told, though it is no."""

import random
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from streams.core import first_words
from streams.core.assess import Assessor
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.runs import Bank, changes, numbered, row, run
from tests.core.sites import above, below, hazard, site, stream

NOT = {4: {"not": "high"}}
BEGIN = 1_000_000


def world(rules=None, conditions=None, stations=2, **more):
    conditions = conditions or [above("high", 3, 2.5), above("top", 6, 5)]
    streams = [stream(f"S{n}", subject="R", interval=MINUTE, hard_max=50.0, soft_max=40.0) for n in range(stations)]
    return site(streams, hazard(conditions, rules or NOT, checks=("gap", "range"), **more))


def bank_of(where, **more):
    return Bank(where, 0, 1, **more)


def told(out):
    return [(t.station, t.condition, t.edge, t.time // SECOND - BEGIN) for s in out.signals for t in s.triggers]


def rows_of(*readings):
    """(seconds, value, station) each."""
    return numbered([row(BEGIN + at, value, f"S{n}") for at, value, n in readings])


# -- what the Bank tells ---------------------------------------------------------------------------------------------


def test_the_first_no_is_told_once():
    out = bank_of(world()).handle(rows_of((0, 1, 0), (30, 1, 0), (60, 1, 0), (61, 2, 1)))
    assert told(out) == [("S0", "high", "off", 0), ("S1", "high", "off", 61)]
    assert [t.first for s in out.signals for t in s.triggers] == [True, True]


def test_nobody_else_tells_it():
    sequence = {"sequence": {"of": ["top", {"not": "high"}], "within": 1}}
    for rules in ({4: "high"}, {4: {"all": ["top", {"not": "high"}]}}, {4: sequence}):
        assert told(bank_of(world(rules)).handle(rows_of((0, 1, 0)))) == []


def test_only_what_such_a_rule_speaks_of_is_told():
    assert told(bank_of(world({3: "top", **NOT})).handle(rows_of((0, 1, 0)))) == [("S0", "high", "off", 0)]
    count = {"count": {"of": {"not": "top"}, "at_least": 2, "within": HOUR}}
    assert told(bank_of(world({4: {"all": ["high", count]}})).handle(rows_of((0, 1, 0)))) == [("S0", "top", "off", 0)]


def test_who_begins_with_yes_has_said_so():
    out = bank_of(world()).handle(rows_of((0, 4, 0), (30, 1, 0), (60, 1, 0)))
    assert [one for one in told(out) if one[2] != "sighting"] == [("S0", "high", "on", 0), ("S0", "high", "off", 30)]
    assert not any(t.first for s in out.signals for t in s.triggers)


def test_what_is_doubtful_missing_or_impossible_is_no_answer():
    out = bank_of(world()).handle(rows_of((0, 99, 0), (10, None, 0), (20, 45, 1)))
    assert [one for one in told(out) if one[2] == "off"] == []
    low = stream("S0", subject="R", interval=MINUTE, soft_min=0.0)
    bank = bank_of(site([low], hazard([above("high", 3)], NOT, checks=("gap", "range"))))
    assert told(bank.handle(rows_of((0, -1, 0), (10, 1, 0)))) == [("S0", "high", "off", 10)]


def test_a_wait_that_runs_is_no_answer():
    high = [above("high", 3, 2.5, hold=MINUTE)]
    ends = bank_of(world(conditions=high)).handle(rows_of((0, 4, 0), (30, 4, 0), (45, 1, 0)))
    assert told(ends) == [("S0", "high", "off", 45)]
    over = bank_of(world(conditions=high)).handle(rows_of((0, 4, 0), (30, 4, 0), (70, 1, 0)))
    assert told(over) == [("S0", "high", "on", 60), ("S0", "high", "off", 70)]


def test_a_window_that_is_not_full_is_no_answer():
    mean = world(steps=[("sum", {"over": 2 * MINUTE})], conditions=[above("high", 30)])
    first = told(bank_of(mean).handle(rows_of(*((at, 1, 0) for at in range(0, 300, 30)))))
    assert [edge for _, _, edge, _ in first] == ["off"]
    assert first[0][3] >= 90


def test_of_the_other_direction_and_of_each_status():
    low = world(conditions=[below("high", 3, 3.5)])
    assert told(bank_of(low).handle(rows_of((0, 4, 0)))) == [("S0", "high", "off", 0)]
    rows = numbered([row(BEGIN, 1, "S0", status="Exercise"), row(BEGIN, 1, "S0")])
    out = bank_of(world()).handle(rows)
    assert [(s.status, t.first) for s in out.signals for t in s.triggers] == [("Exercise", True), ("Actual", True)]


def test_nobody_is_put_on_watch_by_it():
    """Else half a million of them would be told of every second."""
    bank = bank_of(world())
    bank.handle(rows_of((0, 1, 0)))
    assert bank.progress().passed == {}


def test_it_is_told_again_before_the_log_of_signals_forgets_it():
    bank, again = bank_of(world()), first_words.AGAIN // SECOND
    out = bank.handle(rows_of((0, 1, 0), (again - 1, 1, 0), (again, 9, 0), (again + 1, 2.7, 0), (again + 2, 1, 0)))
    assert [one for one in told(out) if one[1] == "high" and one[2] != "sighting"] == [
        ("S0", "high", "off", 0),
        ("S0", "high", "on", again),
        ("S0", "high", "off", again + 2),
    ]
    later = bank.handle(rows_of((2 * again - 1, 1, 0), (2 * again, 1, 0), (2 * again + 1, 1, 0), (5 * again, 1, 0)))
    assert [one for one in told(later) if one[2] == "off"] == [
        ("S0", "high", "off", 2 * again),
        ("S0", "high", "off", 5 * again),
    ]


def test_what_an_earlier_release_saved_of_it_is_told_once_more():
    bank, old = bank_of(world()), np.zeros((2, 1), np.int8)
    (words,) = bank._held.words
    words.take(np.arange(2), old)
    assert told(bank.handle(rows_of((0, 1, 0), (30, 1, 0)))) == [("S0", "high", "off", 0)]


# -- any split, any restart ------------------------------------------------------------------------------------------


def night(seed, count=60):
    chance, found, last = random.Random(seed), [], BEGIN
    for _ in range(count):
        last += chance.choice([1, 5, 9])
        value = chance.choice([1, 1, 2, 2.7, 3.2, 7, 45, 99, None])
        found.append(row(last - chance.choice([0, 0, 3, 40]), value, f"S{chance.randint(0, 3)}", received=last))
    return numbered(found)


def various(seed):
    chance = random.Random(seed)
    hold = chance.choice([0, 10 * SECOND])
    steps = chance.choice([(), (("mean", {"over": 20 * SECOND}),), (("extreme", {"over": 20 * SECOND, "how": "max"}),)])
    conditions = [above("high", 3, 2.5, hold=hold), below("top", 1.5, 2)]
    if chance.random() < 0.3:
        conditions[0] = replace(conditions[0], hold=0, samples=(2, 3))
    return world({3: {"not": "top"}, 4: {"not": "high"}}, conditions, 4, steps=steps)


def said(bank, rows):
    return [msgspec.json.encode(signal) for signal in bank.handle(rows).signals]


@pytest.mark.parametrize(("seed", "again"), [*((n, HOUR) for n in range(4)), *((n, 25 * SECOND) for n in range(8))])
def test_any_split_and_any_restart_give_the_same(seed, again, monkeypatch):
    monkeypatch.setattr(first_words, "AGAIN", again)
    rows, chance = night(seed), random.Random(seed)
    whole = said(bank_of(various(seed)), rows)
    assert sum(one.count(b'"first":true') for one in whole) > 0
    bank = bank_of(various(seed))
    assert [one for some in rows for one in said(bank, [some])] == whole
    for cut in sorted(chance.sample(range(4, len(rows)), 8)):
        bank, early = bank_of(various(seed)), cut - chance.randint(0, 3)
        before = said(bank, rows[:early])
        older = bank.save_chunk(0, 1)
        before += said(bank, rows[early:cut])
        newer, rest = bank.save_chunk(1, 3), bank.save_rest()
        again = bank_of(various(seed))
        again.load_rest(rest, cut)
        again.load_chunk(older, 0, early)
        again.load_chunk(newer, 1, cut)
        assert before + said(again, rows[early:]) == whole, cut


def test_who_is_rebuilt_says_it_again():
    """What was told while it was read again was dropped; so was what an earlier configuration did not ask for."""
    rows = rows_of((0, 1, 0), (1, 1, 1), (30, 1, 0), (31, 1, 1), (60, 1, 0), (61, 1, 1))
    before, now = bank_of(world({4: "high"})), bank_of(world())
    before.handle(rows[:4])
    now.load_rest(before.save_rest(), 4)
    assert now.load_chunk(before.save_chunk(0, 2), 0, 4) == 2
    assert told(now.handle(rows[:3])) == []
    again, halfway = bank_of(world()), now.save_chunk(0, 2)
    assert told(now.handle(rows[3:])) == [("S0", "high", "off", 60), ("S1", "high", "off", 61)]
    again.load_rest(before.save_rest(), 4)
    assert again.load_chunk(halfway, 0, 3) == 0
    assert told(again.handle(rows[3:])) == [("S0", "high", "off", 60), ("S1", "high", "off", 61)]


def test_who_is_of_an_exercise_and_came_after_the_chunks_says_it_once():
    rows = rows_of((0, 1, 0), (1, 1, 1), (2, 1, 0), (30, 1, 0), (60, 1, 1))
    rows += numbered([*rows, row(BEGIN + 61, 1, "S0", status="Exercise")])[-1:]
    rows[2].status = "Exercise"
    bank, again = bank_of(world()), bank_of(world())
    bank.handle(rows[:2])
    chunk = bank.save_chunk(0, 2)
    assert told(bank.handle(rows[2:4])) == [("S0", "high", "off", 2)]
    again.load_rest(bank.save_rest(), 4)
    again.load_chunk(chunk, 0, 2)
    assert told(again.handle(rows[2:])) == told(bank.handle(rows[4:])) == []


def test_a_datastream_that_is_new_says_it_though_it_was_read_before():
    """It was nobody's then: what it sent was refused."""
    rows = rows_of((0, 1, 0), (1, 1, 1), (30, 1, 0), (31, 1, 1), (60, 1, 1))
    bank, again = bank_of(world(stations=1)), bank_of(world())
    assert told(bank.handle(rows[:2])) == [("S0", "high", "off", 0)]
    again.load_rest(bank.save_rest(), 2)
    assert again.load_chunk(bank.save_chunk(0, 1), 0, 2) == 0
    assert told(again.handle(rows)) == [("S1", "high", "off", 31)]


# -- what comes of it ------------------------------------------------------------------------------------------------


def test_a_level_that_holds_while_nothing_is_on_is_raised():
    commands, _ = run(world(), rows_of((0, 1, 0), (1, 1, 1), (30, 1, 0), (31, 4, 1)), batches=4)
    assert [(was, now) for _, was, now in changes(commands)] == [(None, "red"), ("red", None)]
    assert commands[0].stages["observed"] == commands[0].time


def test_who_has_lost_his_memory_hears_it_again():
    """A log of signals that begins after the first words: the level that holds while nothing is on is raised again."""
    where, again = world(), first_words.AGAIN // SECOND
    signals = bank_of(where).handle(rows_of(*((at, 1, n) for at in range(0, 2 * again, 120) for n in (0, 1)))).signals
    late = [one for one in signals if one.received > (BEGIN + 600) * SECOND]
    assessor = Assessor(where, 0, 1)
    commands = [command for signal in late for command in assessor.handle(signal, signal.received)]
    assert [(was, now) for _, was, now in changes(commands)] == [(None, "red")]


def test_what_is_told_again_changes_nothing():
    where, again = world(), first_words.AGAIN // SECOND
    commands, _ = run(where, rows_of(*((at, 1, n) for at in range(0, 2 * again, 120) for n in (0, 1))))
    once = [(one.kind, one.reason) for one in commands if one.reason != "repeat"]
    assert once == [("alert", "first")]


def test_while_one_was_never_heard_it_is_unknown():
    assert changes(run(world(), rows_of((0, 1, 0), (30, 1, 0)))[0]) == []
    assert changes(run(world(), rows_of((0, 4, 0), (30, 1, 0)))[0]) == []


def test_who_is_lost_before_its_first_word_is_unknown_until_then():
    rows = numbered([row(BEGIN, 99, "S1"), row(BEGIN + 1, 1, "S0"), row(BEGIN + 9, 45, "S1"), row(BEGIN + 20, 1, "S1")])
    commands, _ = run(world(), rows, batches=4)
    (raised,) = [one for one in commands if one.kind == "alert"]
    assert raised.level == "red"
    assert raised.alert.endswith("134700Z")


def test_of_an_exercise_only_those_who_take_part_count():
    rows = numbered([row(BEGIN, 1, "S0", status="Exercise")])
    (raised,) = [one for one in run(world(), rows)[0] if one.kind == "alert"]
    assert (raised.level, raised.status) == ("red", "Exercise")
    assert run(replace(world(), exercise=True), rows)[0] == []


def test_the_past_of_a_count_begins_with_it():
    rule = {4: {"count": {"of": {"not": "high"}, "at_least": 2, "within": HOUR}}}
    commands, _ = run(world(rule, stations=1), rows_of((0, 1, 0), (30, 4, 0), (60, 1, 0)), batches=3)
    assert [(was, now) for _, was, now in changes(commands)] == [(None, "red")]


def test_what_should_have_followed_upon_nothing():
    rule = {4: {"absence": {"of": "top", "after": {"not": "high"}, "within": MINUTE}}}
    commands, _ = run(world(rule, stations=1), rows_of((0, 1, 0), (30, 1, 0), (59, 1, 0), (62, 1, 0)), batches=4)
    assert [(was, now) for _, was, now in changes(commands)] == [(None, "red")]


def test_assess_remembers_who_has_spoken():
    where = world()
    signals, whole = run(where, rows_of((0, 1, 0), (5, 1, 1), (30, 4, 1), (60, 1, 1)))[1], []
    for cut in range(1, len(signals) + 1):
        first, rows, again = Assessor(where, 0, 1), {}, Assessor(where, 0, 1)
        found = []
        for signal in signals[:cut]:
            found += first.handle(signal, signal.received)
            rows.update(first.save(first.take_dirty()))
        kept = {key: value for key, value in rows.items() if value is not None}
        assert kept == first.save()
        assert again.load(kept) == {}
        assert again.save() == kept
        found += [c for signal in signals[cut:] for c in again.handle(signal, signal.received)]
        whole = whole or found
        assert found == whole
    assert len(changes(whole)) == 3
