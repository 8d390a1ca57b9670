"""State saved as rows, at any point and any way, and loaded again: the same commands, byte for byte."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.assess import Assessor
from tests.core.signal_streams import PARTITIONS, Night, encode, read


def fresh(night):
    return Assessor(night.site, 0, PARTITIONS)


def hear(assessor, log):
    return [list(map(encode, assessor.handle(read(value, now), now))) for value, now, _ in log]


def fold(rows, assessor, keys):
    """As a checkpoint log does: rows that changed over those that were there."""
    for key, row in assessor.save(keys).items():
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 100))
def test_saved_whole_at_any_point(seed, percent):
    night = Night(seed).run()
    cut = len(night.log) * percent // 100
    first, second = fresh(night), fresh(night)
    hear(first, night.log[:cut])
    rows = first.save()
    assert second.load(rows) == {}
    assert second.take_dirty() == set()
    assert second.save() == rows
    assert hear(second, night.log[cut:]) == [commands for *_, commands in night.log[cut:]]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 9))
def test_rows_that_changed_over_older_ones(seed, pieces):
    night, chance = Night(seed).run(), random.Random(seed)
    cuts = sorted(chance.randint(0, len(night.log)) for _ in range(pieces))
    assessor, rows, at = fresh(night), {}, 0
    for cut in cuts:
        hear(assessor, night.log[at:cut])
        fold(rows, assessor, assessor.take_dirty())
        assert rows == assessor.save()
        at = cut
        if chance.random() < 0.5:
            assessor = fresh(night)
            assert assessor.load(rows) == {}
    again = fresh(night)
    again.load(rows)
    assert hear(again, night.log[at:]) == [commands for *_, commands in night.log[at:]]


KINDS = {
    "state", "subject", "alert", "passed", "latch", "report", "wait", "act", "silence", "alarm", "health", "lost",
    "past", "apart", "relay", "heard", "near", "doubt", "distrust", "said",
}  # fmt: skip
REASONS = {
    "first", "level_up", "level_down", "ended", "reopened", "repeat", "unmuted", "acknowledged", "withdrawn", "evidence"
}  # fmt: skip


def test_it_is_no_empty_proof():
    kinds, said = set(), set()
    for seed in range(25):
        night = Night(seed).run()
        assessor = fresh(night)
        for value, now, _ in night.log:
            said |= {command.reason for command in assessor.handle(read(value, now), now)}
            kinds |= {key.partition("|")[0] for key in assessor.dirty}
        if kinds >= KINDS and said >= REASONS:
            break
    assert kinds == KINDS
    assert said >= REASONS


def test_what_is_no_row_is_refused():
    night = Night(1)
    with pytest.raises(ValueError, match="no row"):
        fresh(night).load({"rubbish": b""})
