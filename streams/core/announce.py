"""From a decision to the command that says it, in both languages. Pure formatting: nothing is decided here."""

from zoneinfo import ZoneInfo

from streams.core.area import Areas
from streams.core.desk import SECOND_WITHIN
from streams.core.explain import explain
from streams.core.lifecycle import State, Stimulus, reason
from streams.core.picture import Picture
from streams.core.quality import GOOD, NOT_EVALUATED
from streams.core.subject import Alert, Moment, Subject
from streams.models.command import Command, Evidence, MsgType
from streams.models.ids import cause_id
from streams.models.level import SEVERITY, colour
from streams.models.signal import Trigger
from streams.models.site import Site, Text
from streams.models.times import format_time

EVIDENCE_LIMIT = 50  # rows of evidence in one command; which ones: the highest levels first
COLOUR_ZH = {1: "蓝色", 2: "黄色", 3: "橙色", 4: "红色"}
PREFIX = {"Exercise": ("【演练】", "EXERCISE: "), "Test": ("【测试】", "TEST: ")}
OVER_ZH, OVER_EN = "解除", "all clear"


class Announcer:
    """Makes commands for the alerts of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.zone = ZoneInfo(site.timezone)
        self.areas = Areas(site)

    def command(
        self, subject: Subject, stimulus: Stimulus, msg_type: MsgType, previous: int, moment: Moment
    ) -> Command:
        """The next command of the subject's alert; the alert's record of what was sent is brought up to date."""
        alert, hazard = subject.alert, subject.picture.hazard
        assert alert is not None  # noqa: S101 - every transition that speaks has an alert
        alert.version += 1
        command_id = cause_id(alert.id, alert.version, moment.cause, hazard.version)
        over = msg_type == "Cancel"
        level = 0 if over else alert.level
        evidence = self._evidence(subject, moment)
        expires = moment.time + hazard.message.expires
        references = [sent for sent, until in alert.sent if until > moment.time]
        text = _text(subject, level or previous)
        explanation = explain(self.site, self.zone, subject, level, moment)
        command = Command(
            id=command_id,
            kind="alert",
            msg_type=msg_type,
            status=subject.status,
            classification=hazard.classification,
            alert=alert.id,
            version=alert.version,
            references=references,
            references_total=alert.total,
            incident=alert.id,
            hazard=hazard.name,
            subject=subject.subject,
            zone=subject.zone,
            level=colour(level),
            previous_level=colour(previous),
            reason=reason(stimulus),
            urgency="Past" if over else "Immediate",
            severity=SEVERITY[level or previous or alert.peak_level],
            certainty=_certainty(evidence),
            onset=format_time(alert.opened, self.zone),
            time=format_time(moment.time, self.zone),
            expires=format_time(expires, self.zone),
            headline=self._headline(subject, level, over=over, text=text),
            instruction={} if over else self._fill(text.instruction, subject),
            area=self.areas.of(hazard, subject.subject, subject.zone),
            evidence=evidence,
            confidence=explanation.confidence.value if explanation.confidence is not None else None,
            muted_by=list(alert.muted_by),
            by=moment.by,
            acknowledged_by=alert.acknowledged_by,
            note=moment.note,
            proposed=_proposed(subject, moment),
            reports=len({r.reporter for r in subject.picture.reports}),
            raw_level=colour(subject.raw),
            explanation=explanation,
            stages={
                "observed": format_time(moment.time, self.zone),
                "received": format_time(moment.received, self.zone),
            },
        )
        alert.note_sent(command_id, expires)
        return command

    def _evidence(self, subject: Subject, moment: Moment) -> list[Evidence]:
        names = subject.picture.book.all_names
        found = [latch.last for _, name, latch in subject.picture.shown_latches() if name in names]
        if moment.trigger is not None and moment.trigger.condition and moment.trigger not in found:
            found.append(moment.trigger)
        level_of = subject.picture.book.level_of
        found.sort(key=lambda t: (-level_of.get(t.condition, 0), t.station, t.property, t.condition))
        decisive = {(t.station, t.property, t.unit): t for t in reversed(found)}  # the highest of each says it all
        told = [t for t in found if decisive[t.station, t.property, t.unit] is t]
        return [self._row(t, level_of, subject.picture) for t in told[:EVIDENCE_LIMIT]]

    def _row(self, trigger: Trigger, level_of: dict[str, int], picture: Picture) -> Evidence:
        """A latch that is on; one whose datastream is lost keeps its level and is marked: no data."""
        key = (trigger.station, trigger.property)
        gone, doubted = picture.gone(key), picture.doubted.by(key) if trigger.quality == GOOD else None
        own = (trigger.quality, trigger.check, trigger.bound)
        quality, check, bound = own if doubted is None else (doubted.quality, doubted.check, doubted.bound)
        return Evidence(
            station=trigger.station,
            property=trigger.property,
            value=trigger.value,
            unit=trigger.unit,
            time=format_time(trigger.time, self.zone),
            quality=NOT_EVALUATED if gone else quality,
            rule=f"{trigger.hazard}/{colour(level_of.get(trigger.condition, 0)) or trigger.condition}",
            rule_version=trigger.rule_version,
            threshold=trigger.threshold,
            comparison=trigger.comparison,
            score=trigger.score,
            peak=trigger.peak,
            check=gone or check,
            bound="" if gone else bound,
            clear=trigger.clear,
            reading=trigger.reading,
            part=trigger.part,
            lead=trigger.lead,
        )

    def _headline(self, subject: Subject, level: int, *, over: bool, text: Text) -> dict[str, str]:
        hazard = subject.picture.hazard
        mark_zh, mark_en = PREFIX.get(subject.status, ("", ""))
        if text.headline and not over:
            filled = self._fill(text.headline, subject)
            return {"zh": mark_zh + filled.get("zh", ""), "en": mark_en + filled.get("en", "")}
        zone, what = self._names(subject)
        where_zh = zone["zh"] if what is None else f"{zone['zh']} {what['zh']}"
        where_en = zone["en"] if what is None else f"{what['en']}, {zone['en']}"
        title_zh, title_en = hazard.title["zh"], hazard.title["en"]
        if over:
            return {
                "zh": f"{mark_zh}{where_zh} {title_zh}预警{OVER_ZH}",
                "en": f"{mark_en}{title_en}: {OVER_EN} at {where_en}",
            }
        return {
            "zh": f"{mark_zh}{where_zh} {title_zh}{COLOUR_ZH.get(level, '')}预警",
            "en": f"{mark_en}{(colour(level) or '').capitalize()} alert, {title_en.lower()} at {where_en}",
        }

    def _names(self, subject: Subject) -> tuple[dict[str, str], dict[str, str] | None]:
        """Names of the zone and, unless the subject is the zone, of the subject."""
        zone = self.site.zones.get(subject.zone)
        zone_name = zone.name if zone else {"zh": subject.zone, "en": subject.zone}
        if subject.picture.hazard.subject == "zone":
            return zone_name, None
        if subject.subject in self.site.subject_names:
            return zone_name, self.site.subject_names[subject.subject]
        stations = {stream.station: stream.name for stream in subject.picture.members.values()}
        if len(stations) == 1:
            return zone_name, next(iter(stations.values()))
        return zone_name, {"zh": subject.subject, "en": subject.subject}

    def _fill(self, texts: dict[str, str], subject: Subject) -> dict[str, str]:
        """{zone}, {subject} and {hazard} replaced; anything else in braces stays as it is."""
        zone, what = self._names(subject)
        filled = {}
        for language, text in texts.items():
            name = (what or zone).get(language, subject.subject)
            for mark, value in (
                ("{zone}", zone.get(language, subject.zone)),
                ("{subject}", name),
                ("{hazard}", subject.picture.hazard.title.get(language, "")),
            ):
                text = text.replace(mark, value)  # noqa: PLW2901 - one replacement after the other
            filled[language] = text
        return filled


def _proposed(subject: Subject, moment: Moment) -> str | None:
    """What waits for a person: its conditions are over, or the first of two persons has spoken."""
    first = subject.alert.seconds if subject.alert is not None else None
    waits = first is not None and moment.received <= first[1] + SECOND_WITHIN
    if subject.state is State.ENDED or not (waits or subject.state is State.PROPOSED):
        return None
    return "withdrawn" if waits and first is not None and first[2] == "withdraw" else "ended"


def _text(subject: Subject, level: int) -> Text:
    """What a level says: its own message field by field, else the default one's."""
    texts = subject.picture.hazard.message.texts
    own, default = texts.get(level, Text()), texts.get(0, Text())
    return Text(
        own.headline or default.headline, own.instruction or default.instruction, own.response or default.response
    )


def _certainty(evidence: list[Evidence]) -> str:
    """Two independent good stations: observed; one: likely; only doubtful values: possible (CAP.md, 3.6)."""
    stations = {row.station for row in evidence if row.quality == GOOD}
    return "Observed" if len(stations) > 1 else "Likely" if stations else "Possible"


__all__ = ["Alert", "Announcer"]
