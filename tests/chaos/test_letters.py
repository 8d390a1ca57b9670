"""A seed says exactly what is sent and what is done to the run."""

import pytest

from tests.chaos.faults import FAULTS, RARE
from tests.chaos.letters import BAD, Writer
from tests.chaos.servers import drawn
from tests.chaos.weather import FASTER, LAST_S

LENGTH = 12.0


def letters(seed, *, plain=False):
    return Writer(seed, 1_790_000_000.0, LENGTH, plain=plain).letters()


def test_the_same_seed_sends_the_same_and_another_one_does_not():
    assert letters(1) == letters(1)
    assert letters(1) != letters(2)


@pytest.mark.parametrize("plain", [True, False])
def test_every_kind_of_bad_record_has_bytes_of_its_own(plain):
    found = letters(3, plain=plain)
    bad = [one.value for one in found if one.bad and one.value]
    assert len(set(bad)) == len(bad)
    assert not set(bad) & {one.value for one in found if not one.bad}
    left_out = {"too_far_ahead", "wrong_partition"} if plain else set()
    assert {one.bad for one in found if one.topic == "readings"} == {None, *BAD} - left_out


def test_at_the_end_everybody_is_heard_twice_more():
    at = {}
    for one in letters(4, plain=True):
        at.setdefault(one.key, []).append(one.at)
    stations = {key: times for key, times in at.items() if key not in (b"X9", b"elsewhere")}
    assert len(stations) == 2_000
    assert all(max(times) >= LENGTH - 1.1 for times in stations.values())
    assert all(sum(t >= LENGTH - LAST_S / FASTER - 1.1 for t in times) >= 2 for times in stations.values())


def test_faults_are_three_to_five_and_the_same_again():
    for seed in range(1, 41):
        faults = drawn(seed)
        assert [f.says for f in faults] == [f.says for f in drawn(seed)]
        assert 3 <= len(faults) <= 5
        assert any(f.name in RARE for f in faults) == (seed % 10 == 0)
    assert {f.name for seed in range(1, 41) for f in drawn(seed)} >= {*FAULTS} - {
        "kill_all",
        "checkpoint",
        "clock",
    }
