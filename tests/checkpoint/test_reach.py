from streams.checkpoint.reach import Reach
from streams.completion import Start


def test_a_state_can_be_gone_on_from_while_its_log_has_what_follows():
    assert Reach(10, 10, 10).lost(10) is None
    assert Reach(0, None, 99).lost(10) is None
    assert "begins at 11" in Reach(11, 20, None).lost(10).detail
    assert "made anew" in Reach(0, 9, None).lost(10).detail


def test_a_log_that_ends_before_what_was_committed_has_lost_records_that_were_handled():
    assert "ends at 60, the log it came from at 55" in Reach(0, 55, 60).lost(50).detail
    assert "ends at 60" in Reach(0, 55, 60).lost(None).detail
    assert Reach(0, 60, 60).lost(None) is None


def test_a_log_that_begins_after_what_was_committed_has_lost_records_that_nobody_handled():
    """Without a state nobody else would say so."""
    assert "ends at 40, the log it came from begins at 50" in Reach(50, 60, 40).lost(None).detail
    assert Reach(50, 60, 40).lost(55) is None
    assert Reach(50, 60, None).lost(None) is None


def test_what_is_to_come_never_counts_as_handled():
    assert Reach(0, 55, 60).within(Start(0, 60)) == Start(0, 55)
    assert Reach(0, 55, 60).within(Start(58, 60)) == Start(55, 55)
    assert Reach(0, None, 60).within(Start(0, 60)) == Start(0, 60)
