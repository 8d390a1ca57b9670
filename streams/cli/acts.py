"""`tocsin ack | end | withdraw | silence | approve | unsilence`: what people do, straight to the topic `signals`."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, NoReturn

import typer
from pydantic import ValidationError
from redis.exceptions import RedisError
from rich.console import Console

from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, RedisOption, load_or_exit
from streams.models.deployment import Loaded
from streams.models.observation import STATUSES
from streams.models.signal import Act
from streams.web import acts
from streams.web.errors import AwayError
from streams.web.producer import Place, Signals
from streams.web.store import Store

Alert = Annotated[str, typer.Argument(help="Alert id, e.g. flood:QH-reach-2:20260720T060300Z.")]
By = Annotated[str, typer.Option(help="Who acts: your name.")]
Note = Annotated[str, typer.Option(help="Why.")]
Identity = Annotated[str | None, typer.Option("--id", help="Makes a repeat harmless; default: a new one.")]
ZoneOf = Annotated[str | None, typer.Option(help="The alert's zone; default: read from Redis.")]
SilenceId = Annotated[str, typer.Argument(help="The id that `tocsin silence` printed.")]
SilencedZone = Annotated[str, typer.Option(help="The zone that the silence was said for.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
_console = Console(stderr=True, markup=False, emoji=False, highlight=False)


def ack(
    alert: Alert,
    *,
    by: By,
    note: Note = "",
    zone: ZoneOf = None,
    identity: Identity = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    as_json: AsJson = False,
) -> None:
    """Acknowledge an alert: somebody has seen it and acts. Holds for the level it has now."""
    loaded = load_or_exit(config, kafka, redis)
    _on_alert("ack", loaded, alert, zone=zone, by=by, note=note, identity=identity, as_json=as_json)


def end(
    alert: Alert,
    *,
    by: By,
    note: Note = "",
    zone: ZoneOf = None,
    identity: Identity = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    as_json: AsJson = False,
) -> None:
    """End an alert: the danger is over. A red one takes two different persons, each with this command."""
    loaded = load_or_exit(config, kafka, redis)
    _on_alert("end", loaded, alert, zone=zone, by=by, note=note, identity=identity, as_json=as_json)


def withdraw(
    alert: Alert,
    *,
    by: By,
    note: Note = "",
    zone: ZoneOf = None,
    identity: Identity = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw an alert: it was wrong from the start. A red one takes two different persons."""
    loaded = load_or_exit(config, kafka, redis)
    _on_alert("withdraw", loaded, alert, zone=zone, by=by, note=note, identity=identity, as_json=as_json)


def silence(
    *,
    zone: Annotated[str, typer.Option(help="The zone to mute in.")],
    by: By,
    duration: Annotated[str, typer.Option("--for", help="How long, e.g. 30m, 2h.")] = "1h",
    hazard: Annotated[str, typer.Option(help="Only this hazard; default: any.")] = "",
    subject: Annotated[str, typer.Option(help="Only this subject; default: any.")] = "",
    max_level: Annotated[str, typer.Option(help="blue, yellow, orange or red; higher ones break through.")] = "yellow",
    note: Note = "",
    status: Annotated[str | None, typer.Option(help="Actual, Exercise or Test; default: the site's.")] = None,
    identity: Identity = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    as_json: AsJson = False,
) -> None:
    """Mute calls and messages in a zone for a time. Database, map and feed go on and are marked.

    Muting red takes a second person's approval within 10 minutes and lasts at most 2 hours.
    """
    loaded = load_or_exit(config, kafka, redis)
    if zone not in loaded.site.zones:
        _refuse(f"no zone {zone!r}; there are: {', '.join(sorted(loaded.site.zones))}")
    given = {"max_level": max_level, "status": status, "ends": _from_now(duration)}
    try:
        body = acts.SilenceBody.model_validate(
            {**given, "zone": zone, "by": by, "note": note, "hazard": hazard, "subject": subject, "id": identity}
        )
    except ValidationError as problem:
        _refuse("; ".join(f"--{e['loc'][0]}: {e['msg']}".replace("_", "-") for e in problem.errors()))
    _send(loaded, acts.silence(body, "Exercise" if loaded.app.exercise else "Actual"), as_json=as_json)


