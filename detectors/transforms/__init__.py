"""Transforms: value in, value out. The catalogue: one line a part."""

from detectors.base import Transform
from detectors.transforms.aqi import Aqi
from detectors.transforms.band_pass import BandPass
from detectors.transforms.beaufort import Beaufort
from detectors.transforms.daily import Daily
from detectors.transforms.daily_8h import Daily8h
from detectors.transforms.days_over import DaysOver
from detectors.transforms.drop import Drop
from detectors.transforms.extreme import Extreme
from detectors.transforms.forecast import Forecast
from detectors.transforms.fwi import Fwi
from detectors.transforms.high_pass import HighPass
from detectors.transforms.iaqi import Iaqi
from detectors.transforms.integrate import Integrate
from detectors.transforms.intensity import Intensity
from detectors.transforms.inverse_velocity import InverseVelocity
from detectors.transforms.mean import Mean
from detectors.transforms.median import Median
from detectors.transforms.pga import Pga
from detectors.transforms.pgv import Pgv
from detectors.transforms.rain_threshold import RainThreshold
from detectors.transforms.rate import Rate
from detectors.transforms.sum import Sum
from detectors.transforms.tangent_angle import TangentAngle
from detectors.transforms.uniform_rate import UniformRate
from detectors.transforms.vector_sum import VectorSum

TRANSFORMS: dict[str, type[Transform]] = {
    "aqi": Aqi,
    "band_pass": BandPass,
    "beaufort": Beaufort,
    "daily": Daily,
    "daily_8h": Daily8h,
    "days_over": DaysOver,
    "drop": Drop,
    "extreme": Extreme,
    "forecast": Forecast,
    "fwi": Fwi,
    "high_pass": HighPass,
    "iaqi": Iaqi,
    "integrate": Integrate,
    "intensity": Intensity,
    "inverse_velocity": InverseVelocity,
    "mean": Mean,
    "median": Median,
    "pga": Pga,
    "pgv": Pgv,
    "rain_threshold": RainThreshold,
    "rate": Rate,
    "sum": Sum,
    "tangent_angle": TangentAngle,
    "uniform_rate": UniformRate,
    "vector_sum": VectorSum,
}
