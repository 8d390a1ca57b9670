"""`/healthz` and `/metrics` of a process that has no web server of its own. Faust's own says OK always."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

#: (ready, what is shown as JSON)
Health = Callable[[], tuple[bool, dict[str, Any]]]
Scrape = Callable[[], Awaitable[bytes]]


class HealthServer:
    """Answers 200 when ready, else 503, with the reasons as JSON; and the metrics."""

    def __init__(self, health: Health, scrape: Scrape) -> None:
        self._health, self._scrape = health, scrape
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> int:
        """Listen on a port, or the next free one (0 = any); returns the port."""
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        for candidate in [port] if port == 0 else [*range(port, port + 100), 0]:
            try:
                await web.TCPSite(self._runner, host, candidate).start()
            except OSError:
                continue
            self.port = self._runner.addresses[0][1]
            return self.port
        raise OSError(f"no free port at {host} from {port} on")

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        ready, shown = self._health()
        body = json.dumps({"ready": ready, **shown}, ensure_ascii=False)
        return web.Response(status=200 if ready else 503, text=body, content_type="application/json")

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._scrape(), headers={"Content-Type": CONTENT_TYPE_LATEST})
