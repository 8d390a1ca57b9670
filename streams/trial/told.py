"""A verdict as a person wants to read it, and as JUnit XML."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from streams.config.problems import Problem
from streams.trial.judge import Miss, Verdict
from streams.trial.match import NONE, Heard
from streams.trial.words import shown

MOST = 40  # commands that are shown of a scenario that failed


def line_of(heard: Heard) -> str:
    """One command: when, what, from which level to which, why."""
    fields = heard.fields
    change = f"{fields['previous_level'] or NONE} → {fields['level'] or NONE}"
    late = f"  (came {shown(heard.came)})" if abs(heard.came - heard.at) >= 60_000_000 else ""
    marks = [f"proposed {fields['proposed']}"] if fields["proposed"] else []
    marks += [f"muted by {', '.join(fields['muted_by'])}"] if fields["muted_by"] else []
    marks += [fields["status"]] if fields["status"] != "Actual" else []
    more = f"  [{'; '.join(marks)}]" if marks else ""
    kind = "" if fields["kind"] == "alert" else f"{fields['kind']} "
    return f"{shown(heard.at):<18} {kind}{heard.about}  {change}  {fields['reason']}{more}{late}"


def lines_of(verdict: Verdict) -> list[str]:
    """Everything that a scenario which failed has to say."""
    path = verdict.scenario.source.path
    found: list[str] = []
    for miss in verdict.misses:
        place = f"{path}:{miss.at[0]}:{miss.at[1]}  " if miss.at else ""
        found.append(f"{place}{miss.what}")
        found += [f"    {line}" for line in _of_miss(miss)]
    found.append("what came:" if verdict.heard else "nothing came")
    found += [f"    {line}" for line in _heard(verdict)]
    return found


def _of_miss(miss: Miss) -> Iterator[str]:
    if miss.nearest is not None:
        yield f"nearest   {line_of(miss.nearest)}"
    elif miss.what.startswith("did not come"):
        yield "nothing like it came"
    width = max((len(one.field) for one in miss.differs), default=0)
    for one in miss.differs:
        yield f"{one.field:<{width}}  expected {one.expected}, came {one.came}"
    yield from map(line_of, miss.came)


def _heard(verdict: Verdict) -> Iterator[str]:
    taken = set(verdict.found.values())
    shows = [(n, one) for n, one in enumerate(verdict.heard) if n in taken or n in verdict.extra or _tells(one)]
    shows = shows or list(enumerate(verdict.heard))
    for n, one in shows[:MOST]:
        yield f"{'=' if n in taken else '+' if n in verdict.extra else ' '} {line_of(one)}"
    if len(shows) > MOST:
        yield f"… and {len(shows) - MOST} more"


def _tells(heard: Heard) -> bool:
    return heard.fields["reason"] not in ("repeat", "evidence")


def junit(verdicts: Sequence[Verdict], problems: Mapping[str, Iterable[Problem]]) -> str:
    """All of it as JUnit XML: a file is a suite, a scenario a case, a file that cannot be read an error."""
    root = ET.Element("testsuites", name="tocsin test")
    files = list(dict.fromkeys([*problems, *(str(one.scenario.source.path) for one in verdicts)]))
    for file in files:
        own = [one for one in verdicts if str(one.scenario.source.path) == file]
        failed = [one for one in own if not one.ok]
        suite = ET.SubElement(
            root, "testsuite", name=file, tests=str(len(own) + (file in problems)), failures=str(len(failed)),
            errors=str(int(file in problems)), time=f"{sum(one.seconds for one in own):.3f}",
        )  # fmt: skip
        for one in own:
            _case(suite, one, file)
        if file in problems:
            case = ET.SubElement(suite, "testcase", name="file", classname=file, time="0")
            ET.SubElement(case, "error", message="cannot be run").text = _clean("\n".join(map(str, problems[file])))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, verdict: Verdict, file: str) -> None:
    name, seconds = verdict.scenario.title, f"{verdict.seconds:.3f}"
    case = ET.SubElement(suite, "testcase", name=_clean(name), classname=file, time=seconds)
    if not verdict.ok:
        failure = ET.SubElement(case, "failure", message=_clean(verdict.misses[0].what))
        failure.text = _clean("\n".join(lines_of(verdict)))


def _clean(text: str) -> str:
    """Without what XML does not allow."""
    return "".join(one if one in "\t\n\r" or one >= " " else "�" for one in text)
