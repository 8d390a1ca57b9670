"""The app factory. Two apps in one process work: nothing here is global."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from streams.models.deployment import Loaded
from streams.web import errors, pages, schemas
from streams.web.context import Context
from streams.web.headers import Headers, policy
from streams.web.hub import Hub
from streams.web.metrics import Metrics
from streams.web.producer import Signals
from streams.web.routes import acts, alerts, feed, maps, ops, site, stations
from streams.web.stations import Stations, zone_formatter
from streams.web.store import Store

_ROUTES = (alerts, stations, feed, maps, site, acts, ops)


def _version() -> str:
    try:
        return version("tocsin")
    except PackageNotFoundError:  # running from a source tree that was never installed
        return "0"


def _context(loaded: Loaded) -> Context:
    store, metrics = Store(loaded.app.redis), Metrics()
    shown = Stations(
        loaded.site, store, zone_formatter(loaded.app.timezone), "Exercise" if loaded.app.exercise else "Actual"
    )
    hub = Hub(store, metrics, shown.changes)
    return Context(loaded.app, loaded.site, store, shown, hub, Signals(loaded.app.kafka), metrics)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    tasks = [asyncio.create_task(context.hub.run()), asyncio.create_task(context.hub.watch_stations())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await context.signals.close()
        await context.store.close()


def web_app(loaded: Loaded) -> FastAPI:
    """The web app of one deployment: API under /v1, page at /, API description at /docs."""
    app = FastAPI(
        title="Tocsin",
        summary="Alerts, stations and the live feed of one deployment.",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=_running,
    )
    app.state.context = context = _context(loaded)
    for module in _ROUTES:
        app.include_router(module.router)
    pages.install(app)
    errors.install(app)
    schemas.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Headers, metrics=context.metrics, content_policy=policy(loaded.app.basemap))
    return app
