"""Transforms: value in, value out. The catalogue: one line a part."""

from detectors.base import Transform
from detectors.transforms.mean import Mean
from detectors.transforms.rate import Rate
from detectors.transforms.sum import Sum

TRANSFORMS: dict[str, type[Transform]] = {
    "mean": Mean,
    "rate": Rate,
    "sum": Sum,
}
