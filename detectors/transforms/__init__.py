"""Transforms: value in, value out. The catalogue: one line a part."""

from detectors.base import Transform
from detectors.transforms.band_pass import BandPass
from detectors.transforms.forecast import Forecast
from detectors.transforms.high_pass import HighPass
from detectors.transforms.integrate import Integrate
from detectors.transforms.mean import Mean
from detectors.transforms.median import Median
from detectors.transforms.rate import Rate
from detectors.transforms.sum import Sum
from detectors.transforms.vector_sum import VectorSum

TRANSFORMS: dict[str, type[Transform]] = {
    "band_pass": BandPass,
    "forecast": Forecast,
    "high_pass": HighPass,
    "integrate": Integrate,
    "mean": Mean,
    "median": Median,
    "rate": Rate,
    "sum": Sum,
    "vector_sum": VectorSum,
}
