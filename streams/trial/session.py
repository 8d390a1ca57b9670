"""Files and folders of scenarios, read and run."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from streams.config.problems import Problem, Problems
from streams.models.site import Site
from streams.trial.events import Script, script
from streams.trial.file import Scenario, is_base, scenarios
from streams.trial.judge import Verdict, judge
from streams.trial.meant import check_meant
from streams.trial.run import Trial
from streams.trial.site import build


@dataclass(slots=True)
class Ready:
    """A scenario that can be run."""

    scenario: Scenario
    site: Site
    script: Script


@dataclass(slots=True)
class Session:
    """What was found. `problems` by file: those cannot be run."""

    ready: list[Ready]
    problems: dict[str, list[Problem]]


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The scenario files of files and folders; a folder's bases (`_name.yaml`) are not scenarios of their own."""
    found: dict[Path, None] = {}
    for path in paths:
        inner = sorted(one for one in path.rglob("*.y*ml") if _is_one(one, path)) if path.is_dir() else [path]
        found.update(dict.fromkeys(inner))
    return list(found)


def _is_one(path: Path, folder: Path) -> bool:
    """Not a base, and nothing hidden: that is what editors leave behind."""
    return not is_base(path) and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def open_session(paths: Iterable[Path], config: Path, pattern: str = "") -> Session:
    """Read everything; what is wrong is said at once."""
    session = Session([], {})
    for path in paths:
        problems = Problems()
        read = [one for one in scenarios(path, problems) if chosen(one, pattern)]
        ready = _ready(read, config) if read and not problems.errors else []
        if problems.errors:
            session.problems[str(path)] = problems.errors
        else:
            session.ready += ready
    return session


def _ready(read: list[Scenario], config: Path) -> list[Ready]:
    """The scenarios of one file on its site, if it has a good one."""
    site = build(read[0].source, config)
    return [] if site is None else [_prepared(one, site) for one in read]


def _prepared(scenario: Scenario, site: Site) -> Ready:
    ready = Ready(scenario, site, script(scenario, site))
    check_meant(scenario, site, ready.script.until)
    return ready


def chosen(scenario: Scenario, pattern: str) -> bool:
    """Whether a pattern (part of `file::name`, or with `*`) means it."""
    name, wanted = scenario.full.lower(), pattern.lower()
    return wanted in name or fnmatch(name, f"*{wanted}*")


def run(ready: Ready) -> Verdict:
    """One scenario, from the beginning to the end."""
    began = time.perf_counter()
    trial = Trial(ready.site, ready.scenario.start)
    trial.run(ready.script)
    verdict = judge(ready.scenario, trial)
    verdict.seconds = time.perf_counter() - began
    return verdict


def run_all(session: Session) -> Iterator[Verdict]:
    """All that can be run."""
    yield from map(run, session.ready)
