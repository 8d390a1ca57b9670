"""`tocsin record`: topics into files, byte for byte."""

import asyncio
import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from streams import logs
from streams.cli.csv_options import refuse
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, load_or_exit
from streams.config import Loaded
from streams.gateway.log_reader import open_log
from streams.gateway.producer import AwayError
from streams.gateway.recording import TOPICS, file_of, recorded_line
from streams.kafka_settings import SecretError


def record(
    folder: Annotated[Path, typer.Argument(help="Where the files go, one a topic: DIR/TOPIC.jsonl.")],
    topic: Annotated[list[str] | None, typer.Option(help="Topic; repeat it. Default: " + ", ".join(TOPICS))] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier recording.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout when done.")] = False,
) -> None:
    """Record what went through Kafka: from each topic's beginning to where it ends now.

    A line has partition, offset, timestamp, key, headers and value_base64, so that a run can be replayed and proved.
    Recordings of `reports` are as confidential as the topic.
    Exit 0: all is there. 1: Kafka is away, or lacks a topic. 2: the folder cannot be used, or the configuration is
    wrong. 130: told to stop before the end, so that `tocsin verify` would miss what came later (not with --follow).
    """
    loaded = load_or_exit(config, kafka)
    logs.set_up(process="record")
    topics = list(dict.fromkeys(topic or TOPICS))
    if not force and (there := [file_of(folder, name) for name in topics if file_of(folder, name).exists()]):
        refuse(f"{there[0]} exists: name another folder, or say --force to overwrite it")
    try:
        counts, whole = asyncio.run(_record(loaded, folder, topics, follow=follow, quiet=as_json))
    except OSError as error:
        refuse(f"{folder}: {error}")
    except SecretError as error:
        refuse(error)
    except AwayError as error:
        refuse(error, 1)
    if not (whole or follow):
        refuse(f"stopped before the end: the recording in {folder} is not whole", 130)
    if as_json:
        sys.stdout.write(json.dumps({"records": counts}) + "\n")
        return
    said = ", ".join(f"{count} of {name}" for name, count in counts.items())
    Console(stderr=True, highlight=False).print(f"recorded to {folder}: {said}")


async def _record(
    loaded: Loaded, folder: Path, topics: list[str], *, follow: bool, quiet: bool
) -> tuple[dict[str, int], bool]:
    """How many of each topic, and whether that is all."""
    counts = dict.fromkeys(topics, 0)
    async with open_log(loaded.app.kafka, topics) as log:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, log.stop.set)
        with ExitStack() as stack:
            files = _open(folder, topics, stack)
            progress = stack.enter_context(_progress(quiet=quiet))
            task = progress.add_task("recording", total=None if follow else log.expected)
            async for records in log.records(follow=follow):
                name = records[0].topic
                files[name].writelines(recorded_line(one) for one in records)
                if follow:
                    files[name].flush()
                counts[name] += len(records)
                progress.advance(task, len(records))
        return counts, log.whole


def _open(folder: Path, topics: list[str], stack: ExitStack) -> dict[str, TextIO]:
    folder.mkdir(parents=True, exist_ok=True)
    return {name: stack.enter_context(file_of(folder, name).open("w", encoding="utf-8")) for name in topics}


def _progress(*, quiet: bool) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty())
