"""Streaming detectors for monitoring points: pure numpy, vectorised over datastreams, bounded memory, resumable.

The catalogue: one line a part. `detectors.base` says what each of them obeys, `detectors.checks` tests it.
"""

from detectors.base import Detector
from detectors.rate import Rate
from detectors.threshold import Threshold

DETECTORS: dict[str, type[Detector]] = {
    "rate": Rate,
    "threshold": Threshold,
}
