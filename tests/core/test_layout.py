"""Another number of `readings` partitions: what was said under the old number is said again in the same words."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.assess import Assessor
from streams.models.signal import Layout, Progress
from tests.core.signal_streams import PARTITIONS, Night, encode, read

LAYOUT = msgspec.json.Encoder().encode


def rekeyed(night, partitions):
    """The log as `tocsin topics repartition` writes it."""
    first, last = night.log[0][1], night.log[-1][1]
    old = [(value, now) for value, now, _ in night.log]
    return [(LAYOUT(Layout(PARTITIONS)), first), *old, (LAYOUT(Layout(partitions)), last)]


def hear(assessor, log):
    return [list(map(encode, assessor.handle(read(value, now), now))) for value, now in log]


@pytest.mark.parametrize("partitions", [1, 2, 5, 12])
@settings(max_examples=2, deadline=None)
@given(st.integers(0, 100_000))
def test_what_was_said_is_said_again_in_the_same_words(partitions, seed):
    night = Night(seed).run()
    assessor = Assessor(night.site, 0, partitions)
    said = hear(assessor, rekeyed(night, partitions))
    before = [encode(c) for c in Assessor(night.site, 0, PARTITIONS).health.hazards(night.log[0][1])]
    assert said[0] in ([], before)
    commands = [*said[0], *(one for found in said[1:-1] for one in found)]
    assert commands == [one for *_, found in night.log for one in found]


@pytest.mark.parametrize("partitions", [1, 2, 5, 12])
def test_then_it_waits_for_the_partitions_that_there_are(partitions):
    night = Night(7).run()
    assessor = Assessor(night.site, 0, partitions)
    hear(assessor, rekeyed(night, partitions))
    now = night.log[-1][1]
    assert assessor.floor.level == -1
    for partition in range(partitions):
        assessor.handle(Progress(partition, 0, now + 1), now + 1)
    assert assessor.floor.level == now + 1
    homes = {p for subject in assessor.subjects.values() for p in subject.partitions}
    assert homes <= set(range(partitions))


def test_the_layout_is_saved():
    night = Night(3).run()
    log = rekeyed(night, 5)
    cut = len(log) // 2
    one, two = Assessor(night.site, 0, 5), Assessor(night.site, 0, 5)
    hear(one, log[:cut])
    two.load(one.save())
    assert hear(two, log[cut:]) == hear(one, log[cut:])
    assert two.save() == one.save()


def test_the_same_number_again_changes_nothing():
    night = Night(3).run()
    one = Assessor(night.site, 0, PARTITIONS)
    hear(one, [(value, now) for value, now, _ in night.log])
    before = one.save()
    one.handle(Layout(PARTITIONS), night.log[-1][1])
    assert one.save() == before
