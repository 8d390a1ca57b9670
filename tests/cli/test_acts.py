import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from streams.cli import acts as commands
from streams.models.signal import Act
from streams.web.errors import AwayError
from streams.web.producer import Place
from tests.config.samples import CORPUS
from tests.servers.valkey import Redis
from tests.web import county

ALERT = "flood:r:20260720T060300Z:exercise"


class Sent(list[Act]):
    """The acts that left, in place of Kafka."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    kept = Sent()

    async def send(_: Any, act: Act) -> Place:
        kept.append(act)
        return Place(3, 14)

    monkeypatch.setattr("streams.web.producer.Signals.send", send)
    return kept


def run(name: str, *arguments: str, redis: str = "redis://127.0.0.1:1") -> Result:
    app = typer.Typer()
    app.command()(getattr(commands, name))
    folder: Path = CORPUS / "base"
    given = [] if name in ("approve", "unsilence") else ["--redis", redis]
    return CliRunner().invoke(app, [*arguments, "--config", str(folder), *given], env={"COLUMNS": "300"})


@pytest.mark.parametrize("name", ["ack", "end", "withdraw"])
def test_with_a_zone_no_redis_is_needed(sent: Sent, name: str):
    result = run(name, ALERT, "--by", "王海燕", "--note", "已派人", "--zone", "Z-1", "--id", "a-1")
    assert result.exit_code == 0, result.output
    act = sent[0]
    assert (act.id, act.kind, act.alert, act.zone, act.by, act.note) == ("a-1", name, ALERT, "Z-1", "王海燕", "已派人")
    assert act.status == "Exercise"  # as the id of the alert says


def test_the_zone_and_status_are_read_from_redis(sent: Sent, valkey: Redis):
    from redis import Redis as Client  # noqa: PLC0415

    made = county.command("flood", "r", "QH-03", "red", 5)
    with Client.from_url(valkey.url) as client:
        county.fill(client, [made])
    result = run("ack", str(made.alert), "--by", "王", "--json", redis=valkey.url)
    assert (sent[0].zone, sent[0].status) == ("QH-03", "Exercise")
    assert json.loads(result.stdout) == {"id": sent[0].id, "kind": "ack", "zone": "QH-03", "partition": 3, "offset": 14}


def test_an_alert_that_is_not_open(sent: Sent, valkey: Redis):
    result = run("ack", "flood:x:20260720T060300Z", "--by", "王", redis=valkey.url)
    assert result.exit_code == 1
    assert "no alert 'flood:x:20260720T060300Z' is open" in result.stderr
    assert not sent


def test_without_redis_it_says_what_helps(sent: Sent):
    result = run("ack", ALERT, "--by", "王")
    assert result.exit_code == 1
    assert "--zone" in result.stderr
    assert not sent


def test_nobody_acts(sent: Sent):
    result = run("ack", ALERT, "--by", "  ", "--zone", "Z-1")
    assert result.exit_code == 2
    assert not sent


def test_a_silence(sent: Sent):
    zone = next(iter(commands.load_or_exit(CORPUS / "base").site.zones))
    result = run("silence", "--zone", zone, "--by", "王", "--for", "90m", "--max-level", "orange")
    assert result.exit_code == 0, result.output
    assert (sent[0].kind, sent[0].zone, sent[0].max_level, sent[0].status) == ("silence", zone, 3, "Actual")
    assert sent[0].silence == sent[0].id


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--zone", "nowhere"], "nowhere"),
        (["--for", "soon"], "30m"),
        (["--max-level", "purple"], "--max-level"),
        (["--status", "Real"], "--status"),
    ],
)
def test_a_silence_that_cannot_be_meant(sent: Sent, arguments: list[str], word: str):
    zone = next(iter(commands.load_or_exit(CORPUS / "base").site.zones))
    given = ["--by", "王", *([] if "--zone" in arguments else ["--zone", zone]), *arguments]
    result = run("silence", *given)
    assert result.exit_code == 2
    assert word in result.stderr
    assert not sent


def test_kafka_away_keeps_the_id(monkeypatch: pytest.MonkeyPatch):
    async def send(*_: Any) -> Place:
        raise AwayError("Kafka did not confirm the act; send it again with the same id: away")

    monkeypatch.setattr("streams.web.producer.Signals.send", send)
    result = run("ack", ALERT, "--by", "王", "--zone", "Z-1", "--id", "a-1")
    assert result.exit_code == 1
    assert "--id a-1" in result.stderr


@pytest.mark.parametrize("kind", ["approve", "unsilence"])
def test_a_silence_is_approved_or_lifted(sent: Sent, kind: str):
    result = run(kind, "s-1", "--zone", "Z1", "--by", "Wang", "--id", "a-9")
    assert result.exit_code == 0, result.output
    act = sent[0]
    assert (act.id, act.kind, act.silence, act.zone, act.by, act.status) == (
        "a-9",
        kind,
        "s-1",
        "Z1",
        "Wang",
        "Actual",
    )
    assert run(kind, "s-1", "--zone", "Z-9", "--by", "Wang").exit_code == 2
    assert run(kind, "s-1", "--zone", "Z1", "--by", "Wang", "--status", "Real").exit_code == 2
