"""Configuration files -> checked models. One that is wrong anywhere is refused, with every reason."""

from streams.config.load import load
from streams.config.loaded import Loaded
from streams.config.problems import ConfigError, Problem

__all__ = ["ConfigError", "Loaded", "Problem", "load"]
