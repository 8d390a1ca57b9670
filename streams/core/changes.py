"""What one signal changes of the subjects that it speaks of, before anything is decided."""

from collections.abc import Iterator

from streams.core.subject import Subject
from streams.models.level import RED
from streams.models.signal import Trigger

RISES = frozenset({"on", "sighting"})
PRESENCE = frozenset({"lost", "back"})
TRUST = frozenset({"doubt", "trust"})  # of a datastream: whether it is in doubt moves no alert


class Changes:
    """What one signal changed: of each subject the trigger that is told, and whether there is anything to tell."""

    def __init__(self, received: int = 0) -> None:
        """Of a signal received then."""
        self._received = received
        self._found: dict[str, tuple[Subject, Trigger, bool, bool, bool]] = {}
        self._newest: dict[str, int] = {}  # subject -> phenomenon time of what changed
        self._present: set[str] = set()  # subjects of which a datastream whose alert is on was lost, or is back

    def note(self, subject: Subject, trigger: Trigger, *, differs: bool, peaked: bool, acted: bool = False) -> None:
        """One trigger; of several the first that speaks of a condition, and has not acted before, is told."""
        _, first, silent, differed, had_peaked = self._found.get(subject.key, (subject, trigger, True, False, False))
        self._newest[subject.key] = max(self.time_of(trigger), self._newest.get(subject.key, 0))
        if silent:
            first, silent = trigger, acted or not trigger.condition
        self._found[subject.key] = (subject, first, silent, differs or differed, peaked or had_peaked)
        if differs and trigger.edge in PRESENCE and subject.picture.is_on((trigger.station, trigger.property)):
            self._present.add(subject.key)

    def is_presence(self, subject: Subject) -> bool:
        """Whether a datastream whose alert is on was lost, or is back."""
        return subject.key in self._present

    def time_of(self, trigger: Trigger) -> int:
        """Phenomenon time of what it says; silence has none but that of hearing nothing."""
        return self._received if trigger.edge == "lost" else trigger.time

    def differing(self) -> Iterator[tuple[Subject, int]]:
        """Those whose rules may see something else, and the time of it."""
        return ((subject, self._newest[key]) for key, (subject, _, _, differs, _) in self._found.items() if differs)

    def told(self) -> Iterator[tuple[Subject, Trigger, bool, bool]]:
        """Those about which there may be something to say: because rules may see something else, of a new peak."""
        for subject, trigger, _, differs, peaked in self._found.values():
            if differs or (peaked and subject.alert is not None and subject.alert.level == RED):
                yield subject, trigger, differs, peaked


def acts_at_once(trigger: Trigger) -> bool:
    """A rise does; a fall, a loss and an absence wait until every partition has passed their received time."""
    return trigger.edge in RISES and trigger.comparison != "absent"


def is_new_peak(subject: Subject, trigger: Trigger) -> bool:
    """Whether a sighting says more than was told before."""
    if trigger.edge != "sighting":
        return False
    latch = subject.picture.shown((trigger.station, trigger.property), trigger.condition)
    return latch is None or latch.last.peak != trigger.peak
