"""How much of what could speak of an alert speaks clearly: a share of members, their agreement, the age of the data.

docs/alerts.md has the formula. Nothing here reads a clock: age is counted from the received time of what is decided.
"""

from dataclasses import dataclass

from streams.core.explain.scene import Scene
from streams.core.picture import TRUSTED, Key, Picture
from streams.core.subject import Moment
from streams.models.explanation import Confidence
from streams.models.site import Condition
from streams.models.times import HOUR, MINUTE

FRESH = 10 * MINUTE  # a latch that is on speaks at least so often
HALF = HOUR  # data that is so much older than fresh counts for half


@dataclass(frozen=True, slots=True)
class Members:
    """Who speaks, and who could."""

    speaking: int  # datastreams where a condition holds, reporters, alerts elsewhere
    trusted: int  # those of them that are good, trusted, or decided
    lost: int  # datastreams that are lost and at which no condition holds
    agreeing: int  # those that speak for the level
    quiet: int  # datastreams that could speak for the level and say that nothing is
    age: int  # microseconds beyond what is fresh, of the newest word


def confidence(found: Members) -> Confidence | None:
    """The product of three factors, each 0 to 1; None when nobody speaks."""
    if not found.speaking + found.lost:
        return None
    trustworthy = found.trusted / (found.speaking + found.lost)
    heard = found.agreeing + found.quiet
    agreement = 0.5 + 0.5 * found.agreeing / heard if heard else 1.0
    age = HALF / (HALF + max(found.age, 0))
    value = trustworthy * agreement * age
    return Confidence(round(value, 2), round(trustworthy, 2), round(agreement, 2), round(age, 2))


def members(scene: Scene, level: int) -> Members:
    """Who speaks for a level of a subject; of level 0 (it is over) for any."""
    picture, moment = scene.picture, scene.moment
    good: dict[Key, bool] = {}
    words: list[int] = []  # how old each word is
    for key, _, latch in picture.shown_latches():
        good[key] = (latch.good and picture.doubted.by(key) is None) or good.get(key, False)
        words.append(_age(picture, key, latch.last.time, moment))
    reporters: dict[str, bool] = {}
    for report in picture.reports:
        reporters[report.reporter] = report.origin in TRUSTED or reporters.get(report.reporter, False)
        words.append(moment.received - report.time - FRESH)
    alerts = len(picture.alerts)
    names = frozenset[str]().union(*(found for of, found in picture.book.names.items() if of >= level))
    for_it = _speaking_for(picture, names)
    return Members(
        speaking=len(good) + len(reporters) + alerts,
        trusted=sum(good.values()) + sum(reporters.values()) + alerts,
        lost=sum(key not in good for key in picture.lost),
        agreeing=len(for_it) + len(reporters) + alerts,
        quiet=len(_could(scene, names) - for_it),
        age=min(words, default=0),
    )


def _age(picture: Picture, key: Key, time: int, moment: Moment) -> int:
    """How much older than fresh: a station that reports every hour is fresh for an hour."""
    stream = picture.members.get(key)
    interval = stream.interval if stream is not None and stream.interval is not None else 0
    return moment.received - time - max(FRESH, interval)


def _speaking_for(picture: Picture, names: frozenset[str]) -> set[Key]:
    return {key for latches in (picture.raised, picture.ahead) for name in names for key in latches.get(name, ())}


def _could(scene: Scene, names: frozenset[str]) -> set[Key]:
    """Datastreams that are heard and can be held against one of these conditions."""
    found: set[Key] = set()
    for name in names:
        condition = scene.hazard.conditions[name]
        if isinstance(condition, Condition):
            found |= scene.keys(condition)
    return found
