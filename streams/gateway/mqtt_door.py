"""The MQTT 5 door: `tocsin/v1/{gateway}/observations` and `/reports`, QoS 1.

The broker hears our acknowledgement only when Kafka has the message: what Kafka has not got stays with the broker (a
persistent session; docs say how to keep Mosquitto from dropping it). Our own queue is bounded: when it is full, paho's
thread waits, so nothing more is read from the socket.
"""

import asyncio
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from streams.core.refusal import Refusal
from streams.gateway.admission import READINGS, REPORTS
from streams.gateway.door import Door
from streams.gateway.producer import AwayError

log = structlog.get_logger(__name__)
TOPICS = {"observations": READINGS, "reports": REPORTS}
SUBSCRIBED = [f"tocsin/v1/+/{name}" for name in TOPICS]
QUEUE = 200  # messages read from the broker that Kafka has not got yet
SESSION_S = 7 * 86_400  # how long the broker keeps our session while we are away
RETRY_FIRST_S, RETRY_MOST_S = 0.5, 10.0


class MqttDoor:
    """Reads a broker for as long as it runs."""

    def __init__(self, url: str, name: str, door: Door, limit: int) -> None:
        parts = urlsplit(url)
        self._host, self._port = (
            parts.hostname or "127.0.0.1",
            parts.port or (8883 if parts.scheme == "mqtts" else 1883),
        )
        self._door, self._limit = door, limit
        self._client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True)
        if parts.username:
            self._client.username_pw_set(parts.username, parts.password)
        if parts.scheme == "mqtts":
            self._client.tls_set()
        self._client.on_connect, self._client.on_message = self._connected, self._message
        self._client.on_disconnect = self._disconnected
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[MQTTMessage] = asyncio.Queue(QUEUE)
        self._putting: Future[None] | None = None
        self._closing = False
        self.connected = False

    async def run(self) -> None:
        """Until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._client.connect_async(
            self._host, self._port, clean_start=False, properties=_session()
        )  # connects in paho's own thread, and again after each loss
        self._client.reconnect_delay_set(1, 10)
        self._client.loop_start()
        try:
            while True:
                await self._batch()
        finally:
            self._closing = True
            if self._putting is not None:
                self._putting.cancel()
            self._client.disconnect()
            await asyncio.to_thread(self._client.loop_stop)

    def _connected(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.error("the MQTT broker refuses us", broker=f"{self._host}:{self._port}", reason=str(reason))
            return
        client.subscribe([(topic, 1) for topic in SUBSCRIBED])
        self.connected = True
        log.info("MQTT door open", broker=f"{self._host}:{self._port}")

    def _disconnected(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected = False
        log.warning("the MQTT broker is gone", broker=f"{self._host}:{self._port}", reason=str(reason))

    def _message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """In paho's thread: wait for a place in the queue. What is not acknowledged comes again."""
        if self._closing or self._loop is None:
            return
        self._putting = asyncio.run_coroutine_threadsafe(self._queue.put(message), self._loop)
        with suppress(CancelledError):
            self._putting.result()

    async def _batch(self) -> None:
        """Everything that waits, begun in its order; acknowledged in that order when Kafka has all of it."""
        batch = [await self._queue.get()]
        while not self._queue.empty():
            batch.append(self._queue.get_nowait())
        await asyncio.gather(*(self._take(message) for message in batch))
        for message in batch:
            self._client.ack(message.mid, message.qos)

    async def _take(self, message: MQTTMessage) -> None:
        """Returns when Kafka has the message, be it as a reject."""
        topic = TOPICS[message.topic.rpartition("/")[2]]
        body, pause = bytes(message.payload), RETRY_FIRST_S
        refusal = None
        if len(body) > self._limit:
            refusal = Refusal(
                "too_large", f"{len(body)} bytes; at most {self._limit}", None, len(body), str(self._limit)
            )
        while True:
            try:
                if refusal is None:
                    await self._door.take("mqtt", topic, body)
                else:
                    await self._door.refuse(topic, body, refusal)
            except AwayError as away:
                log.warning("an MQTT message waits for Kafka", topic=message.topic, reason=str(away))
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_MOST_S)
            except Exception as bug:
                log.exception("an MQTT message cannot be taken", topic=message.topic)
                if refusal is not None:
                    raise
                refusal = Refusal("poison", f"{type(bug).__name__}: {bug}")
            else:
                return


def _session() -> Any:
    properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    properties.ReceiveMaximum = QUEUE
    return properties
