"""The subjects of one partition of `signals`, and which of them a trigger, a report or a relay speaks of."""

from collections.abc import Iterator
from typing import NamedTuple

from streams.core.doubted import NOBODY, Doubted
from streams.core.geography import distance
from streams.core.picture import Picture
from streams.core.related import properties_of
from streams.core.relays import Relays
from streams.core.rulebook import Rulebook
from streams.core.subject import Subject
from streams.models.observation import Status
from streams.models.partition import partition_of
from streams.models.signal import Checked, Relay, Reported, Trigger
from streams.models.site import Hazard, ReportCondition, Site, subject_key

MOST = 10_000  # answers that are kept of one question


class Waiting(NamedTuple):
    """A condition of a subject that waits for what has come, and how long that counts."""

    name: str
    within: int


class Subjects:
    """Found by key; a subject is made when it is first spoken of."""

    def __init__(self, site: Site, partitions: int, changed: set[tuple[str, ...]]) -> None:
        """`partitions` of `readings`; `changed`: rows of state that are no longer as saved."""
        self._site, self._partitions, self._changed = site, partitions, changed
        self._books = {hazard.name: Rulebook(hazard) for hazard in site.hazards.values()}
        self._calls: dict[str, list[tuple[Hazard, list[ReportCondition]]]] = {}  # kind of report -> who waits for it
        for book in self._books.values():
            for kind in sorted({kind for condition in book.calls for kind in condition.kinds}):
                self._calls.setdefault(kind, []).append((book.hazard, book.waits_for(kind)))
        self._in_zone: dict[tuple[str, str], list[str]] = {}  # zone, hazard -> subjects
        self.found: dict[str, Subject] = {}
        self.doubted: dict[tuple[str, Status], Doubted] = {}  # zone, status -> whom their neighbours doubt

    def of(self, hazard: Hazard, name: str, zone: str, status: Status) -> Subject:
        """A subject's state, from the moment on that it is first spoken of."""
        key = subject_key(hazard.name, name, status)
        found = self.found.get(key)
        if found is None:
            members = self._site.members.of(hazard.subject, name, hazard.properties)
            everybody = status == "Actual" or self._site.exercise  # of an exercise those count who take part
            streams = {m: self._site.datastreams[m] for m in members}
            picture = Picture(self._books[hazard.name], streams, waits=everybody)
            picture.doubted = self.doubted_in(zone, status) if "neighbour" in hazard.checks else NOBODY
            homes = frozenset(partition_of(m[0].encode(), self._partitions) for m in members)
            found = self.found[key] = Subject(name, zone, status, picture, key, partitions=homes)
            self.mark(found)
        return found

    def lay_out(self, partitions: int) -> None:
        """Datastreams lie in other readings partitions; what all of a subject have passed they have passed there."""
        self._partitions = partitions
        for subject in self.found.values():
            homes = frozenset(partition_of(m[0].encode(), partitions) for m in subject.picture.members)
            if subject.passed:
                passed = min((subject.passed.get(p, 0) for p in subject.partitions), default=0)
                subject.passed = dict.fromkeys(sorted(homes), passed) if passed else {}
                self._changed.add(("passed", subject.key))
            subject.partitions = homes

    def doubted_in(self, zone: str, status: Status) -> Doubted:
        """Datastreams whose neighbours doubt them, of a zone."""
        return self.doubted.setdefault((zone, status), Doubted())

    def mark(self, subject: Subject) -> None:
        """Its row is no longer as saved."""
        self._changed.add(("subject", subject.key))
        if subject.alert is not None:
            self._changed.add(("alert", subject.key, subject.alert.id))

    def is_known(self, hazard: Hazard, name: str) -> bool:
        """Whether the site has such a subject."""
        if name in self._site.zones:
            return True
        return bool(self._site.members.of(hazard.subject, name, properties_of(hazard)))

    # -- who is spoken of --------------------------------------------------------------------------------------------

    def of_trigger(self, trigger: Trigger, zone: str, status: Status) -> Iterator[Subject]:
        """Its own subject; of a loss all that its datastream feeds."""
        if trigger.hazard:
            if trigger.hazard in self._site.hazards:
                yield self.of(self._site.hazards[trigger.hazard], trigger.subject, zone, status)
            return
        for hazard in self._site.hazards_of.get(trigger.property, ()):
            about = self._site.members.about((trigger.station, trigger.property), hazard.subject)
            if about is not None and self._decided_in(zone, trigger, hazard):
                yield self.of(hazard, about, zone, status)

    def _decided_in(self, zone: str, trigger: Trigger, hazard: Hazard) -> bool:
        """Whether alerts of a hazard about a datastream are decided in a zone: an event has one home."""
        number = self._site.datastreams.number(trigger.station, trigger.property)
        if number is None or all(one.subject != "event" for one in self._site.hazards_of[trigger.property]):
            return True
        return self._site.datastreams.zones[self._site.members.home(hazard.subject, number)] == zone

    def of_relay(self, relay: Relay, relays: Relays) -> Iterator[tuple[Subject, tuple[str, ...]]]:
        """The subjects to which an alert matters, and the conditions that wait for it there."""
        for hazard, name, conditions in relays.targets(relay.hazard, relay.subject, relay.origin).get(relay.zone, ()):
            if relay.level or subject_key(hazard.name, name, relay.status) in self.found:
                yield self.of(hazard, name, relay.zone, relay.status), conditions

    def of_checked(self, checked: Checked) -> list[Subject]:
        """The subjects that are known and to which it matters whether a datastream is in doubt."""
        found = []
        for hazard in self._site.hazards_of.get(checked.property, ()):
            about = self._site.members.about((checked.station, checked.property), hazard.subject)
            if about is not None and "neighbour" in hazard.checks:
                found.append(self.found.get(subject_key(hazard.name, about, checked.status)))
        return [subject for subject in found if subject is not None and subject.zone == checked.zone]

    def of_report(self, report: Reported) -> Iterator[tuple[Subject, list[Waiting]]]:
        """The subjects that a report may speak of; for each the conditions that it counts for, and how long."""
        for hazard, conditions in self._calls.get(report.kind, ()):
            waiting = [Waiting(condition.name, condition.within) for condition in conditions]
            for name in self._nearest(hazard, report):
                yield self.of(hazard, name, report.zone, report.status), waiting

    def _nearest(self, hazard: Hazard, report: Reported) -> list[str]:
        """The subjects of the zone that a report speaks of: the nearest one if it says where it is."""
        if hazard.subject == "zone":
            return [report.zone]
        names = self._names(hazard, report.zone)
        if report.lon is None or report.lat is None or len(names) < 2:
            return names
        place = (report.lon, report.lat)

        def away(name: str) -> float:
            members = self._site.members.of(hazard.subject, name, properties_of(hazard))
            streams = [self._site.datastreams[m] for m in members]
            near = [distance(place, (s.lon, s.lat)) for s in streams if s.lon is not None and s.lat is not None]
            return min(near, default=float("inf"))

        return [min(names, key=lambda name: (away(name), name))]

    def _names(self, hazard: Hazard, zone: str) -> list[str]:
        """What alerts of a hazard in a zone can be about."""
        key = (zone, hazard.name)
        if key not in self._in_zone:
            if len(self._in_zone) >= MOST:
                self._in_zone.clear()
            self._in_zone[key] = self._site.members.subjects_in(zone, hazard.subject, properties_of(hazard))
        return self._in_zone[key]
