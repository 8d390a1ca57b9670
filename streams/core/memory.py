"""What a subject remembers for the rules that look back: when their inner rules held, and what has just gone off.

Times are phenomenon times of what was decided upon. A rule that held for no time at all has not held: the order of
readings of one time does not matter. Of each time it is known at which received time it was heard of, so that what
runs out does so without a further message.
"""

from dataclasses import dataclass, field

import msgspec

from streams.core.parts import Parts
from streams.core.script import Script
from streams.core.stretches import Due, Spans, Stretch, ends, forget, fresh

Key = tuple[str, str]  # station, property


class Lately(msgspec.Struct, array_like=True, gc=False):
    """A condition has gone off at a datastream."""

    until: int
    over: int
    good: bool


_NO_PARTS = Parts(Script())  # of hazards without rules that are answered apart: there are many subjects


@dataclass(slots=True)
class Memory:
    """Of one subject. spans: for each eye (view.EYES) and inner rule when it held; lately: condition -> datastreams.

    parts: the same as spans, of the inner rules that each station, zone or group answers for itself.
    """

    script: Script
    now: int = 0  # the newest phenomenon time that was decided upon
    passed: int = 0  # the newest end of a window that all data has passed
    spans: Spans = field(default_factory=list)
    lately: dict[str, dict[Key, Lately]] = field(default_factory=dict)
    parts: Parts = field(init=False)

    def __post_init__(self) -> None:
        self.spans = fresh(self.script, "")
        self.parts = Parts(self.script) if self.script.apart else _NO_PARTS

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.now or self.passed or self.lately) or any(map(any, self.spans))

    def past(self, eye: int, number: int) -> list[Stretch]:
        """When an inner rule held, as one eye sees it."""
        return self.spans[eye][number]

    def went_off(self, name: str, key: Key, since: int, end: Lately) -> None:
        """A condition that votes ask about later has gone off."""
        if name in self.script.lately and end.until > since:
            self.lately.setdefault(name, {})[key] = end

    def lately_on(self, name: str, during: int, now: int, *, good: bool) -> set[Key]:
        """Where a condition has gone off within a time; only where it was good, if so asked."""
        found = self.lately.get(name, {})
        return {key for key, end in found.items() if end.until + during > now and (end.good or not good)}

    # -- time --------------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """What no window reaches any more."""
        forget(self.spans, self.script, self.now)
        self.parts.forget(self.now)
        for name, found in list(self.lately.items()):
            longest = max(self.script.lately[name])
            self.lately[name] = {key: end for key, end in found.items() if end.until + longest > self.now}
            if not self.lately[name]:
                del self.lately[name]

    def next_look(self) -> Due | None:
        """When the next window runs out."""
        found = [due for spans in self.spans for w in self.script.windows for due in ends(w, spans, self.passed)]
        found += self.parts.ends(self.passed)
        for name, gone in self.lately.items():
            found += [(e.until + w, e.over + w) for e in gone.values() for w in self.script.lately[name]]
        return min((due for due in found if due[0] > self.passed and due[0] > 0), default=None)
