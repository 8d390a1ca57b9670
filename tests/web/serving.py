"""The web app behind a real uvicorn on a free port, in a thread of the test."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import uvicorn

from streams.models.signal import Act
from streams.web import web_app
from streams.web.producer import Place
from tests.web.county import County


class Recorder:
    """Takes the place of the Kafka producer and keeps what it was given."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    async def send(self, act: Act) -> Place:
        self.acts.append(act)
        return Place(0, len(self.acts) - 1)

    async def close(self) -> None:
        pass


@contextmanager
def serving(loaded: County, signals: Any = None) -> Iterator[str]:
    """Serve until the block ends; yields the address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = web_app(loaded)
    if signals is not None:
        app.state.context = replace(app.state.context, signals=signals)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
