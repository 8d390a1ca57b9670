"""What a process knows of its deployment."""

from typing import Protocol

from streams.models.settings import App, Topics
from streams.models.site import Site


class Loaded(Protocol):
    """The checked configuration, as what runs looks at it (`streams.config.Loaded` is one)."""

    @property
    def app(self) -> App:
        """Settings of app.yaml."""

    @property
    def site(self) -> Site:
        """Zones, stations and hazards."""

    @property
    def topics(self) -> Topics:
        """Settings of topics.yaml."""
