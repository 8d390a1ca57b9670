"""Gateway and people of a run, in a thread of their own: they publish, follow the feed and act on what they see."""

import asyncio
import json
import random
import threading
import time
from collections import Counter
from contextlib import suppress

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.models.partition import partition_of
from streams.models.signal import Act
from tests.chaos.county import ZONES
from tests.chaos.letters import Letter

FEED = "command.feed.sensitive"
PEOPLE = ("Li Hua", "Wang Fang", "Zhao Min")
DEEDS = 12
encode = msgspec.json.Encoder().encode


class Post:
    """Sends every letter at its time, or as soon as the broker takes it; nothing is lost or overtaken here."""

    def __init__(self, bootstrap: str, letters: list[Letter], partitions: int, *, acts: bool, seed: int) -> None:
        self._bootstrap, self._letters, self._partitions, self._acts = bootstrap, letters, partitions, acts
        self._chance = random.Random(seed)
        self._open: dict[str, dict] = {}  # alert -> its last command
        self._silences: list[Act] = []
        self._error: BaseException | None = None
        self.last: dict[int, int] = {}  # partition of `readings` -> newest Kafka timestamp of ours
        self.acts: Counter[str] = Counter()
        self.began, self._held = time.monotonic(), 0.0
        self._held_at: float | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "Post":
        self.began = time.monotonic()
        self._thread.start()
        return self

    @property
    def seconds(self) -> float:
        """Since the start, without the time in which it was held up."""
        return (self._held_at or time.monotonic()) - self.began - self._held

    def hold(self) -> None:
        """Nothing more goes out for now."""
        self._held_at = time.monotonic()

    def go_on(self) -> None:
        self._held, self._held_at = self._held + time.monotonic() - (self._held_at or time.monotonic()), None

    @property
    def done(self) -> bool:
        """Whether the broker has all of it."""
        if self._error is not None:
            raise RuntimeError("publishing failed") from self._error
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as error:  # noqa: BLE001 - the main thread raises it
            self._error = error

    async def _work(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, acks="all", enable_idempotence=True, linger_ms=2,
            request_timeout_ms=120_000, retry_backoff_ms=200,
        )  # fmt: skip
        await producer.start()
        people = [asyncio.create_task(self._follow()), asyncio.create_task(self._act(producer))] if self._acts else []
        try:
            sent = [(letter, await self._send(producer, letter)) for letter in self._letters]
            for letter, confirmed in sent:
                where = await confirmed
                if letter.topic == "readings":
                    self.last[where.partition] = max(where.timestamp, self.last.get(where.partition, 0))
        finally:
            for task in people:
                task.cancel()
            for task in people:
                with suppress(asyncio.CancelledError):
                    await task
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, letter: Letter) -> asyncio.Future:
        while (wait := letter.at - self.seconds) > 0:  # noqa: ASYNC110 - it may be held up meanwhile
            await asyncio.sleep(min(wait, 0.1))
        partition = None
        if letter.stray:
            partition = (partition_of(letter.key, self._partitions) + 1) % self._partitions
        return await producer.send(letter.topic, letter.value, letter.key, partition)

    # ---- people

    async def _follow(self) -> None:
        """The feed as a command centre reads it, from now on."""
        consumer = AIOKafkaConsumer(FEED, bootstrap_servers=self._bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            while True:
                try:
                    found = await consumer.getmany(timeout_ms=300)
                except (KafkaError, OSError):
                    await asyncio.sleep(0.3)
                    continue
                for record in (one for records in found.values() for one in records):
                    self._hear(json.loads(record.value))
        finally:
            await consumer.stop()

    def _hear(self, command: dict) -> None:
        if command["kind"] != "alert":
            return
        if command["msg_type"] == "Cancel":
            self._open.pop(command["alert"], None)
        else:
            self._open[command["alert"]] = command

    async def _act(self, producer: AIOKafkaProducer) -> None:
        """Now and then somebody does something about an alert that is open, sometimes twice."""
        end = self._letters[-1].at - 4  # the last silence is over before the run is
        for at in sorted(self._chance.uniform(2, end) for _ in range(DEEDS)):
            await asyncio.sleep(max(0.0, at - self.seconds))
            for act in self._deed():
                self.acts[act.kind] += 1
                for _ in range(self._chance.choice([1, 1, 2])):
                    await producer.send("signals", encode(act), act.zone.encode())

    def _deed(self) -> list[Act]:
        chance = self._chance
        kind = chance.choice(["ack", "ack", "end", "end", "silence", "unsilence"])
        number = sum(self.acts.values())
        if kind == "silence":
            identity = f"silence-{number}"
            ends = int((time.time() + chance.choice([2, 5, 3_600])) * 1_000_000)
            zone, by = chance.choice(ZONES), PEOPLE[0]
            self._silences.append(
                Act(identity, zone, kind, by, silence=identity, max_level=chance.choice([1, 2, 3]), ends=ends)
            )
            return self._silences[-1:]
        if kind == "unsilence":
            said = [self._silences.pop()] if self._silences else []
            return [Act(f"lift-{number}", one.zone, kind, PEOPLE[1], silence=one.silence) for one in said]
        found = [command for command in self._open.values() if kind == "ack" or command["level"]]
        reds = [command for command in found if command["level"] == "red"]
        if not found:
            return []
        target = chance.choice(reds if reds and chance.random() < 0.5 else found)
        persons = PEOPLE[:1] if kind == "ack" else PEOPLE[:2]  # what was ever red takes two
        return [
            Act(f"{kind}-{number}-{by}", target["zone"], kind, by, target["status"], target["alert"]) for by in persons
        ]
