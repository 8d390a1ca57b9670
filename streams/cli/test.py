"""`tocsin test`: scenarios in YAML, what comes in and what must come out."""

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from streams.cli.options import DEFAULT_CONFIG, ConfigOption
from streams.config.problems import Problem
from streams.config.show import print_problems
from streams.trial.judge import Verdict
from streams.trial.session import Session, files_of, open_session, run_all
from streams.trial.told import junit, lines_of
from streams.trial.update import update as rewrite

DEFAULT = Path("tests/scenarios")
_out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or folders; default: tests/scenarios, or scenarios/ in the configuration folder."),
    ] = None,
    *,
    pattern: Annotated[str, typer.Option("-k", help="Only scenarios whose file::name has this in it.")] = "",
    update: Annotated[bool, typer.Option("--update", help="Write what came out into `expect:`, for review.")] = False,
    junit_file: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Run scenarios: readings, reports and people's acts in, commands out, compared with what is expected.

    The core is the one of the worker; time is simulated, so that days take moments. Hazards that a scenario names come
    from the configuration folder. Exit 0 when everything came as expected, 1 when not, 2 when a file cannot be read.

    [bold]tocsin test tests/scenarios -k flood --junit report.xml[/bold]
    """
    session = open_session(files_of(paths or [_default(config)]), config, pattern)
    if not session.ready and not session.problems:
        _refuse("no scenario" + (f" fits {pattern!r}" if pattern else ": the folder has no *.yaml"))
    verdicts = []
    for verdict in run_all(session):
        verdicts.append(verdict)
        if not as_json:
            _print(verdict)
    updated = _updated(verdicts) if update else []
    if junit_file is not None:
        _write(junit_file, junit(verdicts, session.problems))
    if as_json:
        typer.echo(json.dumps(_as_json(verdicts, session, updated), ensure_ascii=False))
    else:
        _sum_up(verdicts, session, updated)
    raise typer.Exit(2 if session.problems else 0 if update or all(one.ok for one in verdicts) else 1)


def _default(config: Path) -> Path:
    own = config / "scenarios"
    if DEFAULT.is_dir():
        return DEFAULT
    if not own.is_dir():
        _refuse(f"neither {DEFAULT} nor {own} is a folder: name the scenarios")
    return own


def _print(verdict: Verdict) -> None:
    word, style = ("ok", "green") if verdict.ok else ("FAILED", "bold red")
    line = Text().append(f"{word:<7}", style).append(verdict.scenario.full)
    _out.print(line.append(f"  {verdict.seconds:.2f} s", "dim"))
    for text in lines_of(verdict) if not verdict.ok else ():
        _out.print(f"    {text}", style=_style(text))


def _style(text: str) -> str | None:
    if text.startswith("    "):
        return {"+": "yellow", "=": "green"}.get(text.strip()[:1])
    return None if text in ("what came:", "nothing came") else "red"


def _updated(verdicts: list[Verdict]) -> list[str]:
    by_file: dict[Path, list[Verdict]] = {}
    for one in verdicts:
        by_file.setdefault(one.scenario.source.path, []).append(one)
    return [str(path) for path, own in by_file.items() if rewrite(path, own)]


def _sum_up(verdicts: list[Verdict], session: Session, updated: list[str]) -> None:
    problems: list[Problem] = [one for some in session.problems.values() for one in some]
    if problems:
        print_problems(problems)
    for path in updated:
        _out.print(f"wrote   {path}: look at what changed", style="yellow")
    failed = sum(not one.ok for one in verdicts)
    parts = [f"{len(verdicts) - failed} as expected"]
    parts += [f"{failed} not"] if failed else []
    parts += [f"{_count(len(session.problems), 'file')} cannot be run"] if session.problems else []
    style = "bold red" if failed or problems else "bold green"
    _out.print(f"{_count(len(verdicts), 'scenario')}: {', '.join(parts)}", style=style)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(verdicts: list[Verdict], session: Session, updated: list[str]) -> dict[str, Any]:
    problems = [one.as_dict() for some in session.problems.values() for one in some]
    scenarios = [
        {
            "file": str(one.scenario.source.path), "name": one.scenario.title, "ok": one.ok,
            "commands": len(one.heard), "seconds": round(one.seconds, 3), "says": [] if one.ok else lines_of(one),
        }
        for one in verdicts
    ]  # fmt: skip
    ok = not problems and all(one.ok for one in verdicts)
    return {"ok": ok, "scenarios": scenarios, "errors": problems, "updated": updated}


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        _refuse(f"--junit {path}: {error}")


def _refuse(message: str) -> NoReturn:
    _err.print(message, style="red")
    raise typer.Exit(2)
