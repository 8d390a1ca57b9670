"""The life of an alert as a table. The diagram in docs/alerts.md is made from it, so it cannot lie.

Rules that everything here obeys:
* A stimulus that the table does not name for a state changes nothing.
* `Alert` opens (or opens again), `Update` goes on, `Cancel` ends; `Ack` is a person's word about an open alert.
* Muting is not a state: marks on the alert say what mutes it (mute.py).
"""

from enum import StrEnum

from streams.models.command import MsgType


class State(StrEnum):
    """Where an alert stands."""

    QUIET = "quiet"  # nothing to say
    ACTIVE = "active"  # on
    PROPOSED = "proposed"  # its conditions are over; a person has to end it
    ENDED = "ended"  # may come back under the same id within the reopening time


class Stimulus(StrEnum):
    """What may happen to it. The value is the command's `reason`, where a command follows."""

    RAISED = "first"
    REOPENED = "reopened"
    LEVEL_UP = "level_up"
    LEVEL_DOWN = "level_down"
    RESUMED = "resumed"  # conditions on again at the published level while a person's word was awaited
    CLEARED = "cleared"  # conditions over, and the timer may end it
    PROPOSE_END = "propose_end"  # conditions over, and a person has to end it
    EVIDENCE = "evidence"
    REPEAT = "repeat"
    UNMUTED = "unmuted"
    ACKNOWLEDGED = "acknowledged"
    SECONDED = "seconded"  # one of two persons has said that it is to end
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    FORGOTTEN = "forgotten"  # the reopening time is over


S, X = State, Stimulus

#: (state, stimulus) -> (next state, message type or None)
TRANSITIONS: dict[tuple[State, Stimulus], tuple[State, MsgType | None]] = {
    (S.QUIET, X.RAISED): (S.ACTIVE, "Alert"),
    (S.ENDED, X.REOPENED): (S.ACTIVE, "Alert"),
    (S.ENDED, X.FORGOTTEN): (S.QUIET, None),
    (S.ACTIVE, X.LEVEL_UP): (S.ACTIVE, "Update"),
    (S.ACTIVE, X.LEVEL_DOWN): (S.ACTIVE, "Update"),
    (S.ACTIVE, X.CLEARED): (S.ENDED, "Cancel"),
    (S.ACTIVE, X.PROPOSE_END): (S.PROPOSED, "Update"),
    (S.ACTIVE, X.EVIDENCE): (S.ACTIVE, "Update"),
    (S.PROPOSED, X.LEVEL_UP): (S.ACTIVE, "Update"),
    (S.PROPOSED, X.LEVEL_DOWN): (S.ACTIVE, "Update"),
    (S.PROPOSED, X.RESUMED): (S.ACTIVE, "Update"),
    **{(s, X.REPEAT): (s, "Update") for s in (S.ACTIVE, S.PROPOSED)},
    **{(s, X.UNMUTED): (s, "Update") for s in (S.ACTIVE, S.PROPOSED)},
    **{(s, X.SECONDED): (s, "Update") for s in (S.ACTIVE, S.PROPOSED)},
    **{(s, X.ACKNOWLEDGED): (s, "Ack") for s in (S.ACTIVE, S.PROPOSED)},
    **{(s, X.ENDED): (S.ENDED, "Cancel") for s in (S.ACTIVE, S.PROPOSED)},
    **{(s, X.WITHDRAWN): (S.ENDED, "Cancel") for s in (S.ACTIVE, S.PROPOSED)},
}

#: stimuli whose command carries another reason than their own name
REASONS = {X.RESUMED: "repeat", X.PROPOSE_END: "repeat", X.SECONDED: "repeat", X.CLEARED: "ended"}


def step(state: State, stimulus: Stimulus) -> tuple[State, MsgType | None]:
    """The next state and the message to send; the same state and None for what means nothing here."""
    return TRANSITIONS.get((state, stimulus), (state, None))


def reason(stimulus: Stimulus) -> str:
    """The `reason` of the command that a stimulus causes."""
    return REASONS.get(stimulus, stimulus.value)


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    arrows = (f"    {a} --> {b}: {x.name.lower()}" for (a, x), (b, _) in TRANSITIONS.items())
    return "\n".join(["stateDiagram-v2", "    [*] --> quiet", *arrows]) + "\n"
