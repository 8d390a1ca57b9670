"""What every route works with: built once by the app factory, never a global."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from streams.models.settings import App
from streams.models.site import Site
from streams.web.hub import Hub
from streams.web.metrics import Metrics
from streams.web.producer import Signals
from streams.web.stations import Stations
from streams.web.store import Store


@dataclass(frozen=True)
class Context:
    """The parts of one web app."""

    app: App
    site: Site
    store: Store
    stations: Stations
    hub: Hub
    signals: Signals
    metrics: Metrics


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


ContextOf = Annotated[Context, Depends(_context)]
