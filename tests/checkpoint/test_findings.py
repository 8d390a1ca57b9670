from streams.checkpoint.findings import Finding, out_of_reach, worth_telling
from streams.completion import Start


def test_a_state_can_be_gone_on_from_while_its_log_has_what_follows():
    assert out_of_reach(10, 10, 10) is None
    assert out_of_reach(10, 0, None) is None
    assert "begins at 11" in out_of_reach(10, 11, 20).detail
    assert "made anew" in out_of_reach(10, 0, 9).detail


def test_what_is_worth_telling():
    assert worth_telling([], Start(0, 0)) == []
    assert worth_telling([], Start(0, 50)) == []  # all there ever was is read again
    assert worth_telling([], Start(30, 30)) == []  # a first start on a log that has lost its beginning
    assert [f.reason for f in worth_telling([], Start(30, 50))] == ["missing"]
    found = [Finding("hole", "x")]
    assert worth_telling(found, Start(0, 0)) is found
