"""Times in which a rule held, one after the other, as they are remembered: until no window reaches them any more."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from streams.core.rules import Truth
from streams.core.rules.spans import possibly_since
from streams.core.script import Script, Window

Due = tuple[int, int]  # phenomenon time, received time
EYES = 3


class Stretch(msgspec.Struct, array_like=True, gc=False):
    """A time in which an inner rule held (`sure`), or in which nobody knows."""

    since: int
    received: int  # heard of at this received time
    sure: bool
    until: int | None = None
    over: int = 0  # received time of its end


Spans = list[list[list[Stretch]]]  # of each eye and inner rule


def fresh(script: Script, apart: str) -> Spans:
    """Of a subject (or a part of it) of which nothing has been heard."""
    return [[idle() if one.idle and one.apart == apart else [] for one in script.inner] for _ in range(EYES)]


def forget(every: Spans, script: Script, now: int) -> bool:
    """Drop what no window reaches any more; whether there was anything."""
    some = False
    for spans in every:
        for window in script.windows:
            for number, since in _needed(window, spans, now):
                gone = max(len(spans[number]) - window.most, _first(spans[number], since))
                del spans[number][:gone]
                some = some or gone > 0
    return some


def idle() -> list[Stretch]:
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


def ends(window: Window, spans: Sequence[Sequence[Stretch]], passed: int) -> Iterable[Due]:
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
