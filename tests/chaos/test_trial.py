"""Faults are counted when they were made, not when they were drawn."""

from collections import Counter
from types import SimpleNamespace

import pytest

from tests.chaos.__main__ import how_many
from tests.chaos.checkpoints import NotNowError
from tests.chaos.faults import Fault
from tests.chaos.trial import Trial


class World:
    def look(self):
        pass


def trial(faults):
    return Trial(1, World(), faults, length=1.0, plain=True)


def nothing(_world):
    pass


def test_a_fault_has_run_when_its_last_step_is_done():
    tries = iter([False, False, True])

    def at_last(_world):
        if not next(tries):
            raise NotNowError

    clock = Fault("clock", "", clocks={"assess": "+1h"})
    one = trial([Fault("kill", "", [(0.0, nothing), (0.1, at_last)]), Fault("kill", "", [(0.2, nothing)]), clock])
    one._hurt(SimpleNamespace(seconds=1e9))
    assert one.ran == Counter(kill=2, clock=1)


def test_a_fault_that_breaks_off_has_not_run():
    def fails(_world):
        raise RuntimeError

    one = trial([Fault("redis", "", [(0.0, nothing)]), Fault("join", "", [(0.1, nothing), (0.2, fails)])])
    with pytest.raises(RuntimeError):
        one._hurt(SimpleNamespace(seconds=1e9))
    assert one.ran == Counter(redis=1)
    assert how_many(one.ran, Counter(redis=1, join=1)) == "1 faults ran: 1 redis; did not run: 1 join"
