"""Keeps child processes alive: starts, restarts with backoff, stops them all, tells how they are.

Used by `tocsin worker` (its roles) and `tocsin demo` (everything).
"""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import structlog

from streams.child import Child, Ready, start
from streams.fatal import EXIT_BAD_INPUT, EXIT_FATAL, EXIT_GOOD
from streams.health import HealthServer
from streams.scrape import merge

__all__ = ["Child", "Ready", "Supervisor"]
log = structlog.get_logger(__name__)
BACKOFF_FIRST_S, BACKOFF_MOST_S = 0.5, 30.0  # before the second restart, and at most; the first one is at once
LIVED_LONG_S = 60.0  # after this much life a death counts as the first one
KILL_AFTER_S = 9.0  # SIGTERM first; everything has to be gone within 10 s
LOOK_EVERY_S = 0.25


class _Kept:
    """One child over all its lives."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: asyncio.subprocess.Process | None = None
        self.state: Ready = (False, {"reasons": ["not started"]})
        self.starts = 0
        self.finished = False  # ended by itself with exit 0: its work is done
        self.last_exit: int | None = None

    @property
    def port(self) -> int | None:
        alive = self.process is not None and self.process.returncode is None
        return self.child.port(self.process.pid) if alive and self.process else None


class Supervisor:
    """`await run()` returns the exit code after everything is gone; `stop()` makes it go."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._kept = [_Kept(child) for child in children]
        self._stopping = asyncio.Event()
        self._code = EXIT_GOOD
        self._pausing = False
        self._unfinished: list[str] = []  # children that had to be killed, or say that they could not end in time
        self._session: aiohttp.ClientSession | None = None
        self.all_ready = asyncio.Event()  # set whenever every child is ready
        self.server = HealthServer(self.health, self.scrape)

    async def run(self, host: str | None = None, port: int = 0) -> int:
        """Keep the children until told to stop. With a host: serve their health and metrics, all in one."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop, EXIT_GOOD)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.pause)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as self._session:
            if host is not None:
                found = await self.server.start(host, port)
                if port not in (0, found):
                    log.warning("port is taken, the next free one is used", wanted=port, port=found)
                log.info("health and metrics", at=f"http://{host}:{found}")
            look = asyncio.create_task(self._look())
            await asyncio.gather(*(self._keep(kept) for kept in self._kept))
            look.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await look
            await self.server.stop()
        if self._unfinished:
            log.error("children did not end in time: what they had begun comes again", children=self._unfinished)
        log.info("all children are gone", exit=self._code)
        return self._code

    def stop(self, code: int = EXIT_GOOD) -> None:
        """Stop everything; `run` returns this code."""
        if not self._stopping.is_set():
            self._code = code
            log.info("stopping", children=len(self._kept))
            self._stopping.set()

    def pause(self) -> None:
        """Stop everything, and let those who understand it know that they will be started again."""
        self._pausing = True
        self.stop()

    def health(self) -> Ready:
        """Ready = every child is; by child what is missing."""
        shown = {
            k.child.name: {"ready": k.state[0], "starts": k.starts, "last_exit": k.last_exit, **k.state[1]}
            for k in self._kept
        }
        return all(k.state[0] for k in self._kept), {"children": shown}

    async def scrape(self) -> bytes:
        """The metrics of all children, each with the label `process`."""
        ports = {kept.child.name: port for kept in self._kept if (port := kept.port)}
        pages = await asyncio.gather(*(self._get(port, "/metrics") for port in ports.values()))
        texts = {name: page[1] for name, page in zip(ports, pages, strict=True) if page and page[0] == 200}
        return merge(texts, {kept.child.name: kept.starts for kept in self._kept})

    # ---- one child

    async def _keep(self, kept: _Kept) -> None:
        backoff = 0.0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._live(kept)
            if self._stopping.is_set():
                break
            if code == EXIT_BAD_INPUT:
                log.error("child refuses to run: everything stops", child=kept.child.name, exit=code)
                self.stop(EXIT_BAD_INPUT)
                break
            if code == EXIT_GOOD:
                log.info("child has finished", child=kept.child.name)
                kept.finished = True
                break
            backoff = 0.0 if time.monotonic() - began > LIVED_LONG_S else backoff
            log.warning("child died, starting it anew", child=kept.child.name, exit=code, in_s=backoff)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), backoff)
            backoff = min(max(2 * backoff, BACKOFF_FIRST_S), BACKOFF_MOST_S)

    async def _live(self, kept: _Kept) -> int:
        """One life of a child, from start to exit code; ends early when everything stops."""
        kept.process = process = await start(kept.child)
        kept.starts += 1
        kept.state = (False, {"reasons": ["starting"]})
        log.info("child started", child=kept.child.name, pid=process.pid, starts=kept.starts)
        gone, stopping = asyncio.ensure_future(process.wait()), asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({gone, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        told = not gone.done()
        killed = told and await _end(kept.child, process, pausing=self._pausing)
        kept.last_exit = await gone
        if killed or (told and kept.last_exit == EXIT_FATAL):
            self._has_not_finished(kept.child.name)
        kept.state = (kept.last_exit == EXIT_GOOD, {"reasons": [f"exit {kept.last_exit}"]})
        return kept.last_exit

    def _has_not_finished(self, name: str) -> None:
        """A child is gone because everything stops, and what it had begun comes again."""
        self._unfinished.append(name)
        self._code = self._code or EXIT_FATAL

    async def _look(self) -> None:
        """Ask every child how it is, again and again."""
        while True:
            await asyncio.gather(*(self._ask(kept) for kept in self._kept))
            ready = all(kept.state[0] for kept in self._kept)
            if ready and not self.all_ready.is_set():
                log.info("all children are ready", children=[kept.child.name for kept in self._kept])
                self.all_ready.set()
            elif not ready:
                self.all_ready.clear()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _ask(self, kept: _Kept) -> None:
        process = kept.process
        if process is None or process.returncode is not None:
            return
        try:
            state = await self._state(kept)
        except Exception as error:  # noqa: BLE001 - whoever wrote this `ready`: the others are asked all the same
            state = False, {"reasons": [repr(error)]}
        if kept.process is process and process.returncode is None:
            kept.state = state

    async def _state(self, kept: _Kept) -> Ready:
        if kept.child.ready is not None:
            return await kept.child.ready()
        if (port := kept.port) is None:
            return False, {"reasons": ["starting"]}
        page = await self._get(port, "/healthz")
        if page is None:
            return False, {"reasons": ["does not answer /healthz"]}
        return page[0] == 200, _details(page[1])

    async def _get(self, port: int, path: str) -> tuple[int, str] | None:
        assert self._session is not None  # noqa: S101 - only called while `run` runs
        try:
            async with self._session.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None


def _details(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"reasons": [text[:200]]}
    return {k: v for k, v in found.items() if k != "ready"} if isinstance(found, dict) else {}


async def _end(child: Child, process: asyncio.subprocess.Process, *, pausing: bool = False) -> bool:
    """SIGTERM, then SIGKILL for it and whatever it started; whether that was necessary."""
    with contextlib.suppress(ProcessLookupError):  # `send_signal` may reap who has just died: its exit is lost
        os.kill(process.pid, signal.SIGUSR1 if pausing and child.pausable else signal.SIGTERM)
    try:
        await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(process.wait())), KILL_AFTER_S)
    except TimeoutError:
        log.error("child did not stop, killing it", child=child.name, pid=process.pid)  # noqa: TRY400
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return True
    return False