def approve(
    silence: SilenceId,
    *,
    zone: SilencedZone,
    by: By,
    note: Note = "",
    status: Annotated[str | None, typer.Option(help="Actual, Exercise or Test; default: the site's.")] = None,
    identity: Identity = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    as_json: AsJson = False,
) -> None:
    """Approve a silence of red, as the second person, within 10 minutes of its being said."""
    loaded = load_or_exit(config, kafka)
    _on_silence("approve", loaded, silence, (zone, status), acts.Person(by=by, note=note, id=identity), as_json=as_json)


def unsilence(
    silence: SilenceId,
    *,
    zone: SilencedZone,
    by: By,
    note: Note = "",
    status: Annotated[str | None, typer.Option(help="Actual, Exercise or Test; default: the site's.")] = None,
    identity: Identity = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    as_json: AsJson = False,
) -> None:
    """Lift a silence before its time. What it muted and is still on is said again."""
    loaded = load_or_exit(config, kafka)
    _on_silence(
        "unsilence", loaded, silence, (zone, status), acts.Person(by=by, note=note, id=identity), as_json=as_json
    )


def _on_silence(
    kind: Literal["approve", "unsilence"],
    loaded: Loaded,
    silence: str,
    place: tuple[str, str | None],
    person: acts.Person,
    *,
    as_json: bool,
) -> None:
    zone, given = place
    if zone not in loaded.site.zones:
        _refuse(f"no zone {zone!r}; there are: {', '.join(sorted(loaded.site.zones))}")
    wanted = given or ("Exercise" if loaded.app.exercise else "Actual")
    status = next((known for known in STATUSES if known == wanted), None)
    if status is None:
        _refuse(f"--status {wanted!r}: right would be one of {', '.join(STATUSES)}")
    _send(loaded, acts.on_silence(kind, acts.Target(silence, zone, status), person), as_json=as_json)


def _from_now(duration: str) -> datetime:
    seconds = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
    number = duration.strip().rstrip("smindh ")
    factor = seconds.get(duration.strip().removeprefix(number).strip())
    if factor is None or not number.replace(".", "", 1).isdigit():
        _refuse(f"--for {duration!r} is not a duration; right would be 30m, 2h or 1d")
    return datetime.now(UTC) + timedelta(seconds=float(number) * factor)


def _on_alert(
    kind: acts.AlertAct,
    loaded: Loaded,
    alert: str,
    *,
    zone: str | None,
    by: str,
    note: str,
    identity: str | None,
    as_json: bool,
) -> None:
    if not by.strip():
        _refuse("--by is empty: an act needs the name of a person")
    target = _named(alert, zone) if zone else asyncio.run(_found(loaded, alert))
    _send(loaded, acts.on_alert(kind, target, by, note, identity), as_json=as_json)


def _named(alert: str, zone: str) -> acts.Target:
    """Without Redis the status is read off the alert id, whose last part says so (docs/wire.md)."""
    ending = alert.rpartition(":")[2].capitalize()
    return acts.Target(alert, zone, ending if ending in STATUSES else "Actual")


async def _found(loaded: Loaded, alert: str) -> acts.Target:
    store = Store(loaded.app.redis)
    try:
        command, is_open = await store.alert(alert)
    except (RedisError, OSError) as problem:
        _refuse(f"Redis is away ({problem}): name the alert's zone with --zone", code=1)
    finally:
        await store.close()
    if command is None or not is_open:
        _refuse(f"no alert {alert!r} is open", code=1)
    return acts.decode_target(command)


def _send(loaded: Loaded, act: Act, *, as_json: bool) -> None:
    try:
        place = asyncio.run(_sent(loaded, act))
    except AwayError as problem:
        _refuse(f"{problem} (--id {act.id})", code=1)
    if as_json:
        sys.stdout.write(json.dumps({"id": act.id, "kind": act.kind, "zone": act.zone, **place._asdict()}) + "\n")
    else:
        _console.print(f"{act.kind} {act.alert or act.silence} by {act.by}: recorded as {act.id}")


async def _sent(loaded: Loaded, act: Act) -> Place:
    signals = Signals(loaded.app.kafka)
    try:
        return await signals.send(act)
    finally:
        await signals.close()


def _refuse(message: str, code: int = 2) -> NoReturn:
    _console.print(message, style="red")
    raise typer.Exit(code)
