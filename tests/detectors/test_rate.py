import numpy as np

from detectors import DETECTORS
from detectors.seeded import fresh, rough, run
from detectors.transforms import TRANSFORMS


def test_the_score_is_the_transforms_value():
    stream = rough(TRANSFORMS["rate"](), seed=3)
    score = run(fresh(DETECTORS["rate"]), stream)
    np.testing.assert_array_equal(score, run(fresh(TRANSFORMS["rate"]), stream))
    assert np.isfinite(score).any()
