"""What a subject remembers for the rules that look back: when their inner rules held, and what has just gone off.

Times are phenomenon times of what was decided upon. A rule that held for no time at all has not held: the order of
readings of one time does not matter. Of each time it is known at which received time it was heard of, so that what
runs out does so without a further message.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from streams.core.rules import Truth
from streams.core.rules.spans import possibly_since
from streams.core.script import Script, Window

Key = tuple[str, str]  # station, property
Part = tuple[str, str, str]  # station, zone or group; its first datastream
Due = tuple[int, int]  # phenomenon time, received time
EYES = 3


class Stretch(msgspec.Struct, array_like=True, gc=False):
    """A time in which an inner rule held (`sure`), or in which nobody knows."""

    since: int
    received: int  # heard of at this received time
    sure: bool
    until: int | None = None
    over: int = 0  # received time of its end


class Lately(msgspec.Struct, array_like=True, gc=False):
    """A condition has gone off at a datastream."""

    until: int
    over: int
    good: bool


Spans = list[list[list[Stretch]]]  # of each eye and inner rule


@dataclass(slots=True)
class Memory:
    """Of one subject. spans: for each eye (view.EYES) and inner rule when it held; lately: condition -> datastreams.

    parts: the same as spans, of the inner rules that each station, zone or group answers for itself. One of which
    nothing is to be remembered is not there.
    """

    script: Script
    now: int = 0  # the newest phenomenon time that was decided upon
    passed: int = 0  # the newest end of a window that all data has passed
    spans: Spans = field(default_factory=list)
    lately: dict[str, dict[Key, Lately]] = field(default_factory=dict)
    parts: dict[Part, Spans] = field(default_factory=dict)
    changed: set[Part] = field(default_factory=set)  # whose past is no longer as saved

    def __post_init__(self) -> None:
        self.spans = self._fresh("")

    def _fresh(self, apart: str) -> Spans:
        return [[_idle() if i.idle and i.apart == apart else [] for i in self.script.inner] for _ in range(EYES)]

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.now or self.passed or self.lately) or any(map(any, self.spans))

    def past(self, eye: int, number: int, part: Part | None = None) -> list[Stretch]:
        """When an inner rule held, as one eye sees it; `part`: there."""
        if part is None:
            return self.spans[eye][number]
        found = self.parts.get(part)
        return found[eye][number] if found else _idle() if self.script.inner[number].idle else []

    def note(self, part: Part, eye: int, number: int, truth: Truth, moment: Due) -> None:
        """What an inner rule is at a part of the subject, from a moment on."""
        found = self.parts.get(part)
        if found is None:
            if truth is self.script.inner[number].idle:  # as it has always been
                return
            found = self.parts[part] = self._fresh(part[0])
        if note(found[eye][number], truth, *moment):
            self.changed.add(part)

    def take_changed(self) -> set[Part]:
        """The parts whose past has changed since it was last asked."""
        found, self.changed = self.changed, set()
        return found

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
        self._forget(self.spans)
        fresh = {by: self._fresh(by) for by in {part[0] for part in self.parts}}
        for part, spans in list(self.parts.items()):
            if self._forget(spans):
                self.changed.add(part)
            if spans == fresh[part[0]]:
                del self.parts[part]
        for name, found in list(self.lately.items()):
            longest = max(self.script.lately[name])
            self.lately[name] = {key: end for key, end in found.items() if end.until + longest > self.now}
            if not self.lately[name]:
                del self.lately[name]

    def _forget(self, every: Spans) -> bool:
        """Whether there was anything."""
        some = False
        for spans in every:
            for window in self.script.windows:
                for number, since in _needed(window, spans, self.now):
                    gone = max(len(spans[number]) - window.most, _first(spans[number], since))
                    del spans[number][:gone]
                    some = some or gone > 0
        return some

    def next_look(self) -> Due | None:
        """When the next window runs out."""
        every = [*self.spans, *(spans for own in self.parts.values() for spans in own)]
        found = [due for spans in every for w in self.script.windows for due in _ends(w, spans, self.passed)]
        for name, ends in self.lately.items():
            found += [(e.until + w, e.over + w) for e in ends.values() for w in self.script.lately[name]]
        return min((due for due in found if due[0] > self.passed and due[0] > 0), default=None)


def _idle() -> list[Stretch]:
    """What has been so since ever."""
    return [Stretch(0, 0, sure=True)]


def note(spans: list[Stretch], truth: Truth, time: int, received: int) -> bool:
    """From `time` on an inner rule holds, does not, or nobody knows. Returns whether that is anything new."""
    last = spans[-1] if spans else None
    is_open = last is not None and last.until is None
    if truth is False and not is_open:
        return False
    if last is not None and is_open:
        if truth is not False and last.sure == (truth is True):
            return False
        time = max(time, last.since)
        last.until, last.over = time, received
        if time == last.since:  # it was nothing
            spans.pop()
    if truth is not False:
        _begin(spans, truth is True, time, received)
    return True


def _begin(spans: list[Stretch], sure: bool, time: int, received: int) -> None:
    """What follows upon itself goes on."""
    last = spans[-1] if spans else None
    if last is not None and last.until is not None:
        if last.sure == sure and last.until >= time:
            last.until, last.over = None, 0
            return
        time = max(time, last.until)
    spans.append(Stretch(time, received, sure))


def _first(spans: Sequence[Stretch], since: int) -> int:
    """Number of the first that reaches up to a time, or goes on as one that does."""
    first = len(spans)
    while first and (spans[first - 1].until is None or _reaches(spans, first, since)):
        first -= 1
    return first


def _reaches(spans: Sequence[Stretch], first: int, since: int) -> bool:
    until = spans[first - 1].until or 0
    return until >= since or (first < len(spans) and spans[first].since == until)


def _needed(window: Window, spans: Sequence[Sequence[Stretch]], now: int) -> Iterator[tuple[int, int]]:
    """From when on each inner rule's past may still be asked for."""
    within, inner = window.within, window.inner
    if window.kind == "count":
        yield inner[0], now - within
    elif window.kind == "sequence":
        last = spans[inner[-1]]
        goes_on = last and last[-1].until in (None, now)  # what is over only now may begin again at the same time
        begun = min(now, possibly_since(last)) if goes_on else now
        for number in inner:
            yield number, begun - within
    else:
        of, after = inner
        yield after, now - 2 * within
        yield of, min([now, *(s.since for s in spans[after][_first(spans[after], now - 2 * within) :])])


def _ends(window: Window, spans: Sequence[Sequence[Stretch]], passed: int) -> Iterable[Due]:
    """When what a rule says may change by itself."""
    within = window.within
    if window.kind == "count":
        return [(s.until + within, s.over + within) for s in spans[window.inner[0]] if s.until is not None]
    if window.kind == "sequence":
        return ()
    found = []
    for s in spans[window.inner[1]]:
        due = (s.since + within, s.received + within)
        found.append(due)
        if s.until is not None:
            later = max((s.until, s.over), due)
            found.append((later[0] + within, later[1] + within))
        if s.until is not None and not s.sure:  # it may have begun as late as that
            found.append((s.until + 2 * within, s.over + 2 * within))
    return [due for due in found if due[0] > passed]
