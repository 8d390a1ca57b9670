"""Small scenarios on a site of one gauge."""

from pathlib import Path

from streams.trial.judge import Verdict
from streams.trial.session import Session, open_session, run
from streams.trial.words import shown

CONFIG = Path(__file__).parents[2] / "configs"
HEAD = """\
schema: tocsin.test/1
hazards:
  - schema: tocsin.hazard/1
    hazard: stage
    name: {zh: 水位, en: Stage}
    subject: reach
    inputs: {stage: {property: level, unit: m}}
    conditions:
      high: {of: stage, at_least: 2 m, clear_below: 1.8 m}
      higher: {of: stage, at_least: 3 m, clear_below: 2.8 m}
      seen: {reports: [flooding], at_least: 2, within: 30 min}
    levels: {blue: {any: [high, seen]}, red: higher}
    lower: {after: 10 min, end: timer, end_red: person}
    message:
      event: {cap: OET-081, category: Met}
      default: {response: Monitor, instruction: {zh: 看, en: Look}}
stations:
  - {station: R1, property: level, unit: m, zone: Z1, subject: reach-1, interval: 1 min, lon: 113.1, lat: 23.1,
     x_mark: 1.5 m}
"""


def session(folder: Path, text: str, head: str = HEAD) -> Session:
    path = folder / "scenario.yaml"
    path.write_text(head + text, encoding="utf-8")
    return open_session([path], CONFIG)


def verdict(folder: Path, text: str, head: str = HEAD) -> Verdict:
    found = session(folder, text, head)
    assert not found.problems, [str(one) for some in found.problems.values() for one in some]
    return run(found.ready[0])


def told(found: Verdict) -> list[str]:
    return [f"{shown(one.at)} {one.fields['reason']} {one.fields['level'] or 'none'}" for one in found.heard]


def problems(folder: Path, text: str, head: str = HEAD) -> list[str]:
    found = session(folder, text, head)
    assert not found.ready
    return [
        f"{one.line}:{one.column} {one.where}: {one.found} | {one.nearest or one.expected}"
        for some in found.problems.values()
        for one in some
    ]
