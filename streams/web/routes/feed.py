"""`GET /v1/feed`: every command as a server-sent event, durable by `Last-Event-ID` = `<epoch>.<stream id>`."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from redis.exceptions import RedisError
from sse_starlette import EventSourceResponse, ServerSentEvent

from streams.web.context import ContextOf
from streams.web.hub import Event, Hub, Subscription, hello, reset
from streams.web.store import Store, stream_id

router = APIRouter(tags=["feed"])
HEARTBEAT_S = 15
_PAGE = 500


@router.get("/v1/feed", response_class=EventSourceResponse)
async def feed(context: ContextOf, last_event_id: Annotated[str | None, Header()] = None) -> EventSourceResponse:
    """Server-sent events: `command`, `stations`, `state`, `hello` (where a new client stands) and `reset` (reload)."""
    await context.store.position()  # 503 with the reason now, rather than a stream that ends at once
    return EventSourceResponse(
        _encoded(context.hub, context.store, last_event_id),
        ping=HEARTBEAT_S,
        ping_message_factory=lambda: ServerSentEvent(comment="alive"),
        send_timeout=30,
        sep="\n",
        headers={"Cache-Control": "no-store"},
    )


async def _encoded(hub: Hub, store: Store, last_event_id: str | None) -> AsyncIterator[ServerSentEvent]:
    with hub.subscribe() as subscription:
        try:
            async for event in events(subscription, store, last_event_id):
                yield ServerSentEvent(event.data, event=event.kind, id=event.id, sep="\n")
        except (RedisError, OSError):
            return  # the client comes again with its Last-Event-ID


async def events(subscription: Subscription, store: Store, last_event_id: str | None) -> AsyncIterator[Event]:
    """What the client missed, then what comes. The subscription is already filling: there is no hole in between."""
    position = await store.position()
    epoch, _, last = (last_event_id or "").rpartition(".")
    if not last_event_id:
        first = hello(position)
        sent = position.last
        yield first
    elif epoch != position.epoch or not position.holds(last):
        sent = position.last
        yield reset(position, "unknown_position")
    else:
        sent = last
        async for event in _missed(store, position.epoch, last):
            sent = _stream(event)
            yield event
    async for event in _live(subscription, sent):
        yield event


async def _missed(store: Store, epoch: str, last: str) -> AsyncIterator[Event]:
    while True:
        page = await store.after(last, _PAGE)
        for entry in page:
            yield Event("command", entry.command.decode(), f"{epoch}.{entry.id}")
        if len(page) < _PAGE:
            return
        last = page[-1].id


async def _live(subscription: Subscription, sent: str) -> AsyncIterator[Event]:
    beyond = stream_id(sent) or (0, 0)
    while True:
        event = await subscription.get()
        if event.kind == "command":
            place = stream_id(_stream(event)) or (0, 0)
            if place <= beyond:
                continue  # came with what was missed
            beyond = place
        elif event.kind == "reset":
            beyond = stream_id(_stream(event)) or (0, 0)
        yield event


def _stream(event: Event) -> str:
    return (event.id or "").rpartition(".")[2]
