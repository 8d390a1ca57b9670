"""Why an alert is what it is: what holds, what would change it, and how sure that is (docs/alerts.md).

Pure formatting: nothing is decided here. All of it is bounded, so that a command stays small.
"""

from collections.abc import Iterator
from datetime import tzinfo

from streams.core.explain.conditions import Conditions
from streams.core.explain.confidence import confidence, members
from streams.core.explain.rules import Rules
from streams.core.explain.scene import Scene
from streams.core.explain.words import COLOUR_ZH, NOTHING, Said, cut, lasting
from streams.core.lifecycle import State
from streams.core.subject import Moment, Subject
from streams.models.explanation import Because, Change, Explanation
from streams.models.level import NONE, RED, colour
from streams.models.site import Site

BECAUSE = 10  # conditions that are told
CHANGES = 5


def explain(site: Site, zone: tzinfo, subject: Subject, level: int, moment: Moment) -> Explanation:
    """The explanation of a subject's alert at a level (0 = it is over)."""
    scene = Scene(site, zone, subject, moment)
    picture = scene.picture
    conditions = Conditions(scene)
    changes = Changes(scene, Rules(conditions))
    found = members(scene, level)
    return Explanation(
        because=list(_because(conditions)),
        would_change=list(changes.all(level))[:CHANGES],
        stations=len({key[0] for on in scene.on.values() for key, _ in on}),
        reports=len({report.reporter for report in picture.reports}),
        alerts=len(picture.alerts),
        hazard_version=scene.hazard.version,
        confidence=confidence(found),
    )


def _because(conditions: Conditions) -> Iterator[Because]:
    """Conditions of the levels that hold, the highest first."""
    scene = conditions.scene
    level_of = scene.picture.book.level_of
    names = [name for name in level_of if scene.view.condition(name) is True]
    for name in sorted(names, key=lambda name: (-level_of[name], name))[:BECAUSE]:
        said = cut(conditions.because(scene.hazard.conditions[name]))
        if said != NOTHING:
            yield Because(name, said.zh, said.en)


class Changes:
    """What would bring an alert to another level."""

    def __init__(self, scene: Scene, rules: Rules) -> None:
        self.scene, self.rules = scene, rules
        self.subject, self.hazard = scene.subject, scene.hazard
        self.asked = scene.picture.book.script.levels

    def all(self, level: int) -> Iterator[Change]:
        """Down first, then every level above."""
        if level > NONE:
            target, said = self._down(level)
            if said != NOTHING:
                yield _change(target, said)
        for higher in sorted(self.hazard.levels):
            if higher > max(level, NONE):
                yield _change(higher, self._up(higher))

    def _up(self, level: int) -> Said:
        name = Said(COLOUR_ZH[level], colour(level) or "")
        rule, asked = self.hazard.levels[level], self.asked[level]
        if self.rules.holds(asked) is True:  # it holds, and is held back
            zh = "有第二个测点、可信人员报告或正常数据印证时升为"
            return Said(f"{zh}{name.zh}", f"{name.en} when a second station, a trusted person or good data agrees")
        said = self.rules.to_hold(rule, asked)
        return Said(f"{said.zh}时升为{name.zh}", f"{name.en} when {said.en}")

    def _down(self, level: int) -> tuple[int, Said]:
        """What ends the level, and where the alert goes then; NOTHING if only silence could, which lowers nothing."""
        subject, lower = self.subject, self.hazard.lower
        target = max((at for at in range(level) if subject.on.get(at) or at in subject.falls), default=NONE)
        if subject.state is State.PROPOSED:
            return NONE, self._by_person()
        goes = self._goes(target)
        fall = subject.falls.get(level)
        if fall is not None:
            if fall.held:
                zh = f"无数据期间保持；数据恢复 {lasting(lower.after).zh}后{goes.zh}"
                return target, Said(
                    zh, f"kept while there is no data; {goes.en} {lasting(lower.after).en} after it is back"
                )
            due = self.scene.clock(fall.time + lower.after)
            return target, Said(f"若不再升高，{due} {goes.zh}", f"{goes.en} at {due} unless it comes back")
        if level not in self.asked:  # held by doubtful values of a higher level
            return target, Said(f"存疑数据消除后{goes.zh}", f"{goes.en} when the doubtful values are over")
        said = self.rules.to_end(self.hazard.levels[level], self.asked[level], lowers=True)
        if said == NOTHING:
            return target, NOTHING
        after = lasting(lower.after) if lower.after else None
        zh, en = (f"，{after.zh}后", f"{after.en} after ") if after else ("即", "as soon as ")
        return target, Said(f"{said.zh}{zh}{goes.zh}", f"{goes.en} {en}{said.en}")

    def _goes(self, target: int) -> Said:
        if target:
            return Said(f"降为{COLOUR_ZH[target]}", f"steps down to {colour(target)}")
        if self._who() == "person":
            return Said("提请人工结束", "a person is asked to end it")
        return Said("自动结束", "ends by itself")

    def _who(self) -> str:
        alert = self.subject.alert
        red = alert is not None and alert.peak_level == RED
        return self.hazard.lower.end_red if red else self.hazard.lower.end

    def _by_person(self) -> Said:
        alert = self.subject.alert
        if alert is not None and alert.peak_level == RED:
            return Said(
                "条件已解除，须由两人确认结束（曾为红色）",
                "its conditions are over; two people have to end it (it was red)",
            )
        return Said("条件已解除，须由人工结束", "its conditions are over; a person has to end it")


def _change(level: int, said: Said) -> Change:
    zh, en = cut(said)
    return Change(colour(level), zh, en)


__all__ = ["explain"]
