"""One role process from its start to its exit code."""

import asyncio
import signal
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest

from streams import garbage
from streams.agents.role import Role, Tools
from streams.agents.send import Sender
from streams.agents.ticks import Ticks
from streams.app import SafeApp, group_of, make_app
from streams.broker import broker_answers, wait_for_broker
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.log import CheckpointLog
from streams.checkpoint.schema import Schema
from streams.cluster import AWAY, compare
from streams.completion import Partition, Track
from streams.fatal import EXIT_BAD_INPUT, EXIT_FATAL, EXIT_GOOD, die, leave, must_not_fail
from streams.fetch import Tuning
from streams.group import Seat
from streams.health import HealthServer
from streams.logs import spent
from streams.membership import Membership
from streams.metrics import Metrics
from streams.models.deployment import Loaded
from streams.place import Place, TakenError
from streams.topic_differences import Difference
from streams.transport import Consumer
from streams.watchdog import LoopGuard, Watchdog

log = structlog.get_logger(__name__)
STOP_WITHIN_S = 8.0
WATCH_EVERY_S = 2.0
ASK_AGAIN_S = 1.0


class RoleProcess:
    """What one process of `tocsin worker --role R` does."""

    def __init__(
        self,
        make_role: Callable[[Tools], Role],
        loaded: Loaded,
        client_settings: Mapping[str, Any],
        place: Place,
    ) -> None:
        self._loaded, self._client_settings, self._place = loaded, client_settings, place
        self._metrics = Metrics(CollectorRegistry())
        self._membership = Membership(loaded.app.kafka.session_timeout_s)
        self._sender = Sender(loaded.app.kafka, loaded.topics, dict(client_settings), self._membership)
        self._role = make_role(Tools(loaded, self._sender, self._metrics, self._checkpoints, HandNote(place.hand)))
        self._app: SafeApp | None = None
        self._phase: str | None = "starting"
        self._restored = 0
        self._stop = asyncio.Event()
        self._comes_back = False  # told to stop because it will be started again: the partitions wait for it
        kafka = loaded.app.kafka
        group = group_of(kafka, self._role)
        self._seat = None if kafka.embedded else Seat(client_settings, group, place.instance, kafka.session_timeout_s)
        self._server = HealthServer(self.health, self._scrape)

    def _checkpoints(self, topic: str, schema: Schema) -> CheckpointLog:
        kafka = self._loaded.app.kafka
        return CheckpointLog(topic, schema, kafka, self._client_settings, self._place.instance, self._membership)

    async def run(self) -> int:
        """Run until told to stop; the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._pause)
        try:
            self._place.take()
        except TakenError as error:
            log.error("refused to start", reason=str(error))  # noqa: TRY400 - no traceback: it says what is wrong
            return EXIT_BAD_INPUT
        self._place.tell(await self._server.start(self._loaded.app.ports.host, 0))
        try:
            return await self._work()
        finally:
            await self._server.stop()

    async def _work(self) -> int:
        self._phase = f"waiting for Kafka at {self._loaded.app.kafka.bootstrap}"
        if not await self._unless_stopped(wait_for_broker(self._client_settings)):
            return EXIT_GOOD
        self._phase = "comparing topics"
        comparing = asyncio.create_task(self._compare_topics())
        if not await self._unless_stopped(comparing):
            return EXIT_GOOD
        differences = comparing.result()
        for difference in differences:
            (log.warning if difference.bearable else log.error)(str(difference))
        if not all(difference.bearable for difference in differences):
            log.error("refused to start: the cluster's topics are not those of topics.yaml", found=len(differences))
            return EXIT_BAD_INPUT
        self._phase = "looking for another process of this name"
        if self._seat is not None and not await self._seat.free(self._place.clients, self._stop.is_set):
            return EXIT_GOOD if self._stop.is_set() else EXIT_BAD_INPUT
        self._phase = None
        self._app = self._make_app()
        tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._tick())]
        for task in tasks:
            task.add_done_callback(must_not_fail)
        if not await self._unless_stopped(self._start(self._app)):
            return EXIT_GOOD
        await self._stop.wait()
        return await self._leave(self._app, tasks)

    async def _start(self, app: SafeApp) -> None:
        await self._sender.open()
        await self._role.open()
        await app.start()
        garbage.settle()
        log.info("role started", role=self._role.name, port=self._server.port, **spent())

    async def _compare_topics(self) -> list[Difference]:
        embedded = self._loaded.app.kafka.embedded
        while True:
            try:
                return await compare(self._client_settings, self._loaded.topics, embedded=embedded)
            except AWAY as error:
                log.warning("topics cannot be compared yet", reason=repr(error))
                await asyncio.sleep(ASK_AGAIN_S)

    def _pause(self) -> None:
        self._comes_back = True
        self._stop.set()

    async def _leave(self, app: SafeApp, tasks: list[asyncio.Task[None]]) -> int:
        """Finish what is begun, commit, go; in time also where Faust swallows a cancellation (a broker is frozen)."""
        began = time.monotonic()
        self._phase = "stopping"
        for task in tasks:
            task.cancel()
        leaving = asyncio.create_task(self._farewell(app))
        if not (await asyncio.wait({leaving}, timeout=STOP_WITHIN_S))[0]:
            log.error("did not stop in time; unfinished work will come again", waited_s=STOP_WITHIN_S)
            return EXIT_FATAL
        leaving.result()
        log.info("role stopped", role=self._role.name, took_s=round(time.monotonic() - began, 2))
        return EXIT_GOOD

    async def _farewell(self, app: SafeApp) -> None:
        await app.stop()
        await self._role.close()  # whoever has our partitions next begins with what this saves
        if self._seat is not None and not self._comes_back:
            await self._seat.leave()
        await self._sender.close()

    def _make_app(self) -> SafeApp:
        settings = self._loaded.app
        instance = None if settings.kafka.embedded else self._place.instance
        tuning = Tuning(records=settings.batch.records, in_flight=settings.batch.in_flight)
        app = make_app(
            self._role,
            settings.kafka,
            self._client_settings,
            instance=instance,
            client=self._place.client,
            metrics=self._metrics,
            membership=self._membership,
            tuning=tuning,
        )
        self._metrics.watch(self._tracks, self._lag)
        return app

    # ---- what it looks like from outside

    @property
    def _consumer(self) -> Consumer | None:
        return None if self._app is None else self._app._consumer  # noqa: SLF001 - `app.consumer` would make one

    def _tracks(self) -> Mapping[Partition, Track]:
        return {} if self._consumer is None else self._consumer.tracks

    def _lag(self, tp: Partition) -> int | None:
        return None if self._consumer is None else self._consumer.lag(tp)

    def _placed(self) -> bool:
        return self._consumer is not None and self._consumer.placed

    def _gets_on(self) -> bool:
        """Whether positions are set, or state is being taken in: of a big site on a busy machine that takes a while."""
        before, self._restored = self._restored, self._role.restored
        return self._placed() or self._restored != before

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Ready = partitions assigned, state restored up to the committed offset, the outside world there."""
        reasons = [self._phase] if self._phase else []
        if not self._phase and not self._placed():
            reasons.append("waiting for partitions")
        behind = [track for track in self._tracks().values() if not track.restored]
        if behind:
            records = sum(track.start.live - track.done for track in behind)
            reasons.append(f"state of {len(behind)} partitions is rebuilt from {records} more records")
        if self._role.waiting_for:
            reasons.append(f"waiting: {self._role.waiting_for}")
        return not reasons, {"role": self._role.name, "reasons": reasons, "partitions": len(self._tracks())}

    async def _scrape(self) -> bytes:
        return generate_latest(self._metrics.registry)

    # ---- beside the stream

    async def _tick(self) -> None:
        await Ticks(self._role.ticked, self._tracks, self._lag).run(self._sender, self._metrics)

    async def _watch(self) -> None:
        dog = Watchdog(self._tracks, self._lag, self._gets_on, self._membership)
        guard = LoopGuard()
        guard.start()
        while True:
            guard.beat()
            await asyncio.sleep(WATCH_EVERY_S)
            answers = not dog.suspicious or await broker_answers(self._client_settings)
            waiting = self._role.waiting_for is not None
            if trouble := dog.trouble(WATCH_EVERY_S, broker_answers=answers, waiting=waiting):
                die(trouble, stacks=True)

    async def _unless_stopped(self, work: Awaitable[Any]) -> bool:
        """Whether the work ended before somebody told us to stop; who will not be cancelled is left behind."""
        task, stop = asyncio.ensure_future(work), asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            task.result()
            return True
        task.cancel()
        await asyncio.wait({task}, timeout=STOP_WITHIN_S)
        return False


def run_process(make: Callable[[], RoleProcess]) -> None:
    """Run a role process and end this one with its exit code."""
    import uvloop  # noqa: PLC0415 - not everybody who imports this module runs a role

    async def run() -> None:
        try:
            leave(await make().run())
        except Exception as error:  # noqa: BLE001 - whatever it was: the supervisor starts a new process
            traceback.print_exception(error)
            die(f"the role failed: {error!r}")

    disable_created_metrics()  # type: ignore[no-untyped-call] # the time of the first count, one more series for each: nobody asks
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Faust's consumer thread makes a loop of its own
    asyncio.run(run())
