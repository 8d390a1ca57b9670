"""Checks of what detectors answer."""

import numpy as np

from detectors.proof import require
from detectors.seeded import START, Factory, Stream, clean, fresh, run, shape, span


def anomaly_stands_out(factory: Factory) -> None:
    """A jump of fifty standard deviations scores above the 99th percentile of the noise before it (detectors)."""
    part = fresh(factory, 1)
    value = 10.0 + np.random.default_rng(13).normal(size=shape(part, 400))
    value[300:] = value[300] if getattr(part, "wakes_on", "jump") == "stillness" else value[300:] + 50.0
    time = START + span(part) // 20 * np.arange(400)
    score = run(part, Stream(np.zeros(400, dtype=np.int64), time, value))
    normal = score[:300][np.isfinite(score[:300])]
    require(bool(np.nanmax(score[300:310]) > np.quantile(normal, 0.99)), "the anomaly does not stand out")


def the_unit_does_not_matter(factory: Factory) -> None:
    """Scores stay the same under x -> a*x + b, a > 0, of each channel (detectors that say `scale_free`).

    Once for any values, once for values in whole steps, where sums meet borders exactly.
    """
    stream = clean(factory(), seed=16, rows=1000)
    random = np.random.default_rng(16)
    a, b = random.uniform(0.01, 100.0, stream.value.shape[1:]), random.uniform(-100.0, 100.0, stream.value.shape[1:])
    for value in (stream.value, np.rint(3 * stream.value)):
        found = run(fresh(factory), Stream(stream.slot, stream.time, value * a + b))
        expected = run(fresh(factory), Stream(stream.slot, stream.time, value))
        close = np.isclose(found, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
        require(bool(close.all()), f"row {int(np.argmin(close))}: {found[~close][:1]} for {expected[~close][:1]}")
