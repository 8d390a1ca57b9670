"""What a rise makes of a latch: only a good value confirms it, and doubt that comes later takes nothing back."""

import pytest

from streams.core.latch import after_rise
from streams.models.signal import Trigger

HERE = (0, 0, 0, 0, 0)


def rise(edge, quality, *, confirmed=False):
    return Trigger("t", "S1", "water_level", edge, 0, condition="high", quality=quality, confirmed=confirmed)


@pytest.mark.parametrize(("edge", "quality", "confirmed", "good"), [
    ("on", 1, False, True), ("on", 3, False, False), ("on", 3, True, True),
    ("sighting", 1, False, True), ("sighting", 3, False, True), ("sighting", 3, True, True),
])  # fmt: skip
def test_what_a_good_value_has_confirmed_stays_so(edge, quality, confirmed, good):
    before = after_rise(rise("on", 1), HERE, None, doubted=False)
    latch = after_rise(rise(edge, quality, confirmed=confirmed), HERE, before, doubted=False)
    assert (latch.good, latch.own, latch.last.quality) == (good, good, quality)
    assert after_rise(rise(edge, quality, confirmed=confirmed), HERE, None, doubted=True).good is False
