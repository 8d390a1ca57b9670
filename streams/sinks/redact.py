"""The redacted copy of a command for `command.feed.open`: what is not named here does not go out.

The public learns hazard, level, zone, times, what to do, and the values of open datastreams. It does not learn
stations, reaches or slopes by id or name, positions finer than the zone, people, or what anybody wrote by hand.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from itertools import chain

from streams.models.cap_area import Geometry
from streams.models.command import Command, Evidence
from streams.models.explanation import Explanation
from streams.models.site import Name, Site

_COMMAND_ID = re.compile(r"[0-9a-f]{32}")
_OPENED = re.compile(r"\d{8}T\d{6}Z")
_STAGES = ("observed", "received", "detected", "decided", "published")
_LEVELS_ZH = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}


def is_public(command: Command) -> bool:
    """Whether the open feed may carry it: it is real, released by an authority, and not for the few."""
    return command.status == "Actual" and command.public == "released" and command.classification != "restricted"


def open_alert(command: Command) -> str | None:
    """The alert's id, with a digest in place of a subject that is not the zone itself."""
    if command.alert is None:
        return None
    zone = command.zone or "system"
    time = command.alert.rpartition(":")[2]
    opened = time if _OPENED.fullmatch(time) else ""
    if command.alert == f"{command.hazard}:{zone}:{opened}":
        return command.alert
    digest = blake2b(command.alert.encode(), digest_size=6).hexdigest()
    return f"{command.hazard}:{zone}-{digest}:{opened}"


class Redactor:
    """Makes the public copies for one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._private = _finer_than_zones(site)
        self._lengths = sorted({len(word) for word in self._private if word})

    def copy(self, command: Command) -> Command:
        """What the public may see of a command, under the same id."""
        also = frozenset(_private_words(command))
        return Command(
            id=command.id,
            schema=command.schema,
            kind=command.kind,
            msg_type=command.msg_type,
            status=command.status,
            classification="open",
            alert=open_alert(command),
            version=command.version,
            references=[reference for reference in command.references if _COMMAND_ID.fullmatch(reference)],
            references_total=command.references_total,
            hazard=command.hazard,
            subject=command.zone,
            zone=command.zone,
            level=command.level,
            previous_level=command.previous_level,
            reason=command.reason,
            urgency=command.urgency,
            severity=command.severity,
            certainty=command.certainty,
            onset=command.onset,
            time=command.time,
            expires=command.expires,
            headline=self._texts(command.headline, also) or _headline(command, self._site),
            instruction=self._texts(command.instruction, also),
            area=self._area(command),
            evidence=[_open_evidence(item) for item in command.evidence if _is_open(item, self._site)],
            confidence=command.confidence,
            public=command.public,
            explanation=_open_explanation(command.explanation),
            stages={stage: command.stages[stage] for stage in _STAGES if stage in command.stages},
        )

    def _area(self, command: Command) -> Geometry | None:
        """The zone's: cells and circles say where stations are."""
        return self._site.zone_areas.of(command.zone or "")

    def _texts(self, texts: Name, also: AbstractSet[str]) -> Name:
        """Texts that name nothing private. One such language takes the others with it: they say the same."""
        found: Name = {language: texts[language] for language in ("zh", "en") if language in texts}
        leaks = any(self._leaks(text) or any(word in text for word in also if word) for text in found.values())
        return {} if leaks else found

    def _leaks(self, text: str) -> bool:
        """Whether any part of a text is a private word: there are many of these, of few different lengths."""
        return any(text[at : at + n] in self._private for n in self._lengths for at in range(len(text) - n + 1))


def _is_open(item: Evidence, site: Site) -> bool:
    stream = site.datastreams.get((item.station, item.property))
    return stream is not None and stream.classification == "open"


def _open_evidence(item: Evidence) -> Evidence:
    return Evidence(
        station="",
        property=item.property,
        value=item.value,
        unit=item.unit,
        time=item.time,
        quality=item.quality,
        rule=item.rule,
        rule_version=item.rule_version,
        threshold=item.threshold,
        comparison=item.comparison,
        score=item.score,
        peak=item.peak,
        check=item.check,
        bound=item.bound,
        clear=item.clear,
        reading=item.reading,
        part=item.part,
        lead=item.lead,
    )


def _open_explanation(explanation: Explanation | None) -> Explanation | None:
    """How many stations and how sure; its sentences name stations and say what people reported."""
    if explanation is None:
        return None
    return Explanation(
        stations=explanation.stations,
        hazard_version=explanation.hazard_version,
        confidence=explanation.confidence,
    )


def _finer_than_zones(site: Site) -> frozenset[str]:
    """Ids and names of stations and of what alerts are about, unless a zone has the same."""
    zones = {word for zone in site.zones.values() for word in (zone.id, *zone.name.values())}
    table = site.datastreams
    named = (word for names in table.names for word in names.values())
    return frozenset(chain(table.stations, table.subjects, named)) - zones


def _private_words(command: Command) -> Iterator[str]:
    """What points at something finer than a zone, or at a person, in the command itself."""
    if command.subject not in (None, command.zone):
        yield command.subject or ""
    yield from (item.station for item in command.evidence)
    yield from (command.by or "", command.note or "")


def _headline(command: Command, site: Site) -> Name:
    """A headline of public words only: zone, hazard and level."""
    zone = site.zones.get(command.zone or "")
    hazard = site.hazards.get(command.hazard or "")
    place = _both_languages(zone.name if zone else {}, command.zone or "")
    event = _both_languages(hazard.title if hazard else {}, command.hazard or "")
    if command.level is None:
        said = ("预警解除", "warning ended")
    else:
        said = (f"{_LEVELS_ZH.get(command.level, '')}预警", f"{command.level} warning")
    return {"zh": f"{place['zh']}{event['zh']}{said[0]}", "en": f"{event['en']}, {said[1]}: {place['en']}"}


def _both_languages(name: Name, otherwise: str) -> Name:
    return {"zh": name.get("zh", otherwise), "en": name.get("en", otherwise)}
