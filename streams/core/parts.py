"""What is remembered of the parts of a subject: of its stations, zones or groups that answer rules for themselves.

Of a subject with a thousand stations few change at a time. So only those are asked anew of which something else is
known, and what may run out or be forgotten is worked out once for each change. None of that is state.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.core.rules import Truth
from streams.core.script import Script
from streams.core.stretches import Due, Spans, Stretch, ends, forget, fresh, idle, note

Key = tuple[str, str]  # station, property
Part = tuple[str, str, str]  # station, zone or group; its first datastream


@dataclass(slots=True)
class Parts:
    """One of which nothing is to be remembered is not there."""

    script: Script
    spans: dict[Part, Spans] = field(default_factory=dict)  # for each eye and inner rule when it held
    changed: set[Part] = field(default_factory=set)  # whose past is no longer as saved
    #: eye and inner rule -> where each condition held and where nobody knew, when the rule was last asked
    seen: dict[tuple[int, int], list[frozenset[Key]]] = field(default_factory=dict)
    _noted: set[Part] = field(default_factory=set)  # since anything was forgotten
    _ends: dict[Part, list[Due]] = field(default_factory=dict)  # when what their rules say may change by itself
    _oldest: dict[Part, int] = field(default_factory=dict)  # the earliest end of what is remembered

    def past(self, part: Part, eye: int, number: int) -> list[Stretch]:
        """When an inner rule held there."""
        found = self.spans.get(part)
        return found[eye][number] if found else idle() if self.script.inner[number].idle else []

    def note(self, part: Part, eye: int, number: int, truth: Truth, moment: Due) -> None:
        """What an inner rule is there, from a moment on."""
        found = self.spans.get(part)
        if found is None:
            if truth is self.script.inner[number].idle:  # as it has always been
                return
            found = self.spans[part] = fresh(self.script, part[0])
        if note(found[eye][number], truth, *moment):
            self.changed.add(part)
            self._noted.add(part)

    def take_changed(self) -> set[Part]:
        """Those whose past has changed since it was last asked."""
        found, self.changed = self.changed, set()
        return found

    def forget(self, now: int) -> None:
        """What no window reaches any more."""
        if not self.spans:
            return
        reach = now - min((window.within for window in self.script.windows), default=0)
        due = [part for part in self.spans if part in self._noted or self._first_end(part) < reach]
        self._noted.clear()
        for part in due:
            spans = self.spans[part]
            if forget(spans, self.script, now):
                self.changed.add(part)
            self._ends.pop(part, None)
            self._oldest.pop(part, None)
            if spans == fresh(self.script, part[0]):
                del self.spans[part]

    def _first_end(self, part: Part) -> int:
        """Nothing is forgotten before a window has passed it."""
        found = self._oldest.get(part)
        if found is None:
            every = (s.until for spans in self.spans[part] for line in spans for s in line if s.until is not None)
            found = self._oldest[part] = min(every, default=2**63)
        return found

    def ends(self, passed: int) -> Iterator[Due]:
        """When what their rules say may change by itself."""
        for part, spans in self.spans.items():
            found = self._ends.get(part)
            if found is None:
                every = (due for own in spans for w in self.script.windows for due in ends(w, own, 0))
                found = self._ends[part] = sorted(every)
            yield from (due for due in found if due[0] > passed)
