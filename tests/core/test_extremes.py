"""Numbers that are finite and yet too large for anything: answered, without a warning and without an error."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.core.decode import decode
from streams.core.instants import of_seconds
from tests.core.runs import Bank, row
from tests.core.sites import above, below, hazard, site, stream

NOW = 1_700_000_000
HUGE = st.floats(1e290, 1.7976931348623157e308) | st.floats(-1.7976931348623157e308, -1e290)
ANY = st.floats(allow_nan=False, allow_infinity=False)
SAID = {"station": "S1", "property": "water_level"}


def decoded(body, count):
    value = json.dumps(body).encode()
    records = [
        SimpleNamespace(key=b"S1", value=value, headers=(), offset=n, timestamp=NOW * 1000 + n) for n in range(count)
    ]
    return decode("readings", 0, 1, records)


def bodies(time, step):
    yield {**SAID, "time": time, "value": 1.0}
    yield {**SAID, "time": time, "value": 1.0, "unit": "m"}
    yield [{**SAID, "time": time, "value": 1.0}] * 3
    yield {**SAID, "start": time, "step": 1.0, "values": [1.0, 2.0]}
    yield {**SAID, "start": NOW - 5, "step": step, "values": [1.0, 2.0]}
    yield [{"bn": "S1/", "bt": time, "n": "water_level", "u": "m", "v": 1.0}, {"n": "water_level", "t": time, "v": 2.0}]


@pytest.mark.parametrize("count", [1, 3, 25])
@settings(max_examples=6)
@given(time=HUGE | ANY, step=HUGE | ANY)
@example(time=1e308, step=1.7e308)
@example(time=-1e308, step=1e302)
def test_any_time_is_taken_or_refused(count, time, step):
    for body in bodies(time, step):
        columns, refused = decoded(body, count)
        assert len(columns) + len(refused) >= count
        assert ((columns.time > 0) & (columns.time < 2 * NOW * 1_000_000)).all()


@pytest.mark.parametrize("step", [1e12, 1e302, 1.7e308])
def test_values_after_an_endless_step_are_refused(step):
    columns, refused = decoded({**SAID, "start": NOW, "step": step, "values": [1.0, 2.0, 3.0]}, 1)
    assert columns.time.tolist() == [NOW * 1_000_000]
    assert [(one.reject.row, one.reject.reason) for one in refused] == [(1, "too_far_ahead"), (2, "too_far_ahead")]


@pytest.mark.parametrize("seconds", [1e308, -1e308, np.inf, np.nan, 5e12])
def test_seconds_beyond_all_limits_are_no_instants(seconds):
    with pytest.raises(OverflowError):
        of_seconds(np.array([1.0, seconds]))


def told(values):
    levels = hazard([above("high", 3, 2.5), below("low", -3, -2.5)], {1: "high", 2: "low"})
    bank, found = Bank(site([stream("S1")], levels), 0, 1), []
    for n, value in enumerate(values):
        out = bank.handle([row(n, value, offset=n)])
        found += [(t.edge, t.condition, t.value) for s in out.signals for t in getattr(s, "triggers", ())]
    return found


@settings(max_examples=30)
@given(st.lists(HUGE | ANY, min_size=1, max_size=6))
def test_a_latch_answers_any_value(values):
    on = [(edge, condition) for edge, condition, _ in told(values) if edge == "on"]
    assert (("on", "high") in on) == any(value >= 3 for value in values)
    assert (("on", "low") in on) == any(value <= -3 for value in values)
