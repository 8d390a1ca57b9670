import pytest

from streams.checkpoint import own_positions, rebuild, resume
from streams.completion import Partition, Start
from tests.agents.given import FakeLog

TP = Partition("signals", 0)


async def test_resume_goes_on_at_the_committed_offset_or_begins_at_the_beginning():
    assert await resume({TP}, FakeLog({TP: 7})) == {TP: Start(7, 7)}
    assert await resume({TP}, FakeLog({}, begin={TP: 3})) == {TP: Start(3, 3)}


async def test_resume_skips_what_retention_has_taken_and_says_so():
    told = []
    found = await resume({TP}, FakeLog({TP: 7}, begin={TP: 20}), lost=lambda *about: told.append(about))
    assert found == {TP: Start(20, 20)}
    assert told == [(TP, 7, 20)]


async def test_a_first_start_has_lost_nothing():
    told = []
    await resume({TP}, FakeLog({}, begin={TP: 20}), lost=lambda *about: told.append(about))
    await own_positions({TP}, FakeLog({}, begin={TP: 20}), {}, lost=lambda *about: told.append(about))
    assert not told


async def test_resume_begins_at_the_end_of_a_log_that_has_lost_what_was_committed_and_says_so():
    told = []
    found = await resume({TP}, FakeLog({TP: 70}, last=50), lost=lambda *about: told.append(about))
    assert found == {TP: Start(50, 50)}
    assert told == [(TP, 70, 50)]


async def test_resume_believes_no_end_that_the_broker_does_not_know():
    assert await resume({TP}, FakeLog({TP: 70}, last=50), ends_known=False) == {TP: Start(70, 70)}


async def test_rebuild_reads_from_the_beginning_and_is_live_from_the_committed_offset():
    assert await rebuild({TP}, FakeLog({TP: 50}, begin={TP: 10})) == {TP: Start(10, 50)}


async def test_the_first_start_of_all_is_live_from_the_beginning():
    assert await rebuild({TP}, FakeLog({}, begin={TP: 10}), since_ms=5) == {TP: Start(10, 10)}


@pytest.mark.parametrize(
    ("found", "read"),
    [(30, 30), (5, 10), (70, 50), (None, 50)],
    ids=["recent enough", "older than the log", "newer than the commit", "all records are older"],
)
async def test_rebuild_reads_recent_records_only_when_told_so(found, read):
    log = FakeLog({TP: 50}, begin={TP: 10}, found={TP: found})
    assert await rebuild({TP}, log, since_ms=5) == {TP: Start(read, 50)}


async def test_rebuild_when_retention_has_overtaken_the_group():
    assert await rebuild({TP}, FakeLog({TP: 50}, begin={TP: 80})) == {TP: Start(80, 80)}


async def test_own_positions_go_before_what_is_committed():
    other = Partition("signals", 1)
    found = await own_positions({TP, other}, FakeLog({TP: 99, other: 99}, begin={other: 4}), {("signals", 0): 12})
    assert found == {TP: Start(12, 12), other: Start(4, 4)}


async def test_own_positions_skip_what_retention_has_taken_and_say_so():
    told = []
    log = FakeLog({}, begin={TP: 20})
    found = await own_positions({TP}, log, {("signals", 0): 7}, lost=lambda *about: told.append(about))
    assert found == {TP: Start(20, 20)}
    assert told == [(TP, 7, 20)]
