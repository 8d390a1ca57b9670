from streams.checkpoint.findings import Finding, worth_telling
from streams.completion import Start


def test_what_is_worth_telling():
    assert worth_telling([], Start(0, 0)) == []
    assert worth_telling([], Start(0, 50)) == []  # all there ever was is read again
    assert worth_telling([], Start(30, 30)) == []  # a first start on a log that has lost its beginning
    assert [f.reason for f in worth_telling([], Start(30, 50))] == ["missing"]
    found = [Finding("hole", "x")]
    assert worth_telling(found, Start(0, 0)) is found
