"""Rain against the curve: every duration by its own sum."""

import numpy as np
import pytest

from detectors.base import HOUR, MINUTE
from detectors.seeded import START
from detectors.transforms.rain_threshold import CURVES, DURATIONS, RainThreshold

HERE = np.array([0])


def through(part, time, value):
    part.grow(1)
    return part.series(HERE, np.asarray(time)[None], np.asarray(value, dtype=float)[None])[0]


@pytest.mark.parametrize("kind", ["increment", "total", "rate"])
@pytest.mark.parametrize(("a", "b", "over"), [(14.82, 0.39, 72 * HOUR), (2.2, 0.44, 90 * MINUTE)])
def test_the_worst_duration_of_all(kind, a, b, over):
    random = np.random.default_rng(4)
    time = START + MINUTE * np.cumsum(random.choice([1, 5, 30, 400], p=[0.4, 0.4, 0.19, 0.01], size=1200))
    value = np.where(random.random(1200) < 0.2, random.integers(1, 60, 1200) / 5, 0.0)
    value = np.cumsum(value) if kind == "total" else value
    out = through(RainThreshold(a=a, b=b, over=over, kind=kind), time, value)
    spans = [*(d for d in DURATIONS if d < over), over]
    amounts = [short(kind, time, value, span, over) for span in spans]
    ratios = [n / (span / HOUR) / (a * (span / HOUR) ** -b) for n, span in zip(amounts, spans, strict=True)]
    np.testing.assert_allclose(out[:, 0], np.max(ratios, axis=0), rtol=1e-6, atol=1e-9)
    clear = np.sort(ratios, axis=0)[-1] > 1.0001 * np.sort(ratios, axis=0)[-2]
    hours = np.array(spans)[np.argmax(ratios, axis=0)] / HOUR
    np.testing.assert_array_equal(out[clear, 1], hours[clear])
    assert out[:, 0].max() > 1


def short(kind, time, value, span, over):
    """The sum over a span in cells of a minute, by hand."""
    step, grown = np.diff(time, prepend=time[0]), np.diff(value, prepend=value[0])
    amount = {"increment": value, "total": grown, "rate": np.where(step <= over, value * step / HOUR, 0.0)}[kind]
    cell = -(-time // MINUTE)
    return np.array([amount[: n + 1][cell[: n + 1] > cell[n] - span // MINUTE].sum() for n in range(len(time))])


def test_late_tips_go_where_they_belong():
    minutes = np.array([100, 101, 60, 95, 102])
    out = through(RainThreshold(), START + MINUTE * minutes, [1.0, 1.0, 30.0, 1.0, 0.0])
    ordered = np.sort(minutes)
    same = through(RainThreshold(), START + MINUTE * ordered, [30.0, 1.0, 1.0, 1.0, 0.0])
    assert out[-1].tolist() == same[-1].tolist()


def test_it_is_complete_when_the_longest_window_is():
    part = RainThreshold(over=HOUR, slots=1)
    for minute, whole in ((0, False), (30, False), (60, True), (200, False)):
        part.update(HERE, np.array([START + minute * MINUTE]), np.array([0.0]))
        assert part.complete(HERE)[0] == whole


def test_the_thresholds_of_caine():
    a, b, *_ = CURVES["caine"]
    amounts = [round(a * hours ** (1 - b)) for hours in (3, 6, 12, 24, 72)]
    assert amounts == [29, 44, 67, 103, 201]


@pytest.mark.parametrize("settings", [{"a": 0.0}, {"b": 1.0}, {"over": 10 * MINUTE}])
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match="found"):
        RainThreshold(**settings)
