"""Everything that can move an alert: one tagged union in the topic `signals`, keyed by zone.

Times are microseconds since 1970. `received` is the Kafka timestamp of the record that caused the signal.
"""

from typing import Literal

import msgspec

from streams.models.observation import Status

Edge = Literal["on", "off", "sighting", "lost", "back", "doubt", "trust"]


class Source(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a signal came from. Repeats are dropped by it: not beyond the last one of its partition = seen."""

    topic: str
    partition: int
    offset: int
    row: int
    n: int  # number of the signal among those of this row, in order of zone id

    @property
    def position(self) -> tuple[int, int, int]:
        """Its place within its partition."""
        return (self.offset, self.row, self.n)


class Trigger(msgspec.Struct, gc=False, omit_defaults=True):
    """A datastream's chain went on or off at one named condition; or the datastream was lost or came back.

    `lost`, `back`, `doubt` (it gives nothing but suspect values) and `trust` (it gives a good one again) concern the
    whole datastream: hazard, subject and condition are empty.
    """

    id: str
    station: str
    property: str
    edge: Edge
    time: int  # phenomenon time; of `lost` by silence: of the last observation (0 = never heard)
    hazard: str = ""
    subject: str = ""
    condition: str = ""
    value: float | None = None
    unit: str = ""
    quality: int = 1
    check: str = ""  # the check that set the quality flag, or why the datastream is lost
    threshold: float | None = None
    comparison: str = ""
    score: float | None = None
    peak: float | None = None
    rule_version: str = ""
    clear: float | None = None  # threshold at which it goes off, in `unit`
    part: str = ""  # the parts that made the value of readings, each with the digest of its code and parameters
    reading: float | None = None  # the reading that caused it, in its datastream's unit; where `part` says something
    lead: float | None = None  # of a forecast: seconds until the level is reached
    bound: str = ""  # what that check goes by, as the configuration calls it: `soft_max 8 m`
    confirmed: bool = False  # a good value has confirmed the condition, though this one is suspect
    first: bool = False  # an `off` of what never was on: the first answer, where rules may hold while nothing is on


class Triggered(msgspec.Struct, tag="trigger", gc=False, omit_defaults=True):
    """What one source row means for one zone."""

    id: str
    source: Source
    received: int
    zone: str
    status: Status
    triggers: list[Trigger]
    #: subject key "hazard|subject|status" -> phenomenon time up to which every heard datastream of that subject in
    #: this readings partition has reported
    passed: dict[str, int] = {}


class Progress(msgspec.Struct, tag="progress", gc=False, omit_defaults=True):
    """Everything up to this position and received time of a readings partition has been sent."""

    partition: int
    offset: int
    received: int
    passed: dict[str, int] = {}


class Layout(msgspec.Struct, tag="layout", gc=False):
    """From here on `readings` has so many partitions: said by `tocsin topics repartition`."""

    readings: int


class Reported(msgspec.Struct, tag="report", omit_defaults=True):
    """A person's or department's report after triage; the reporter is a pseudonym, contact and free text stay out."""

    id: str
    source: Source
    received: int
    zone: str
    status: Status
    kind: str
    origin: str  # grid_worker, citizen, department, hotline, inspection
    time: int
    reporter: str
    severity: str | None = None
    lon: float | None = None
    lat: float | None = None


class Act(msgspec.Struct, tag="act", omit_defaults=True):
    """What a person did. Dropped by `id` when it comes again within 7 days."""

    id: str
    zone: str
    kind: Literal["ack", "end", "withdraw", "silence", "unsilence", "approve"]
    by: str
    status: Status = "Actual"
    alert: str = ""
    note: str = ""
    #: silence: what it matches (empty = any) and how
    hazard: str = ""
    subject: str = ""
    silence: str = ""  # id of the silence that `unsilence` and `approve` speak of
    max_level: int = 2
    starts: int = 0  # received time; 0 = at once
    ends: int = 0


class Alarm(msgspec.Struct, tag="alarm", omit_defaults=True):
    """What a role has to say about itself: people should know it, and no reading tells them (docs/wire.md)."""

    id: str  # of its cause: dropped when it comes again
    role: str
    topic: str  # input partition that it is about
    partition: int
    offset: int  # poison: of the record; lost: of the first; state: where reading began again
    what: Literal["state", "poison", "lost"]
    since: int  # state: from this time on it can be trusted; poison, lost: received time of the record, of the next one
    detail: str
    received: int


class Relay(msgspec.Struct, tag="relay", omit_defaults=True):
    """What an alert in one zone means for hazards in this or another zone: said whenever its level there changes."""

    id: str  # of its cause: the alert, the command or signal, and the zone that it goes to
    zone: str  # that it goes to
    status: Status
    hazard: str
    alert: str
    version: int  # of the alert
    word: int  # counts what was said of this alert: an older word than one that was heard is dropped
    level: int  # 0 = it is over
    subject: str
    origin: str  # zone of the alert
    time: int
    received: int
    hops: int = 1  # alerts that led to one another, this one included
    lon: float | None = None  # where the subject is
    lat: float | None = None


class Sampled(msgspec.Struct, tag="sample", gc=False, omit_defaults=True):
    """A value that neighbours are compared with, in the home zone of the datastream's group; once in each step."""

    id: str  # of its cause: group, station, property, status and time
    source: Source
    received: int
    zone: str  # home of the group
    status: Status
    group: str
    station: str
    property: str
    time: int
    value: float  # in the datastream's unit
    unit: str
    quality: int = 1  # 1 good, 3 suspect by a check of its own; others are not sent


class Checked(msgspec.Struct, tag="checked", gc=False, omit_defaults=True):
    """What neighbours say of a datastream, in a zone in which its triggers count: said whenever it changes."""

    id: str  # of its cause: the sample that decided, station, property and the zone that it goes to
    zone: str  # that it goes to
    status: Status
    station: str
    property: str
    word: int  # grows with what is said of this datastream: an older word than one that was heard is dropped
    quality: int  # 1 = withdrawn, 3 = suspect
    time: int  # of the sample
    received: int
    check: Literal["neighbour", "drift", ""] = ""
    value: float | None = None  # of the sample
    unit: str = ""
    bound: str = ""  # what the check goes by, as the configuration calls it: `neighbour 0.5 m of 2.31 m`
    drift: float | None = None  # slow mean of the difference ÷ its limit, with its sign; None = not judged


Signal = Triggered | Progress | Layout | Reported | Act | Alarm | Relay | Sampled | Checked
_decode = msgspec.json.Decoder(Signal).decode


def decode_signal(value: bytes) -> Signal:
    """The signal in a record. What cannot be read is a ValueError, whatever is wrong with it."""
    try:
        found: Signal = _decode(value)
    except RecursionError as error:  # thousands of brackets
        raise msgspec.DecodeError("nested too deeply") from error
    return found
