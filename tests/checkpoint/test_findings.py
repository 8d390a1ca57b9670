from streams.checkpoint.findings import Finding, worth_telling
from streams.completion import Start


def test_what_is_worth_telling():
    assert worth_telling([], Start(0, 0), None) == []
    assert worth_telling([], Start(0, 50), 50) == []  # all there ever was is read again
    assert worth_telling([], Start(30, 30), None) == []  # a first start on a log that has lost its beginning
    assert [f.reason for f in worth_telling([], Start(30, 50), 50)] == ["missing"]
    found = [Finding("hole", "x")]
    assert worth_telling(found, Start(0, 0), None) is found


def test_outputs_without_a_state_are_told_also_when_nothing_is_read_again():
    """The job stood for longer than readings are read again: all that was handled is too old."""
    assert [f.reason for f in worth_telling([], Start(50, 50), 50)] == ["missing"]
