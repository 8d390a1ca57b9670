import numpy as np

from detectors.threshold import Threshold


def test_the_score_is_the_value_but_not_of_an_earlier_time():
    part, here = Threshold(slots=1), np.array([0])
    score = [part.update(here, np.array([t]), np.array([v]))[0] for t, v in [(5, 1.0), (4, 2.0), (5, 3.0), (6, np.inf)]]
    np.testing.assert_array_equal(score, [1.0, np.nan, 3.0, np.nan])
