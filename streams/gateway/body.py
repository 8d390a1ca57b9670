"""A request's body up to a limit; what is beyond is thrown away unread, so that the sender hears the answer."""

from asyncio import timeout
from contextlib import suppress

from starlette.requests import Request

DRAIN_BYTES = 64_000_000
DRAIN_S = 10.0


class TooLargeError(Exception):
    """The body is beyond the limit."""


async def read_body(request: Request, limit: int) -> bytes:
    """Never holds more than the limit (and one chunk). Raises TooLargeError."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > limit:
        if "expect" not in request.headers:  # else the sender waits for our answer before it begins
            await _drain(request)
        raise TooLargeError
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            parts.clear()
            await _drain(request)
            raise TooLargeError
        parts.append(chunk)
    return b"".join(parts)


async def _drain(request: Request) -> None:
    """Many clients report a broken pipe instead of our 413 when nobody reads what they send."""
    size = 0
    with suppress(TimeoutError):
        async with timeout(DRAIN_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > DRAIN_BYTES:
                    return
