"""Sources that hold no longer, or not yet, or do not say since when: a word of caution as of a day.

What a configuration is does not depend on the day; only `tocsin check` asks.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from streams.config.problems import Problem, Words
from streams.models.site import Hazard, Site

_READ = ("verified", "derived")  # there is a document: it was put in force, published, or at least read on a day


def out_of_date(site: Site, folder: Path, today: date) -> list[Problem]:
    """One warning for each source that a condition goes by and that is not valid on a day, or gives no first day."""
    return [
        Problem(str(folder / "hazards" / f"{hazard.name}.yaml"), f"sources.{name}", found, right, severity="warning")
        for hazard in site.hazards.values()
        for name, found, right in _of(hazard, today)
    ]


def _of(hazard: Hazard, today: date) -> Iterator[tuple[str, str, str]]:
    for name in sorted({one.source for one in hazard.conditions.values() if one.source} & hazard.sources.keys()):
        source = hazard.sources[name]
        first, last = source.get("valid_from"), source.get("valid_to")
        if last and date.fromisoformat(last) < today:
            yield name, f"what was valid until {last}", "the source that is in force now"
        elif first and date.fromisoformat(first) > today:
            yield name, f"what is valid from {first} on", "a source that is in force already"
        elif not first and source.get("status") in _READ:
            yield name, Words("no valid_from"), 'the day from which it holds, like valid_from: "2018-10-01"'
