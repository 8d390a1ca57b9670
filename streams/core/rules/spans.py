"""Times in which something held, and times in which nobody knows."""

from collections.abc import Iterable, Sequence

from streams.core.rules.base import Span

Run = tuple[int, int | None]  # since, until


def runs(spans: Iterable[Span]) -> list[Run]:
    """When it surely held. A time of doubt between two that are sure neither ends nor begins anything."""
    found: list[Run] = []
    goes_on: int | None = None  # what begins then goes on with the newest run
    for span in spans:
        if span.sure:
            if found and goes_on == span.since:
                found[-1] = (found[-1][0], span.until)
            else:
                found.append((span.since, span.until))
            goes_on = span.until
        else:
            goes_on = span.until if goes_on == span.since else None
    return found


def after(spans: Iterable[Span], time: int) -> list[Span]:
    """Those that are not over by then."""
    return [span for span in spans if span.until is None or span.until >= time]


def doubtful(spans: Iterable[Span]) -> bool:
    """Whether any of them is a time of doubt."""
    return any(not span.sure for span in spans)


def possibly_since(spans: Sequence[Span]) -> int:
    """When what holds, or may hold, now can have begun at the earliest."""
    begins = spans[-1].since
    for span in reversed(spans[:-1]):
        if span.until != begins:
            break
        begins = span.since
    return begins
