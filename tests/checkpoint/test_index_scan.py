from streams.checkpoint.index_scan import IndexScan
from streams.checkpoint.schema import OBSERVE
from streams.models.saved import ChunkEntry, Death
from tests.checkpoint.made_log import observe_log


def scanned(log, schema=OBSERVE):
    return log.into(IndexScan(schema))


def test_the_newest_index_counts():
    chunk = ChunkEntry(0, 10, 90, "me", 1, 0, 7)
    scan = scanned(observe_log().add("chunk", b"x").index(80).index(100, [chunk]).add("chunk", b"y"))
    assert (scan.upto, scan.index.chunks, scan.conclusive) == (100, [chunk], True)


def test_without_an_index_one_has_to_look_farther_back():
    scan = scanned(observe_log().add("chunk", b"x").mark())
    assert scan.index is None
    assert not scan.conclusive


def test_after_begin_older_ones_count_no_more():
    scan = scanned(observe_log().index(80).begin("damaged", deaths=[Death(1, 2, "killed")]).mark())
    assert scan.index is None
    assert scan.conclusive
    assert scan.deaths == [Death(1, 2, "killed")]


def test_a_damaged_index_is_told_and_the_one_before_it_counts():
    log = observe_log().index(80).index(100)
    log.values[1] = log.values[1][:-1] + b"\x00"
    scan = scanned(log)
    assert (scan.upto, [f.reason for f in scan.findings]) == (80, ["damaged"])


def test_an_index_of_a_later_schema_is_refused():
    scan = scanned(observe_log().index(80).index(100, version=2))
    assert scan.index is None
    assert scan.conclusive
    assert [f.reason for f in scan.findings] == ["schema"]


def test_deaths_after_the_index_are_added_to_those_it_knows():
    log = observe_log().death(5, 6, "a").index(80, deaths=[Death(5, 6, "exception", "boom", "a")]).death(7, 8, "b")
    assert [d.id for d in scanned(log).deaths] == ["a", "b"]


def test_who_wrote_last_is_known():
    assert scanned(observe_log().index(80).add("chunk", b"x", token="other").mark()).newest == ("other", 1)
