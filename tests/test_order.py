"""What waits is spread over all workers but the last, at their beginning; nothing is lost."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.order import COMPUTING, HERE, WAITING, ordered


class Item(NamedTuple):
    path: Path
    number: int


def items(*names, each=3):
    return [Item(HERE / name, number) for name in names for number in range(each)]


def stretches(found, workers):
    """As xdist's worksteal hands them out at the beginning."""
    left, parts = list(found), []
    for n in range(workers):
        size = len(left) // (workers - n)
        parts.append(left[:size])
        left = left[size:]
    return parts


PURE = [f"core/test_{n}.py" for n in range(400)]
ALL = items(*sorted([*WAITING, *COMPUTING, *PURE]))


@pytest.mark.parametrize("workers", [0, 1, 2, 3, 4, 5, 8, 32])
def test_nothing_is_lost_and_modules_stay_whole(workers):
    found = ordered(ALL, workers)
    assert sorted(found) == sorted(ALL)
    for name in WAITING:
        at = [place for place, item in enumerate(found) if item.path == HERE / name]
        assert [found[place].number for place in at] == [0, 1, 2]
        assert at[-1] - at[0] == 2


@pytest.mark.parametrize("workers", [2, 3, 4, 5, 8])
def test_every_worker_but_the_last_begins_with_what_waits(workers):
    *lanes, last = stretches(ordered(ALL, workers), workers)
    waiting = {HERE / name for name in WAITING}
    for lane in lanes:
        kinds = [item.path in waiting for item in lane]
        assert kinds[0], "it begins with what waits"
        assert kinds == sorted(kinds, reverse=True), "and then has none of it"
    assert not waiting & {item.path for item in last}
    assert last[0].path == HERE / COMPUTING[1]  # in the order of the list


def test_three_workers_wait_equally_long():
    *lanes, _ = stretches(ordered(ALL, 3), 3)
    names = [{item.path.relative_to(HERE).as_posix() for item in lane} & WAITING.keys() for lane in lanes]
    one, two = (sum(WAITING[name] for name in some) for some in names)
    assert abs(one - two) <= 60


def test_a_few_tests_are_in_some_order():
    some = items("e2e/test_demo.py", "core/test_1.py", each=1)
    assert sorted(ordered(some, 3)) == sorted(some)
    assert ordered([], 3) == []


def test_the_modules_that_are_named_are_there():
    assert not [name for name in (*WAITING, *COMPUTING) if not (HERE / name).exists()]
