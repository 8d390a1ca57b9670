"""A configuration that may be used."""

from dataclasses import dataclass

from streams.config.problems import Problem
from streams.models.settings import App, Topics
from streams.models.site import Site


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a configuration folder says, after checking."""

    app: App
    topics: Topics
    site: Site
    warnings: list[Problem]
