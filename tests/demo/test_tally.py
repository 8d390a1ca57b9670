import json

from streams.demo.tally import Tally


def command(**given):
    found = {
        "id": "1", "kind": "alert", "msg_type": "Alert", "status": "Exercise", "reason": "first", "alert": "a",
        "hazard": "flood", "level": "blue",
        "stages": {"received": "2026-07-20T14:03:00.000+08:00", "published": "2026-07-20T14:03:00.120+08:00"},
    }  # fmt: skip
    return json.dumps(found | given).encode()


def test_an_alert_counts_once_at_its_highest_level():
    tally = Tally()
    for number, level in enumerate(("blue", "red", "yellow")):
        tally.command(command(id=str(number), level=level, msg_type="Update" if number else "Alert"))
    assert tally.alerts == {"flood": {"red": 1}}
    assert tally.open == {"a": "yellow"}


def test_an_ended_alert_is_not_open():
    tally = Tally()
    tally.command(command())
    tally.command(command(id="2", msg_type="Cancel", level=None, reason="ended"))
    assert not tally.open
    assert tally.alerts == {"flood": {"blue": 1}}


def test_repeats_and_others_do_not_count():
    tally = Tally()
    assert tally.command(command()) is not None
    assert tally.command(command()) is None
    assert tally.command(command(id="2", status="Actual", alert="b")) is None
    assert tally.command(command(id="3", kind="health", alert=None)) is None
    assert tally.alerts == {"flood": {"blue": 1}}
    assert tally.health == 1


def test_latency_is_that_of_rises():
    tally = Tally()
    tally.command(command())
    stages = {"received": "2026-07-20T14:03:00+08:00", "published": "2026-07-20T14:03:00.300+08:00"}
    tally.command(command(id="2", reason="level_up", level="red", stages=stages))
    tally.command(command(id="3", reason="acknowledged", msg_type="Ack"))
    assert tally.latency == {"p50": 300.0, "p99": 300.0, "count": 2}


def test_nothing_heard_is_said_as_nothing():
    assert Tally().latency == {"p50": None, "p99": None, "count": 0}


def test_rejects_by_reason():
    tally = Tally()
    for reason in ("not_json", "not_json", "wrong_unit"):
        tally.reject(json.dumps({"reason": reason, "stage": "decode"}).encode())
    assert tally.rejects == {"not_json": 2, "wrong_unit": 1}
