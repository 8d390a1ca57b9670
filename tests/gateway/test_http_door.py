"""The HTTP door: what comes in, what is answered, what is refused and where it goes."""

import base64
import json
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.core.decode import decode
from streams.gateway.http_door import gateway_app
from streams.models.partition import partition_of
from streams.models.settings import App, Gateway
from tests.core.test_decode import Record
from tests.gateway.door_parts import FakeKafka, Loaded

TIME = "2026-07-20T14:03:00+08:00"
NOW = 1784527385.0
GOOD = {"station": "QH-R-014", "property": "water_level", "time": TIME, "value": 3.21, "unit": "m"}
OTHER = {"station": "QH-S-002", "property": "acceleration", "time": TIME, "value": 0.1}
REPORT = {"id": "r-1", "kind": "smoke", "time": TIME, "source": "citizen", "reporter": "Li Hua", "contact": "138 0013",
          "position": {"lon": 113.2, "lat": 23.1}, "text": "behind the school"}  # fmt: skip


@pytest.fixture
def kafka():
    return FakeKafka()


def door(kafka, client=("127.0.0.1", 5), **settings):
    app = gateway_app(Loaded(App(gateway=Gateway(**settings))), kafka, lambda: NOW)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=client), base_url="http://gateway")


async def post(kafka, body, path="observations", **more):
    async with door(kafka) as client:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await client.post(f"/v1/{path}", content=content, **more)


def rows_of(record):
    partition = partition_of(record.key, 16)
    rows, refused = decode("readings", partition, 16, [Record(record.value, record.key)])
    assert refused == []
    return list(rows)


async def test_one_observation(kafka):
    answer = await post(kafka, GOOD)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []})
    (record,) = kafka.records
    assert (record.topic, record.key, json.loads(record.value)) == ("readings", b"QH-R-014", GOOD)


async def test_mixed_stations_leave_as_one_frame_a_station(kafka):
    answer = await post(kafka, [GOOD, OTHER, {**GOOD, "value": None, "time": 1784527380.5}])
    assert answer.json() == {"accepted": 3, "rejected": []}
    frames = {record.key: rows_of(record) for record in kafka.of("readings")}
    assert [(r.property, r.row) for r in frames[b"QH-R-014"]] == [("water_level", 0), ("water_level", 1)]
    assert [r.value for r in frames[b"QH-S-002"]] == [0.1]


async def test_sampled_frame_goes_on_as_one(kafka):
    body = {"station": "QH-S-002", "property": "acceleration", "start": 1784527380.0, "step": 0.01, "values": [1, None]}
    assert (await post(kafka, body)).json()["accepted"] == 2
    assert json.loads(kafka.records[0].value) == body
    assert len(rows_of(kafka.records[0])) == 2


async def test_senml_of_two_stations(kafka):
    pack = [
        {"bn": "QH-R-014/", "bt": 1784527380, "n": "water_level", "v": 1},
        {"bn": "QH-S-002/", "n": "acceleration", "v": 2},
    ]
    assert (await post(kafka, pack)).json()["accepted"] == 2
    assert {r.key: rows_of(r)[0].value for r in kafka.records} == {b"QH-R-014": 1, b"QH-S-002": 2}


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/x-ndjson"}])
async def test_ndjson(kafka, headers):
    body = b"\n".join(json.dumps(b).encode() for b in (GOOD, [OTHER, {**GOOD, "value": "x"}], OTHER)) + b"\n"
    answer = await post(kafka, body, headers=headers)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 3
    assert [(r["index"], r["reason"]) for r in answer.json()["rejected"]] == [(2, "wrong_type")]


async def test_pretty_printed_json_is_one_body(kafka):
    assert (await post(kafka, json.dumps([GOOD, OTHER], indent=1).encode())).json()["accepted"] == 2


BAD = [
    (b"rubbish", "not_json"), (b"", "empty"), (b"null", "wrong_type"), (b"[]", "wrong_type"),
    ({**GOOD, "value": "3"}, "wrong_type"), ({**GOOD, "value": True}, "wrong_type"),
    ({**GOOD, "value": float("nan")}, "not_finite"), ({**GOOD, "time": "2026-07-20T14:03:00"}, "no_time_zone"),
    ({**GOOD, "time": "1970-01-01T00:00:00Z"}, "too_old"), ({**GOOD, "time": "2100-01-01T00:00:00Z"}, "too_far_ahead"),
    ({**GOOD, "station": "nobody"}, "unknown_station"), ({**GOOD, "property": "mood"}, "unknown_property"),
    ({**GOOD, "unit": "kg"}, "wrong_unit"), ({**GOOD, "unit": "furlongs?"}, "wrong_unit"),
    ({**GOOD, "classification": "secret"}, "refused_class"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "reason"), BAD)
