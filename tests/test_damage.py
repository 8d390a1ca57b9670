import pytest
from aiokafka.structs import TopicPartition

from streams import damage as module
from streams.damage import AGAIN_S, TIMES, Damage
from streams.records import LightRecords

TP, OTHER = TopicPartition("readings", 3), TopicPartition("readings", 4)


class FakeConsumer:
    def __init__(self, end=100):
        self.end, self.resting, self.sought = end, set(), []

    def assignment(self):
        return {TP}

    def pause(self, tp):
        self.resting.add(tp)

    def paused(self):
        return set(self.resting)

    def resume(self, tp):
        self.resting.discard(tp)

    def highwater(self, _):
        return self.end

    def seek(self, tp, offset):
        self.sought.append((tp, offset))


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(LightRecords, "damage", LightRecords.damage)
    now, lost, consumer = [0.0], [], FakeConsumer()
    damage = Damage(lambda *what: lost.append(what), lambda: now[0])
    damage.watch(consumer)
    return now, lost, consumer, damage


def tried(world, first, upto):
    now, _, consumer, damage = world
    assert damage.found(TP, first, upto)
    damage.go_on()
    assert consumer.resting == {TP}  # not at once
    now[0] += AGAIN_S
    damage.go_on()
    assert not consumer.resting


def test_it_is_read_again_and_then_passed_over_with_a_word(world):
    _, lost, consumer, _ = world
    for _ in range(TIMES - 1):
        tried(world, 40, 43)
    assert (lost, consumer.sought) == ([], [])
    tried(world, 40, 43)
    assert (lost, consumer.sought) == ([(TP, 40, 43)], [(TP, 43)])
    tried(world, 60, 61)  # another one is tried as often
    assert len(lost) == 1


def test_what_is_whole_the_next_time_is_not_passed_over(world):
    _, lost, _, damage = world
    for _ in range(TIMES - 1):
        tried(world, 40, 43)
    damage.forget()
    tried(world, 40, 43)
    assert lost == []


def test_of_others_it_says_that_it_does_not_care(world):
    *_, damage = world
    assert not damage.found(OTHER, 1, 2)


@pytest.mark.parametrize("upto", [40, 39, 101])
def test_where_even_its_end_cannot_be_known_the_process_ends_with_what_to_do(world, monkeypatch, upto):
    def die(why):
        raise SystemExit(why)

    monkeypatch.setattr(module, "die", die)
    for _ in range(TIMES - 1):
        tried(world, 40, upto)
    with pytest.raises(SystemExit, match=r"readings/3: the checksum of the batch at offset 40 .*operations"):
        tried(world, 40, upto)
