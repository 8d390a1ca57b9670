"""Streaming detectors for monitoring points: pure numpy, vectorised over datastreams, bounded memory, resumable.

The catalogue: one line a part. `detectors.base` says what each of them obeys, `detectors.checks` tests it.
"""

from detectors.anomaly import Anomaly
from detectors.base import Detector
from detectors.cusum import Cusum
from detectors.ewma import EwmaZ
from detectors.multivariate import Multivariate
from detectors.p_onset import POnset
from detectors.rate import Rate
from detectors.robust_z import RobustZ
from detectors.seasonal import Seasonal
from detectors.sta_lta import StaLta
from detectors.stuck import Stuck
from detectors.tail import Tail
from detectors.threshold import Threshold
from detectors.tsunami import Tsunami

DETECTORS: dict[str, type[Detector]] = {
    "anomaly": Anomaly,
    "cusum": Cusum,
    "ewma_z": EwmaZ,
    "multivariate": Multivariate,
    "p_onset": POnset,
    "rate": Rate,
    "robust_z": RobustZ,
    "seasonal": Seasonal,
    "sta_lta": StaLta,
    "stuck": Stuck,
    "tail": Tail,
    "threshold": Threshold,
    "tsunami": Tsunami,
}
