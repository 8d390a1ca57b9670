"""Faust 0.15.3's Kafka transport, with one stream event per fetched batch and explicit completion.

Faust costs 60-100 us a message whatever the agent does, and acknowledges an event in the `finally` of its stream
iterator, that is also after an exception: the event is lost. Here one event is a `Batch` of records; only `with batch:`
left without an exception makes its offsets committable. Topics are declared with `acks=False`, so that Faust's own
acknowledging (the compiled StreamIterator writes `consumer._acked` directly and never calls `Consumer.ack`) is off.

Each override names the Faust line it answers; `tests/test_transport.py` fails when a new version changes one of them.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import faust
from aiokafka.errors import IllegalStateError, KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.completion import Batch, Partition, Track, lose
from streams.fatal import die
from streams.fetch import Ahead, ConsumerThread, Tuning
from streams.positions import Job, KafkaLog, NotYetError
from streams.reader import Reader

#: turns of the loop until aiokafka has written a request to its socket
REQUEST_TURNS = 4
#: errors of `Job.starts` after which it is asked again; any other one ends the process
RETRIABLE = (NotYetError, KafkaError, OSError, TimeoutError, IllegalStateError)


class Consumer(driver.Consumer):  # type: ignore[misc] # faust has no types
    """Reads batches, tracks their completion, commits what is done, begins where the role says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.tracks: dict[Partition, Track] = {}
        self.placed = False  # whether positions have been set since the last assignment
        self._ready: deque[Batch] = deque()
        self._room = asyncio.Event()
        self._ahead = Ahead()
        self._epoch = 0  # how often positions were forgotten
        super().__init__(*args, **kwargs)  # consumer.py, ThreadDelegateConsumer.__init__: makes the thread
        self.tuning: Tuning = self.app.tuning
        self.job: Job = self.app.job
        given = self.app.conf.broker_client_id, self.tuning, self.app.client_settings
        self._reader = Reader(*given, lambda *lost: lose(self.tracks, *lost))
        self.log_positions = KafkaLog(self._thread.on_client)

    def _new_consumer_thread(self) -> ConsumerThread:
        # drivers/aiokafka.py, Consumer._new_consumer_thread: the thread class is not a setting.
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # ---- reading

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand batches to Faust's streams for as long as the fetcher runs.

        Answers consumer.py, _drain_messages: `sleep(0)` and `wait_first` make eight tasks an event, half a millisecond.
        A stopped flow ends with `resume_flow`, or the fetcher is cancelled; gaps are the `Track`'s business.
        """
        try:
            while not (self.should_stop or fetcher.should_stop):
                async for _, message in self.getmany(1.0):
                    await self.callback(message)
        except (asyncio.CancelledError, *self.consumer_stopped_errors):
            if not self.transport.app.should_stop:
                raise

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 - Faust's signature
        """Hand batches to Faust, one event each.

        Answers consumer.py, getmany: one event a record; and _drain_messages: drops what is below `_read_offset`,
        which a rebalance may leave above our position (the `Track` alone decides what was delivered).
        """
        if not self._ready or not self.flow_active:  # stopped with batches in hand: wait, or nobody else gets a turn
            await self._fill(timeout)
        while self._ready and self.flow_active and not self.should_stop:
            batch = self._ready.popleft()
            if batch.stale:
                continue
            tp = TP(*batch.tp)
            self._read_offset.pop(tp, None)
            message = self._to_message(tp, batch.records[-1])
            message.value, message.checksum = batch, None
            yield tp, message

    async def _fill(self, timeout: float) -> None:  # noqa: ASYNC109
        """Take what was fetched, from the topics that have room, into `_ready`; the next fetch begins at once."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
            return
        if not self.placed and not await self._place():
            await self.sleep(0.5)
            return
        if not self._ahead.there and not self._fetch_ahead(timeout):
            self._room.clear()
            await self.wait_first(self._room.wait(), timeout=0.2)
            return
        tracks, ahead = self.tracks, self._ahead.take()
        if not (fetched := ahead and await ahead):
            return
        if tracks is not self.tracks or not self.flow_active:  # a rebalance came between: read them again if ours
            self._seek_back(fetched)
            return
        for tp, records in fetched.items():
            track = tracks.get(Partition(tp.topic, tp.partition))
            if track is not None and records:
                self._ready.extend(track.take(records, self.tuning.records))
        self._fetch_ahead(timeout)
        for _ in range(REQUEST_TURNS):  # the request is under way, and what was sent, before anybody computes
            await asyncio.sleep(0)

    def _fetch_ahead(self, timeout: float) -> bool:
        """Begin the next fetch, so that none waits for what our loop does meanwhile; false = no topic has room."""
        full = self.tuning.full(self.tracks.values())
        active = self._get_active_partitions() & self.tracks.keys()
        hungry = {tp for tp in active if tp.topic not in full}
        if hungry:
            self._ahead.begin(self._reader.fetching(hungry, 0.05 if full else timeout))
        return bool(hungry)

    def _seek_back(self, fetched: Mapping[Any, Sequence[Any]]) -> None:
        """These records were taken from aiokafka but not delivered: read them again, if they are still ours."""
        if self.placed:
            ours = (self.tracks.get(Partition(tp.topic, tp.partition)) for tp in fetched)
            self._reader.seek({track.tp: track.next for track in ours if track is not None})

    # ---- positions

    async def perform_seek(self) -> None:
        """Forget what was delivered; positions are set before the next fetch.

        Answers consumer.py, perform_seek: seeks to committed offsets, but state may be older than they are; and
        tables/recovery.py, _resume_streams: calls it with a timeout and resumes the flow even when that has passed.
        """
        self._forget()

    async def _place(self) -> bool:
        """Ask the role where to begin in each partition and seek there; false = try again."""
        tps = {Partition(*tp) for tp in self.assignment()}
        epoch = self._epoch
        try:
            starts = await self.job.starts(tps, self.log_positions) if tps else {}
            await self._reader.place({tp: start.read for tp, start in starts.items()})
        except RETRIABLE as error:
            self.log.warning("positions cannot be set yet, trying again: %r", error)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it was, the state is not to be trusted
            die(f"positions cannot be set: {error!r}")
        if epoch != self._epoch or not self.flow_active:  # a rebalance came between
            return False
        self.tracks = {tp: Track(tp, start, self._room.set) for tp, start in starts.items()}
        self.placed = True
        return True

    def _forget(self, tps: set[Partition] | None = None) -> None:
        self._ahead.drop()
        gone = set(self.tracks) if tps is None else tps & set(self.tracks)
        for tp in gone:
            self.tracks[tp].end()
        self.tracks = {tp: track for tp, track in self.tracks.items() if tp not in gone}
        self._ready = deque(b for b in self._ready if not b.stale)
        self.placed = False
        self._epoch += 1
        self._room.set()

    def lag(self, tp: Partition) -> int | None:
        """Records of a partition that are not done; none = not known yet. What a transaction left over is no record."""
        track = self.tracks.get(tp)
        where = self._reader.where(tp)
        if track is None or where is None or self._ahead.arrived:  # what has arrived is in no track yet
            return None
        position, end = where
        return max(0, end - (track.done if track.open else max(track.done, position)))

    # ---- completion and commits

    async def wait_empty(self) -> None:
        """Finish begun batches (bounded), then commit.

        Answers consumer.py, wait_empty: it does nothing when the app is stopping and knows no `acks=False` topics, so
        that every SIGTERM would repeat the batch in flight.
        """
        end = time.monotonic() + self.tuning.stop_grace_s
        lost = self.app.membership.lost  # then nothing begun can be finished: what it sends is held back
        while any(track.begun for track in self.tracks.values()) and not self.job.waiting_for and not lost:
            if time.monotonic() > end:
                self.log.error("a batch did not finish in %s s; it will come again", self.tuning.stop_grace_s)
                break
            await asyncio.sleep(0.005)
        await self.commit_and_end_transactions()

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> list[TP]:
        # consumer.py, _filter_tps_with_pending_acks: looks in `_acked`, where our topics never are.
        return [TP(*tp) for tp in self.tracks if topics is None or tp in topics or tp.topic in topics]

    def _new_offset(self, tp: TP) -> int | None:
        # consumer.py, _new_offset: counts consecutive acked offsets; the gap logic marks the record after one as acked.
        track = self.tracks.get(Partition(*tp))
        return track.committable if track else None

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:  # noqa: ARG002
        # consumer.py, _add_gap: makes an interval for every hole between two records, that is between two batches.
        return None

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        # consumer.py, _commit_offsets: records a failed commit as done, so that it is not tried again.
        before = {tp: self._committed_offset[tp] for tp in offsets}
        done = await super()._commit_offsets(offsets, start_new_transaction)
        if not done:
            for tp, offset in before.items():
                if self._committed_offset.get(tp) == offsets[tp]:
                    self._committed_offset[tp] = offset
        return bool(done)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: drivers/aiokafka.py only logs here, and takes a wall clock for a monotonic one (`watchdog.py`)."""

    async def on_stop(self) -> None:
        """The reader goes when everything is committed (drivers/aiokafka.py, Consumer.on_stop)."""
        await super().on_stop()
        await self._reader.stop()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget the partitions only after super() has finished begun batches and committed (consumer.py)."""
        await super().on_partitions_revoked(revoked)
        gone = {Partition(*tp) for tp in revoked}
        await self.job.leave(gone)
        self._forget(gone)
        self.job.revoked(gone)


class Transport(driver.Transport):  # type: ignore[misc] # faust has no types
    """The transport of `batched://`."""

    Consumer = Consumer


class RawSchema(faust.Schema):  # type: ignore[misc] # faust has no types
    """Keys and values as they came: decoding is the core's business, and a bad one must not be swallowed."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ARG002 - Faust's signature
        """The key's bytes. Answers serializers/schemas.py, loads_key: what it cannot decode is dropped."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ARG002 - Faust's signature
        """The batch. Answers serializers/schemas.py, loads_value: as loads_key."""
        return message.value
