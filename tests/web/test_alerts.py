import httpx
import pytest
from redis import Redis as Client

from streams.models.command import decode_command, encode_command
from tests.web import county


def test_nothing_is_an_empty_list(api: httpx.Client) -> None:
    assert api.get("/v1/alerts").json() == {"alerts": [], "next": None}
    assert api.get("/v1/health").json() == {"health": []}
    assert api.get("/v1/ended").json() == {"alerts": [], "next": None}
    assert api.get("/v1/recent").json() == {"commands": []}


@pytest.mark.usefixtures("storm")
def test_highest_level_first_then_newest(api: httpx.Client) -> None:
    found = api.get("/v1/alerts").json()["alerts"]
    assert [c["level"] for c in found] == ["red", "orange", "yellow", "yellow", "blue"]
    assert [c["hazard"] for c in found if c["level"] == "yellow"] == ["gas", "rainstorm"]


@pytest.mark.usefixtures("storm")
def test_a_command_comes_byte_for_byte(api: httpx.Client, client: Client) -> None:
    alert, body = next(iter(client.hgetall("tocsin:alerts").items()))
    assert api.get(f"/v1/alerts/{alert.decode()}").content == body
    assert body in api.get("/v1/alerts").content


def test_an_ended_alert_is_still_found(api: httpx.Client, client: Client) -> None:
    open_one = county.command("flood", "r", "QH-03", "red", 30)
    county.fill(client, [open_one])
    over = county.command("flood", "r", "QH-03", None, 30, 2, msg_type="Cancel", reason="ended", alert=open_one.alert)
    county.fill(client, [over])
    assert api.get("/v1/alerts").json()["alerts"] == []
    assert decode_command(api.get(f"/v1/alerts/{over.alert}").content) == over
    assert api.get("/v1/ended").json()["alerts"][0]["reason"] == "ended"


def test_ended_in_pages(api: httpx.Client, client: Client) -> None:
    for n in range(5):
        made = county.command(
            "flood", f"r{n}", "QH-03", None, 30 + n, 2, msg_type="Cancel", time=county.iso(county.ago(n))
        )
        county.publish(client, made)
    subjects, after = [], None
    for _ in range(3):
        page = api.get("/v1/ended", params={"limit": 2} | ({"after": after} if after else {})).json()
        subjects += [c["subject"] for c in page["alerts"]]
        after = page["next"]
    assert subjects == ["r0", "r1", "r2", "r3", "r4"]
    assert after is None


def test_unknown_alert_is_404_with_a_sentence(api: httpx.Client) -> None:
    answer = api.get("/v1/alerts/flood:x:20260101T000000Z")
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"
    assert "flood:x:20260101T000000Z" in answer.json()["message"]


@pytest.mark.usefixtures("storm")
def test_health_and_recent(api: httpx.Client) -> None:
    assert len(api.get("/v1/health").json()["health"]) == 2
    recent = api.get("/v1/recent?limit=5").json()["commands"]
    assert [c["kind"] for c in recent] == ["alert", "alert", "alert", "health", "health"]


def test_a_level_nobody_knows_does_not_break_the_list(api: httpx.Client, client: Client) -> None:
    made = county.command("flood", "r", "QH-03", "red", 30)
    county.fill(client, [made])
    strange = encode_command(made).replace(b'"level":"red"', b'"level":"violet"').replace(b'"r"', b'"q"')
    client.hset("tocsin:alerts", "strange", strange)
    assert [c["level"] for c in api.get("/v1/alerts").json()["alerts"]] == ["red", "violet"]
    assert api.get("/v1/stations").status_code == 200
    assert api.get("/v1/map/zones.geojson").status_code == 200
