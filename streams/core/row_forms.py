"""What the rows of the Assessor's state are made of."""

import msgspec

from streams.core.alarms import Told
from streams.core.doubted import Word
from streams.core.lifecycle import State
from streams.core.memory import Lately
from streams.core.mute import Silence
from streams.core.neighbours import Member
from streams.core.relayed import Held
from streams.core.stretches import Spans
from streams.core.subject import Alert, Fall
from streams.models.signal import Checked, Progress, Reported, Sampled, Trigger, Triggered


class StateRow(msgspec.Struct, array_like=True):
    """How far everything is."""

    received: dict[int, int]  # of each readings partition
    whole: dict[int, int]
    heard: dict[int, int]
    began: int | None
    now: int
    last: tuple[int, int, int, int, int]
    seen: list[tuple[str, int, tuple[int, int, int]]]
    looked: int
    unheard: list[int]
    touched: list[str]
    readings: int = 0  # partitions of it; state of before: as many as there are now


class TimerRow(msgspec.Struct, array_like=True):
    """A timer without its subject."""

    kind: str
    time: int
    received: int
    token: tuple[int | str, ...]
    name: str


class SubjectRow(msgspec.Struct, array_like=True):
    """What is small of a subject."""

    zone: str
    state: State
    settled: dict[int, bool]
    on: dict[int, bool]
    falls: dict[int, Fall]
    lost: list[tuple[str, str, str]]  # station, property, check
    timers: list[TimerRow]
    alert: str | None  # id of the newest one
    past: list[str]  # ids, oldest first


class LatchRow(msgspec.Struct, array_like=True):
    """A condition that is on at a datastream."""

    since: int
    good: bool
    position: tuple[int, int, int, int, int]
    last: Trigger
    own: bool = False  # good by the checks of its own datastream; state of before: where `good` is


class PastRow(msgspec.Struct, array_like=True):
    """What rules that look back will ask about. lately: condition, station, property, and when it went off."""

    now: int
    passed: int
    spans: Spans
    lately: list[tuple[str, str, str, Lately]]


#: kind of row -> what its bytes are
FORMS: dict[str, object] = {
    "state": StateRow,
    "subject": SubjectRow,
    "alert": Alert,
    "passed": dict[int, int],
    "latch": LatchRow,
    "said": bool,
    "report": Reported,
    "past": PastRow,
    "apart": Spans,
    "relay": Held,
    "heard": tuple[int, int],
    "wait": Triggered | Progress | Reported | Sampled | Checked,
    "act": int,
    "silence": Silence,
    "alarm": Told,
    "health": int,
    "lost": Trigger,
    "near": Member,
    "doubt": Word,
    "distrust": list[str],
}
DECODERS = {kind: msgspec.msgpack.Decoder(form) for kind, form in FORMS.items()}
