"""The MQTT door on a real Mosquitto: what Kafka has not got stays with the broker."""

import asyncio
import json
import os
import shutil
import subprocess
from contextlib import asynccontextmanager, suppress

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from streams.embedded import free_port
from streams.gateway.door import Door
from streams.gateway.metrics import Metrics
from streams.gateway.mqtt_door import MqttDoor
from streams.gateway.privacy import pseudonymiser
from tests.conftest import unavailable
from tests.gateway.door_parts import SITE, FakeKafka

GOOD = {"station": "QH-R-014", "property": "water_level", "time": 1784527380, "value": 3.21}
REPORT = {"id": "r-1", "kind": "smoke", "time": 1784527380, "source": "citizen", "zone": "QH-03", "reporter": "Li Hua"}
SETTINGS = """
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 0
"""


@pytest.fixture
def broker(tmp_path):
    found = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        unavailable("needs mosquitto (Debian: apt-get install mosquitto)")
    port = free_port()
    (tmp_path / "mosquitto.conf").write_text(SETTINGS.format(port=port, folder=tmp_path))
    command = [found, "-c", str(tmp_path / "mosquitto.conf")]
    tmp_path.chmod(0o777)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait(10)


def send(port, messages):
    """Publish and wait for the broker's word for each."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for topic, body in messages:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        client.publish(f"tocsin/v1/gw-7/{topic}", payload, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


@asynccontextmanager
async def running(port, kafka, limit=10_000):
    mqtt = MqttDoor(f"mqtt://127.0.0.1:{port}", "door", Door(SITE, kafka, Metrics(), pseudonymiser(b"k")), limit)
    task = asyncio.create_task(mqtt.run())
    try:
        await until(lambda: mqtt.connected)
        yield mqtt
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(holds, seconds=15):
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for is not ours to signal
            await asyncio.sleep(0.02)


async def test_messages_arrive_in_order_and_bad_ones_do_not_stop_it(broker):
    kafka = FakeKafka()
    async with running(broker, kafka):
        bodies = [{**GOOD, "value": n} for n in range(50)]
        messages = [("observations", b) for b in bodies]
        messages[10:10] = [("observations", b"rubbish"), ("reports", REPORT), ("observations", b" " * 20_000)]
        await asyncio.to_thread(send, broker, messages)
        await until(lambda: len(kafka.records) >= len(messages))
    assert [json.loads(r.value)["value"] for r in kafka.of("readings")] == list(range(50))
    assert [json.loads(r.value)["reason"] for r in kafka.of("rejects")] == ["not_json", "too_large"]
    assert b"Li Hua" not in kafka.of("reports")[0].value


async def test_what_kafka_has_not_got_comes_again(broker):
    away = FakeKafka()
    away.away = True
    async with running(broker, away):
        await asyncio.to_thread(send, broker, [("observations", {**GOOD, "value": n}) for n in range(300)])
        await asyncio.sleep(0.3)
    assert away.records == []
    back = FakeKafka()
    async with running(broker, back):
        await until(lambda: len({r.value for r in back.records}) == 300)
    assert len(back.records) == 300
    once_more = FakeKafka()
    async with running(broker, once_more):
        await asyncio.sleep(0.5)
    assert once_more.records == []
