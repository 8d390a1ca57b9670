"""What people do over HTTP. Answered 202 only after Kafka has it; what it changes comes back over the feed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request

from streams.models.observation import Status
from streams.models.signal import Act
from streams.web import acts
from streams.web.context import Context, ContextOf
from streams.web.errors import AwayError
from streams.web.schemas import act_answer

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=100)]
Zone = Annotated[str, Query(description="The zone of the silence: its key on the topic.")]


def _same_origin(request: Request) -> None:
    # there are no logins yet: at least no other site's page may act through an operator's browser
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise HTTPException(403, "acts are taken from this host's own page or from programs, not from another site")


router = APIRouter(tags=["acts"], dependencies=[Depends(_same_origin)])


async def _send(context: Context, act: Act) -> dict[str, Any]:
    try:
        place = await context.signals.send(act)
    except AwayError:
        context.metrics.acts.labels(act.kind, "failed").inc()
        raise
    context.metrics.acts.labels(act.kind, "accepted").inc()
    target = {"alert": act.alert} if act.alert else {"silence": act.silence}
    return {"id": act.id, "kind": act.kind, **target, "zone": act.zone, **place._asdict()}


async def _target(context: Context, alert: str) -> acts.Target:
    command, is_open = await context.store.alert(alert)
    if command is None:
        raise HTTPException(404, f"no alert {alert!r} is open")
    if not is_open:
        raise HTTPException(409, f"alert {alert!r} has ended")
    return acts.decode_target(command)


@router.post("/v1/alerts/{alert}/{kind}", status_code=202, responses=act_answer)
async def on_alert(
    alert: str, kind: acts.AlertAct, body: acts.PersonBody, context: ContextOf, idempotency_key: Key = None
) -> dict[str, Any]:
    """Acknowledge, end or withdraw an alert. Ending or withdrawing a red takes two different persons."""
    target = await _target(context, alert)
    return await _send(context, acts.on_alert(kind, target, body.by, body.note, acts.act_id(body.id, idempotency_key)))


@router.post("/v1/silences", status_code=202, responses=act_answer)
async def silence(body: acts.SilenceBody, context: ContextOf, idempotency_key: Key = None) -> dict[str, Any]:
    """Mute what matches in a zone until `ends`. `max_level: red` waits for a second person's approval."""
    _known_zone(context, body.zone)
    if body.hazard and body.hazard not in context.site.hazards:
        raise HTTPException(422, f"no hazard {body.hazard!r}; there are: {', '.join(sorted(context.site.hazards))}")
    return await _send(context, acts.silence(body, _status(context), idempotency_key))


@router.post("/v1/silences/{silence}/approve", status_code=202, responses=act_answer)
async def approve(
    silence: str, body: acts.PersonBody, zone: Zone, context: ContextOf, idempotency_key: Key = None
) -> dict[str, Any]:
    """Approve, as a second person, a silence that mutes red."""
    return await _send(context, acts.on_silence("approve", _silence(context, silence, zone), body, idempotency_key))


@router.delete("/v1/silences/{silence}", status_code=202, responses=act_answer)
async def unsilence(
    silence: str, zone: Zone, person: Annotated[acts.Person, Query()], context: ContextOf, idempotency_key: Key = None
) -> dict[str, Any]:
    """Lift a silence before its end."""
    return await _send(context, acts.on_silence("unsilence", _silence(context, silence, zone), person, idempotency_key))


def _silence(context: Context, silence: str, zone: str) -> acts.Target:
    _known_zone(context, zone)
    return acts.Target(alert=silence, zone=zone, status=_status(context))


def _status(context: Context) -> Status:
    return "Exercise" if context.app.exercise else "Actual"


def _known_zone(context: Context, zone: str) -> None:
    if zone not in context.site.zones:
        raise HTTPException(422, f"no zone {zone!r}; there are: {', '.join(sorted(context.site.zones))}")