async def test_bad_input_is_named_and_kept(kafka, body, reason):
    answer = await post(kafka, body)
    assert answer.status_code == 422
    ((row,), accepted) = answer.json()["rejected"], answer.json()["accepted"]
    assert (accepted, row["index"], row["reason"]) == (0, 0, reason)
    (record,) = kafka.records
    reject = json.loads(record.value)
    assert (record.topic, reject["stage"], reject["reason"]) == ("rejects", "gateway", reason)
    assert (reject["topic"], reject["partition"], reject["offset"]) == (None, None, None)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert base64.b64decode(reject["raw_base64"]) == (b"" if reason == "refused_class" else raw)
    assert reject["raw_length"] == len(raw)
    assert reject["time"].endswith("+08:00")


async def test_a_unit_of_the_same_dimension_is_let_in(kafka):
    assert (await post(kafka, {**GOOD, "unit": "[ft_i]"})).status_code == 202


async def test_one_bad_row_of_a_frame(kafka):
    answer = await post(kafka, [GOOD, {**GOOD, "value": "x"}, {**OTHER, "station": "nobody"}, OTHER])
    assert answer.status_code == 202
    assert [(r["index"], r["reason"]) for r in answer.json()["rejected"]] == [(1, "wrong_type"), (2, "unknown_station")]
    assert answer.json()["accepted"] == 2
    assert [json.loads(r.value)["row"] for r in kafka.of("rejects")] == [1, 2]
    assert [r.key for r in kafka.of("rejects")] == [None, b"nobody"]


async def test_the_counter_moves(kafka):
    async with door(kafka) as client:
        await client.post("/v1/observations", content=b"rubbish")
        await client.post("/v1/observations", json=GOOD)
        text = (await client.get("/metrics")).text
    found = [(s.name, s.labels, s.value) for f in text_string_to_metric_families(text) for s in f.samples]
    refused = {"topic": "readings", "stage": "gateway", "reason": "not_json"}
    assert ("tocsin_rejects_total", refused, 1) in found
    assert ("tocsin_gateway_accepted_total", {"door": "http", "topic": "readings"}, 1) in found


@pytest.mark.parametrize("path", ["observations", "reports"])
async def test_too_large_by_its_own_word(kafka, path):
    answer = await post(kafka, b" " * 10_000_000, path)
    assert (answer.status_code, kafka.records) == (413, [])


async def test_too_large_without_a_length(kafka):
    read = 0

    async def chunks():
        nonlocal read
        for _ in range(100):
            read += 1
            yield b" " * 100_000

    async with door(kafka) as client:
        answer = await client.post("/v1/observations", content=chunks())
    assert answer.status_code == 413
    assert kafka.records == []


async def test_kafka_away(kafka):
    kafka.away = True
    answer = await post(kafka, GOOD)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_back_pressure(kafka):
    kafka.busy = True
    answer = await post(kafka, GOOD)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


async def test_health(kafka):
    async with door(kafka) as client:
        assert (await client.get("/healthz")).status_code == 200
        kafka.connected = False
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["Kafka is not there"])


async def test_without_tokens_only_this_host_may_knock(kafka):
    async with door(kafka, client=("192.0.2.7", 5)) as client:
        assert (await client.post("/v1/observations", json=GOOD)).status_code == 403
    async with door(kafka, client=("::1", 5)) as client:
        assert (await client.post("/v1/observations", json=GOOD)).status_code == 202
        browser = await client.post("/v1/observations", json=GOOD, headers={"origin": "http://elsewhere"})
        assert browser.status_code == 403


async def test_tokens(kafka, tmp_path: Path):
    file = tmp_path / "tokens"
    file.write_text("# gateways\nsesame north gateway\n\nopen south\n")
    async with door(kafka, client=("192.0.2.7", 5), tokens_file=str(file)) as client:

        async def status(headers):
            return (await client.post("/v1/observations", json=GOOD, headers=headers)).status_code

        assert await status({"authorization": "Bearer sesame"}) == 202
        assert await status({"authorization": "bearer open"}) == 202
        for wrong in (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": "Basic sesame"},
            {"authorization": "Bearer "},
        ):
            answer = await client.post("/v1/observations", json=GOOD, headers=wrong)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_report_leaves_without_its_person(kafka):
    answer = await post(kafka, REPORT, "reports")
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    (record,) = kafka.records
    assert (record.topic, record.key) == ("reports", b"QH-03")
    sent = json.loads(record.value)
    assert (sent["zone"], sent["kind"], sent["position"]) == (
        "QH-03",
        "smoke",
        {"lon": 113.2, "lat": 23.1, "crs": "WGS84"},
    )
    assert sent["reporter"].startswith("p:")
    assert b"Li Hua" not in record.value
    assert b"138" not in record.value


