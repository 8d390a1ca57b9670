"""What neighbours say of datastreams, where it counts: doubt caps what comes after it, and lowers nothing.

A word has its turn after everything that was heard before it. When doubt is over, what it has capped may raise at once.
"""

from collections.abc import Iterator

from streams.core.alerts import Alerts
from streams.core.compared import compared_command, version_key
from streams.core.doubted import Doubted, Word
from streams.core.health import Health
from streams.core.latch import Key, Position
from streams.core.quality import GOOD
from streams.core.subject import Moment, Subject
from streams.core.subjects import Subjects
from streams.models.command import Command
from streams.models.observation import Status
from streams.models.signal import Checked
from streams.models.site import Site


class Doubts:
    """Those of one Assessor."""

    def __init__(
        self, site: Site, subjects: Subjects, alerts: Alerts, health: Health, changed: set[tuple[str, ...]]
    ) -> None:
        """`changed`: rows of state that are no longer as saved."""
        self._site, self._subjects, self._alerts, self._health = site, subjects, alerts, health
        self._changed = changed

    def of(self, checked: Checked) -> Doubted:
        """The doubts of its zone and status."""
        return self._subjects.doubted_in(checked.zone, checked.status)

    def is_new(self, checked: Checked) -> bool:
        """Whether the site still compares this datastream, and nothing as new was heard of it here."""
        number = self._site.datastreams.number(checked.station, checked.property)
        if number is None or not self._site.neighbours.judges(number):
            return False
        newest = self.of(checked).newest((checked.station, checked.property))
        return newest is None or checked.word > newest.word

    def lay(self, checked: Checked, position: Position) -> None:
        """It waits for its turn."""
        self.of(checked).wait((checked.station, checked.property), position, checked)

    def ahead(self, checked: Checked, position: Position) -> Iterator[Command]:
        """It waits for its turn; the end of doubt acts before."""
        self.lay(checked, position)
        if checked.quality == GOOD:
            for subject in self._subjects.of_checked(checked):
                yield from self._decide(subject, checked)

    def turn(self, checked: Checked, position: Position) -> Iterator[Command]:
        """It has its turn."""
        key = (checked.station, checked.property)
        before = self.of(checked).turn(key, position, checked)
        self._changed.add(("doubt", checked.zone, checked.status, *key))
        if checked.quality == GOOD:
            for subject in self._subjects.of_checked(checked):
                yield from self._lift(subject, checked)
        if self._site.datastreams[key].zone == checked.zone:
            yield from self._tell(checked, was=before is not None and before.quality != GOOD)
        yield from self._health.checked(checked)

    # -- state -------------------------------------------------------------------------------------------------------

    @property
    def all(self) -> dict[tuple[str, Status], Doubted]:
        """By zone and status."""
        return self._subjects.doubted

    def word(self, zone: str, status: Status, *key: str) -> Word | None:
        """The newest word about a datastream that has had its turn."""
        found = self.all.get((zone, status))
        return None if found is None else found.words.get((key[0], key[1]))

    def restore(self, word: Word, key: Key) -> None:
        """As it was saved."""
        self.of(word.checked).words[key] = word

    # -- what follows ------------------------------------------------------------------------------------------------

    def _tell(self, checked: Checked, *, was: bool) -> Iterator[Command]:
        if was or checked.quality != GOOD:
            version = self._health.next_version(version_key(checked))
            yield compared_command(self._site, self._health.zone, checked, version, was=was)

    def _lift(self, subject: Subject, checked: Checked) -> Iterator[Command]:
        key = (checked.station, checked.property)
        names = subject.picture.lift(key)
        self._changed.update(("latch", subject.key, *key, name) for name in names)
        if names:
            self._alerts.settle(subject, checked.time, checked.received)
            yield from self._decide(subject, checked)

    def _decide(self, subject: Subject, checked: Checked) -> Iterator[Command]:
        yield from self._alerts.decide(subject, Moment(checked.id, checked.time, checked.received))
        self._subjects.mark(subject)
