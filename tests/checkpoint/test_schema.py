import pytest

from streams.checkpoint.fold import Fold
from streams.checkpoint.schema import ASSESS, OBSERVE, ForeignError, Schema
from streams.models.saved import Slice
from tests.checkpoint.made_log import Log, pack


def from_zero(kind, payload):
    """Version 0 of this fable wrote rows of a slice as one text."""
    if kind != "base":
        return payload
    rows = [(k, v.encode()) for k, v in (pair.split("=") for pair in payload.decode().split())]
    return pack(Slice(1, 0, None, None, rows))


NEW = Schema("assess", 1, {0: from_zero})


def test_a_release_reads_its_own_and_the_previous_version():
    log = Log(NEW).add("base", b"a=1 b=2", version=0, upto=10).delta(10, 20, b="3")
    fold = log.into(Fold(NEW, "site"))
    assert (fold.upto, fold.whole, fold.rows) == (20, True, {"a": b"1", "b": b"3"})


@pytest.mark.parametrize(("name", "version"), [("assess", 2), ("assess", -1), ("observe", 1)])
def test_it_reads_no_other(name, version):
    with pytest.raises(ForeignError, match="saved state"):
        NEW.read(name, version, "base", b"")


def test_an_upgrade_from_two_versions_ago_is_not_kept():
    with pytest.raises(ForeignError, match="assess/2 and assess/1"):
        Schema("assess", 2, {0: from_zero, 1: from_zero}).read("assess", 0, "base", b"")


def test_every_version_but_the_first_reads_the_one_before():
    for schema in (OBSERVE, ASSESS):
        assert schema.version == 1 or schema.version - 1 in schema.upgrades
