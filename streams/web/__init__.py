"""API, live map and event stream. Reads Redis and the loaded site; acts leave only as records of `signals`."""

from streams.web.app import web_app

__all__ = ["web_app"]
