"""Security headers and request metrics, as plain ASGI: a middleware class of Starlette's would buffer event streams."""

from time import perf_counter
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.web.metrics import Metrics

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data:{images}; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def policy(basemap: str | None) -> str:
    """The content security policy: this host only, and the deployment's own map tiles if it names some."""
    if not basemap or not basemap.startswith("tiles:"):
        return _POLICY.format(images="")
    parts = urlsplit(basemap.removeprefix("tiles:").replace("{s}", "*"))
    return _POLICY.format(images=f" {parts.scheme}://{parts.netloc}" if parts.netloc else "")


class Headers:
    """Adds the headers to every answer and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, content_policy: str) -> None:
        self._app = app
        self._metrics = metrics
        self._fixed = {
            "Content-Security-Policy": content_policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()

        async def started(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._decorate(scope, message)
                self._count(scope, message["status"], perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, started)

    def _decorate(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._fixed.items():
            headers.setdefault(name, value)
        if scope["path"].startswith("/static/vendor/"):
            headers.setdefault("Cache-Control", "public, max-age=86400")
        else:  # revalidated by ETag: a new version of the page is seen at once
            headers.setdefault("Cache-Control", "no-cache")

    def _count(self, scope: Scope, code: int, seconds: float) -> None:
        # the route's template, never the path: an outsider must not be able to make new time series
        route = getattr(scope.get("route"), "path", None) or ("/static" if "/static" in scope["path"] else "other")
        self._metrics.requests.labels(scope["method"], route, str(code)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
