import pytest

from streams.checkpoint.pace import CREDIT_S, CYCLE_S, INDEX_SHARE, Pace, cycle_s, index_s


def test_saving_takes_no_more_than_its_share():
    pace, now, saved = Pace(share=0.1, credit=0.0), 0.0, 0.0
    while now < 100:
        pace.tick(now)
        if pace.may:
            pace.spend(0.5)
            saved += 0.5
        now += 0.01
    assert 9 < saved <= 10.5


def test_what_was_not_used_is_not_saved_up_for_long():
    pace = Pace()
    pace.tick(0)
    pace.tick(10_000)
    assert pace.credit == CREDIT_S


def test_what_a_restart_may_read_again_follows_from_how_quick_the_role_is():
    pace = Pace()
    slow = pace.replay
    for _ in range(100):
        pace.worked(2_000, 0.005)
    assert pace.replay > 10 * slow
    pace.worked(1, 1.0)  # one record says nothing
    assert pace.replay > 10 * slow


def test_a_small_state_is_written_each_second_a_large_one_each_minute():
    assert [cycle_s(size) for size in (1_000, 5_000_000, 10**9)] == [1, 5, 60]
    assert cycle_s(1_000, least=10) == 10


def test_an_index_that_takes_long_comes_seldom():
    assert index_s(0.0001, 16, 1.0) == 1.0
    assert index_s(0.0216, 16, 1.0) == pytest.approx(0.0216 * 16 / INDEX_SHARE)
    assert index_s(1.0, 16, 1.0) == CYCLE_S[1]
