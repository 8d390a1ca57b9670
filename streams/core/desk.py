"""What people said: acts seen (so that a repeat means nothing), silences, and who has spoken first of two."""

from dataclasses import dataclass, field

from streams.core.mute import Silence
from streams.core.subject import Alert, Moment, Subject
from streams.models.signal import Act
from streams.models.times import DAY, MINUTE

REMEMBERED = 7 * DAY
SECOND_WITHIN = 10 * MINUTE  # as for silences of red: two persons, ten minutes


@dataclass(slots=True)
class Desk:
    """The operators' side of one partition of `signals`. `changed`: rows of state that are no longer as saved."""

    changed: set[tuple[str, ...]] = field(default_factory=set)
    acts: dict[str, int] = field(default_factory=dict)  # id -> received, oldest first
    silences: dict[str, Silence] = field(default_factory=dict)
    looked: int = 0  # received time up to which beginnings and ends of silences have been told

    def is_new(self, ident: str, received: int) -> bool:
        """Whether an act or alarm has not been seen within 7 days."""
        while self.acts:
            old = next(iter(self.acts))
            if self.acts[old] >= received - REMEMBERED:
                break
            self._forget(old)
        if ident in self.acts:
            return False
        self.acts[ident] = received
        self.changed.add(("act", ident))
        return True

    def _forget(self, ident: str) -> None:
        del self.acts[ident]
        self.changed.add(("act", ident))

    def silence(self, act: Act, received: int) -> None:
        """Begin, end or approve a silence."""
        if act.kind == "silence":
            self.silences[act.id] = Silence.of(act, received)
            self.changed.add(("silence", act.id))
            return
        if act.silence not in self.silences:
            return
        self.changed.add(("silence", act.silence))
        if act.kind == "unsilence":
            del self.silences[act.silence]
        else:
            self.silences[act.silence].approve(act, received)

    def muted_by(self, subject: Subject, now: int) -> list[str]:
        """Ids of the silences that mute an alert at its level now."""
        level = subject.alert.level if subject.alert is not None else 0
        hazard = subject.picture.hazard.name
        return sorted(
            s.id
            for s in self.silences.values()
            if s.mutes(subject.zone, hazard, subject.subject, subject.status, level, now)
        )

    def due(self, received: int) -> dict[int, set[str]]:
        """Times since the last call at which silences turned, and which."""
        if not self.silences:
            self.looked = max(self.looked, received)
            return {}
        found: dict[int, set[str]] = {}
        for silence in self.silences.values():
            for time in silence.turns(self.looked, received):
                found.setdefault(time, set()).add(silence.id)
        self.looked = max(self.looked, received)
        return dict(sorted(found.items()))

    def let_go(self, received: int) -> None:
        """Silences that are over are forgotten."""
        for ident in [one.id for one in self.silences.values() if one.ends <= received]:
            del self.silences[ident]
            self.changed.add(("silence", ident))

    def first_of_two(self, alert: Alert, act: Act, moment: Moment) -> str | None:
        """Who has asked for the same before, if that was somebody else and not long ago."""
        if alert.seconds is None:
            return None
        who, when, kind = alert.seconds
        agree = who != act.by and kind == act.kind and moment.received <= when + SECOND_WITHIN
        return who if agree else None
