"""`tocsin demo`: the whole of Tocsin on this machine."""

import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from streams import logs
from streams.cli.csv_options import refuse
from streams.cli.options import KafkaOption, RedisOption, load_or_exit
from streams.cli.worker import role_children
from streams.demo.children import Play, command_options
from streams.demo.run import Demo, FailedError, Outcome
from streams.demo.screen import Screen
from streams.demo.site import Given, app_of, moved, servers, write
from streams.demo.summary import print_summary
from streams.embedded import NotEmbeddableError
from streams.fatal import EXIT_BAD_INPUT, EXIT_DIFFERENCE
from streams.models.settings import ROLES

_SITE = Path("configs/demo")
_TAIL = 15  # lines of each log that are shown when something goes wrong


def demo(
    *,
    seconds: Annotated[
        float | None, typer.Option("--for", min=1, help="End after so many seconds, from ready.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=20, help="The scenario N times faster.")] = 1.0,
    scenario: Annotated[Path | None, typer.Option(help="Default: scenario.yaml in the configuration folder.")] = None,
    config: Annotated[
        Path, typer.Option("--config", help="Folder of the demo's site; TOCSIN_CONFIG is not for the demo.")
    ] = _SITE,
    run_dir: Annotated[
        Path | None, typer.Option(help="Keep logs and files there; default: a folder that goes.")
    ] = None,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
) -> None:
    """Start everything: broker, database, the job's roles, the doors, the page and a scenario in a made-up county.

    All of it is an exercise, and every screen says so. Ctrl-C ends it and leaves nothing behind. With --for it ends by
    itself; the last line on stdout is a JSON object; the exit code is 0 only if alerts reached the feed and the page.
    """
    wanted = load_or_exit(config)
    if not wanted.app.exercise:
        refuse(f"{config}/app.yaml does not say `exercise: true`: the demo plays on a site made for it, like {_SITE}")
    play = Play((scenario or config / "scenario.yaml").resolve(), speed)
    if not play.scenario.exists():
        refuse(f"no scenario at {play.scenario}: name one with --scenario")
    logs.set_up(level=logging.WARNING, process="demo")
    given = Given(kafka, redis)
    with _folder(run_dir) as folder:
        try:
            started = servers(given, folder)
        except NotEmbeddableError as error:
            refuse(error)
        app = app_of(wanted, config, folder, given, started)
        own = write(app, config, folder)
        screen = Screen()
        for line in moved(wanted.app, app):
            screen.note(line)
        roles = role_children(ROLES, folder, command_options(app, own))
        run = Demo(load_or_exit(own), own, folder, started, roles, play, screen)
        outcome = _run(run, screen, folder, seconds)
    _end(outcome, seconds)


def _run(run: Demo, screen: Screen, folder: Path, seconds: float | None) -> Outcome | None:
    screen.begin()
    try:
        return asyncio.run(run.run(seconds))
    except FailedError as error:
        screen.failed(str(error))
        _show_logs(folder)
        raise typer.Exit(error.code) from None


def _end(outcome: Outcome | None, seconds: float | None) -> None:
    if outcome is None:
        raise typer.Exit(EXIT_DIFFERENCE if seconds else 0)
    print_summary(outcome)
    raise typer.Exit(0 if outcome.good or seconds is None else EXIT_DIFFERENCE)


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    """A folder for this run, gone afterwards unless it was given."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        if any(given.iterdir()):
            refuse(f"{given} is not empty: name a new folder", EXIT_BAD_INPUT)
        yield given.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="tocsin-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _show_logs(folder: Path) -> None:
    """The last lines of every process: the folder goes."""
    for path in sorted(folder.glob("*.log")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if lines:
            sys.stderr.write(f"--- {path.stem}\n" + "\n".join(lines[-_TAIL:]) + "\n")
