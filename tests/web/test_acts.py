import asyncio
import json

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from streams.models.partition import partition_of
from streams.models.settings import Kafka
from streams.models.signal import Act, decode_signal
from streams.web import acts
from streams.web.errors import AwayError
from streams.web.producer import TOPIC, Signals
from tests.servers.valkey import Redis
from tests.web import county
from tests.web.serving import Recorder, serving

BODY = {"by": "王海燕", "note": "已派人"}


@pytest.fixture
def alert(storm: None, api: httpx.Client) -> str:
    return str(api.get("/v1/alerts").json()["alerts"][0]["alert"])


@pytest.mark.parametrize("kind", ["ack", "end", "withdraw"])
def test_an_act_has_the_alerts_zone_and_status(api: httpx.Client, recorder: Recorder, alert: str, kind: str) -> None:
    answer = api.post(f"/v1/alerts/{alert}/{kind}", json=BODY)
    assert answer.status_code == 202
    act = recorder.acts[0]
    assert (act.kind, act.alert, act.zone, act.status) == (kind, alert, "QH-03", "Exercise")
    assert (act.by, act.note) == ("王海燕", "已派人")
    assert answer.json()["id"] == act.id


def test_the_id_is_the_body_then_the_header_then_new(api: httpx.Client, recorder: Recorder, alert: str) -> None:
    url = f"/v1/alerts/{alert}/ack"
    api.post(url, json={**BODY, "id": "a"}, headers={"Idempotency-Key": "b"})
    api.post(url, json=BODY, headers={"Idempotency-Key": "b"})
    api.post(url, json=BODY)
    api.post(url, json=BODY)
    ids = [act.id for act in recorder.acts]
    assert ids[:2] == ["a", "b"]
    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "by"), ({"by": "  "}, "by"), ({"by": "x" * 101}, "by"), ({"by": "a", "level": "red"}, "level"), ([], "body")],
)
def test_a_bad_body_says_which_field(
    api: httpx.Client, recorder: Recorder, alert: str, body: object, field: str
) -> None:
    answer = api.post(f"/v1/alerts/{alert}/ack", json=body)
    assert answer.status_code == 422
    assert field in answer.json()["message"]
    assert not recorder.acts


def test_unknown_ended_and_foreign(api: httpx.Client, recorder: Recorder, alert: str, client: object) -> None:
    assert api.post("/v1/alerts/nothing/ack", json=BODY).status_code == 404
    assert api.post(f"/v1/alerts/{alert}/explode", json=BODY).status_code == 422
    assert api.post(f"/v1/alerts/{alert}/ack", json=BODY, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    over = county.command("flood", "r", "QH-03", None, 30, 2, msg_type="Cancel")
    county.publish(client, over)
    assert api.post(f"/v1/alerts/{over.alert}/ack", json=BODY).status_code == 409
    assert not recorder.acts


def test_a_silence(api: httpx.Client, recorder: Recorder) -> None:
    body = {**BODY, "zone": "QH-03", "hazard": "flood", "max_level": "orange", "ends": "2026-07-20T14:03:00+08:00"}
    answer = api.post("/v1/silences", json=body)
    assert answer.status_code == 202
    act = recorder.acts[0]
    assert (act.kind, act.zone, act.hazard, act.max_level, act.status) == ("silence", "QH-03", "flood", 3, "Exercise")
    assert act.ends == 1_784_527_380_000_000
    assert answer.json()["silence"] == act.silence == act.id


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"zone": "QH-99"}, "QH-99"),
        ({"hazard": "floood"}, "floood"),
        ({"ends": "2026-07-20T14:03:00"}, "zone"),
        ({"max_level": "purple"}, "max_level"),
        ({"station": "QH-1"}, "station"),  # until the core mutes single stations, it must not mute more than asked
    ],
)
def test_a_silence_that_cannot_be_meant(
    api: httpx.Client, recorder: Recorder, change: dict[str, str], word: str
) -> None:
    body = {**BODY, "zone": "QH-03", "ends": "2026-07-20T14:03:00+08:00", **change}
    answer = api.post("/v1/silences", json=body)
    assert answer.status_code == 422
    assert word in answer.json()["message"]
    assert not recorder.acts


def test_lifting_and_approving_a_silence(api: httpx.Client, recorder: Recorder) -> None:
    assert api.delete("/v1/silences/s-1", params={"zone": "QH-03", "by": "李强"}).status_code == 202
    assert api.post("/v1/silences/s-1/approve", params={"zone": "QH-03"}, json=BODY).status_code == 202
    assert [(a.kind, a.silence, a.by) for a in recorder.acts] == [
        ("unsilence", "s-1", "李强"),
        ("approve", "s-1", "王海燕"),
    ]
    assert api.delete("/v1/silences/s-1", params={"zone": "QH-03"}).status_code == 422


def test_an_actual_alert_gets_an_actual_act() -> None:
    act = acts.on_alert("ack", acts.Target("a", "z", "Actual"), " 王 ")
    assert (act.status, act.by) == ("Actual", "王")


def test_without_kafka_it_is_503(valkey: Redis, storm: None) -> None:
    with serving(county.county(valkey.url)) as url, httpx.Client(base_url=url, timeout=20) as api:
        alert = api.get("/v1/alerts").json()["alerts"][0]["alert"]
        answer = api.post(f"/v1/alerts/{alert}/ack", json=BODY)
    assert answer.status_code == 503
    assert "Kafka" in answer.json()["message"]


async def test_a_real_broker_has_it_on_the_zones_partition(embedded_kafka: str) -> None:
    def topic() -> None:
        admin = KafkaAdminClient(bootstrap_servers=embedded_kafka)
        if TOPIC not in admin.list_topics():
            admin.create_topics([NewTopic(TOPIC, 4, 1)])
        admin.close()

    await asyncio.to_thread(topic)
    signals = Signals(Kafka(bootstrap=embedded_kafka, idempotence=False))
    act = Act(id="a-1", zone="QH-03", kind="ack", by="王海燕", alert="x")
    place = await signals.send(act)
    await signals.close()

    def read() -> tuple[bytes, bytes]:
        consumer = KafkaConsumer(bootstrap_servers=embedded_kafka, consumer_timeout_ms=5000)
        at = TopicPartition(TOPIC, place.partition)
        consumer.assign([at])
        consumer.seek(at, place.offset)
        record = next(consumer)
        consumer.close()
        return record.key, record.value

    key, value = await asyncio.to_thread(read)
    assert place.partition == partition_of(b"QH-03", 4)
    assert key == b"QH-03"
    assert decode_signal(value) == act
    assert json.loads(value)["type"] == "act"


async def test_no_broker_is_said_in_time() -> None:
    signals = Signals(Kafka(bootstrap="127.0.0.1:1", send_deadline_s=1))
    with pytest.raises(AwayError, match="same id"):
        await signals.send(Act(id="a", zone="z", kind="ack", by="b"))