async def test_bad_reports_go_where_few_may_read(kafka):
    answer = await post(kafka, [REPORT, {**REPORT, "kind": "ufo"}], "reports")
    assert answer.json()["accepted"] == 1
    assert [(r["index"], r["reason"]) for r in answer.json()["rejected"]] == [(1, "wrong_type")]
    assert kafka.of("rejects") == []
    (reject,) = kafka.of("rejects.restricted")
    assert json.loads(reject.value)["field"] == "kind"


async def test_a_large_frame_leaves_in_pieces_that_kafka_takes(kafka):
    frame = [{**GOOD, "time": 1784520000 + n, "id": "x" * 20} for n in range(8_000)]
    answer = await post(kafka, json.dumps(frame, separators=(",", ":")).encode())
    assert answer.json() == {"accepted": 8_000, "rejected": []}
    assert len(kafka.records) > 1
    assert max(len(r.value) for r in kafka.records) < 300_000
    assert [r.time for record in kafka.records for r in rows_of(record)] == sorted(
        (1784520000 + n) * 1_000_000 for n in range(8_000)
    )


async def test_a_name_as_long_as_the_body_is_refused_as_any_other(kafka):
    answer = await post(kafka, {**GOOD, "station": "x" * 900_000})
    assert (answer.status_code, answer.json()["rejected"][0]["reason"]) == (422, "unknown_station")
    (reject,) = kafka.records
    assert (reject.key, len(reject.value) < 200_000) == (None, True)
    assert len(answer.content) < 2_000


async def test_openapi_describes_both_doors(kafka):
    async with door(kafka) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert {"/v1/observations", "/v1/reports", "/v1.1/Observations"} <= set(paths)


@pytest.mark.parametrize("at", ["2026-07-20T14:03:00+08:00", "2026-07-20T14:00:00+08:00/2026-07-20T14:03:00+08:00"])
@pytest.mark.parametrize("path", ["Observations", "Datastreams('QH-R-014/water_level')/Observations"])
async def test_sensorthings_clients_can_send(kafka, at, path):
    body = {"result": 3.2, "phenomenonTime": at, "Datastream": {"@iot.id": "QH-R-014/water_level"}}
    async with door(kafka) as client:
        assert (await client.post(f"/v1.1/{path}", json=body)).status_code == 201
    (row,) = rows_of(kafka.records[0])
    assert (row.station, row.property, row.value, row.time) == ("QH-R-014", "water_level", 3.2, 1784527380_000000)


@pytest.mark.parametrize(
    "body", [b"rubbish", b"{}", b'{"result": "x", "Datastream": {"@iot.id": "QH-R-014/water_level"}}']
)
async def test_bad_sensorthings_observations_are_refused(kafka, body):
    async with door(kafka) as client:
        assert (await client.post("/v1.1/Observations", content=body)).status_code == 422
    assert len(kafka.of("rejects")) == 1


async def test_sensorthings_shows_the_site(kafka):
    async with door(kafka) as client:
        assert len((await client.get("/v1.1")).json()["value"]) == 3
        page = (await client.get("/v1.1/Datastreams", params={"$top": 2})).json()
        rest = (await client.get(page["@iot.nextLink"])).json()
        assert [d["@iot.id"] for d in page["value"] + rest["value"]] == [
            "QH-R-014/rain", "QH-R-014/water_level", "QH-S-002/acceleration",
        ]  # fmt: skip
        assert page["@iot.count"] == 3
        assert [t["@iot.id"] for t in (await client.get("/v1.1/Things")).json()["value"]] == ["QH-R-014", "QH-S-002"]
        assert (await client.get("/v1.1/Things('QH-S-002')/Datastreams")).json()["@iot.count"] == 1
        assert (await client.get("/v1.1/Things('x')/Datastreams")).status_code == 404
        assert (await client.get("/v1.1/Things", params={"$top": "x"})).status_code == 400
    async with door(kafka, client=("192.0.2.7", 5)) as client:
        assert (await client.get("/v1.1/Things")).status_code == 403
