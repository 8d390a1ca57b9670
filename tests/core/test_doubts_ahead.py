"""Several partitions of readings: what was raised ahead of its turn is never doubted afterwards."""

from streams.core import floor
from streams.core.assess import Assessor
from streams.models.partition import partition_of
from streams.models.signal import Checked, Progress
from streams.models.times import SECOND
from tests.core.doubt_world import River, three
from tests.core.relay_world import PARTITIONS


class Late(River):
    """Two partitions of readings; the second one is behind."""

    def __init__(self, the_site):
        super().__init__(the_site)
        self.assessors = [Assessor(the_site, p, 2) for p in range(PARTITIONS)]

    def far(self, second):
        """The second partition of readings is as far as this."""
        self.offset += 1
        for partition in range(PARTITIONS):
            self.tell(partition, Progress(1, self.offset, second * SECOND))

    def word(self, quality, word, second):
        check = "neighbour" if quality == 3 else ""
        at = second * SECOND
        one = Checked(f"c{word}", "Z2", "Actual", "G2", "water_level", word, quality, at, at, check, 2.2, "m")
        self.tell(partition_of(b"Z2", PARTITIONS), one)


def test_doubt_that_is_found_while_a_rise_waits_for_its_turn_does_not_lower_it():
    world = Late(three())
    world.edges(60, "G2", "o")
    assert world.levels("flood") == [("Z2", "orange")]  # ahead of its turn
    world.word(3, 60, 50)
    world.far(100)
    world.to(101)
    assert world.levels("flood") == [("Z2", "orange")]
    world.edges(120, "G2", "r")  # and what comes now is in doubt, ahead of its turn and at it
    world.far(200)
    world.to(201)
    assert world.levels("flood") == [("Z2", "orange")]


def test_doubt_that_waits_for_its_turn_counts_for_what_comes_behind_it():
    world = Late(three())
    world.edges(60, "G2", "b")
    world.word(3, 60, 50)
    assert partition_of(b"Z2", PARTITIONS) in [n for n, a in enumerate(world.assessors) if len(a.floor.waiting) == 2]
    world.edges(70, "G2", "o")
    assert world.levels("flood") == [("Z2", "blue"), ("Z2", "yellow")]
    world.far(100)
    world.to(101)
    assert world.levels("flood") == [("Z2", "blue"), ("Z2", "yellow")]


def test_the_end_of_doubt_raises_at_once_and_stays():
    world = Late(three())
    world.word(3, 60, 50)
    world.edges(60, "G2", "o")
    assert world.levels("flood") == [("Z2", "yellow")]
    world.word(1, 61, 65)  # behind the rise, which still waits
    assert world.levels("flood") == [("Z2", "yellow"), ("Z2", "orange")]
    again = [(a.save(), a) for a in world.assessors]
    for rows, assessor in again:
        other = Assessor(world.site, assessor.partition, 2)
        assert other.load(rows) == {}
        assert other.save() == rows
    world.far(100)
    world.to(101)
    assert world.levels("flood") == [("Z2", "yellow"), ("Z2", "orange")]
    assert not any(a.floor.waiting for a in world.assessors)


def test_samples_that_wait_for_a_partition_that_is_far_behind_are_not_kept_for_ever(monkeypatch):
    monkeypatch.setattr(floor, "MOST_SAMPLES", 30)
    world = Late(three())
    for minute in range(40):
        world.now = 0  # it is heard, and has a backlog
        world.minute(minute, 1.0, 1.0, 1.0)
    (home,) = [a for a in world.assessors if a.floor.waiting]
    assert 15 <= len(home.floor.waiting) <= 30
    other = Assessor(world.site, home.partition, 2)
    rows = home.save()
    assert other.load(rows) == {}
    assert other.save() == rows
    world.far(40 * 60)
    world.to(40 * 60)
    assert world.checked() == []
    assert not home.floor.waiting
    assert len(list(home.verdicts.bank.members())) == 3
