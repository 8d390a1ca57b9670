"""`tocsin tail`: the command feed as a person wants to read it, one line a command."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import typer
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from rich.console import Console

from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption
from streams.cli.tail_line import Language, level_number, line_of
from streams.config.problems import Problems
from streams.config.settings import read_app
from streams.config.show import print_problems
from streams.kafka_settings import SecretError, client_settings
from streams.models.level import NUMBER, Colour
from streams.models.settings import App, Kafka

_RETRY_S = 1.0
Feed = Literal["open", "sensitive", "restricted"]
Say = Callable[[str], None]


def tail(
    feed: Annotated[Feed, typer.Option(help="Which feed; what you may read, Kafka's ACLs decide.")] = "sensitive",
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest command kept.")] = False,
    hazard: Annotated[list[str] | None, typer.Option(help="Only this hazard; may be given several times.")] = None,
    zone: Annotated[list[str] | None, typer.Option(help="Only this zone; may be given several times.")] = None,
    level: Annotated[Colour | None, typer.Option(help="Only this level and higher ones, ends included.")] = None,
    lang: Annotated[Language | None, typer.Option(help="Default: `language` of app.yaml.")] = None,
    limit: Annotated[int | None, typer.Option(help="Stop after so many commands.", min=1)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The records as they are, one JSON object a line.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
) -> None:
    """Show commands as they reach the feed: time, level, headline, value against threshold.

    Waits for Kafka when it is not there. Ctrl-C ends it. `tocsin tail --level orange --from-start` shows what was
    serious; `tocsin tail --json | jq .headline` is for programs.
    """
    app = _settings(config, kafka)
    console, told = Lines(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False)
    wanted = Wanted(set(hazard or ()), set(zone or ()), NUMBER[level] if level else 0)
    language: Language = lang or app.language
    local = ZoneInfo(app.timezone)

    def show(value: bytes) -> bool:
        command = _decoded(value)
        if not wanted.has(command):
            return False
        if as_json:
            sys.stdout.buffer.write(value + b"\n")
            sys.stdout.buffer.flush()
        else:
            console.print(line_of(command, language, local))
        return True

    values = read_values(app.kafka, f"command.feed.{feed}", from_start=from_start, say=told.print)
    try:
        asyncio.run(_show_all(values, show, limit))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it flushes at exit
        raise typer.Exit(0) from None
    except SecretError as error:
        told.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None


def _settings(config: Path, kafka: str | None) -> App:
    """app.yaml alone: whoever only reads the feed needs no stations and no hazards."""
    problems = Problems()
    app = read_app(config / "app.yaml", problems, str(config / "app.yaml"))
    if problems.errors:
        print_problems(problems.errors)
        raise typer.Exit(2)
    return app.model_copy(update={"kafka": app.kafka.model_copy(update={"bootstrap": kafka})}) if kafka else app


class Lines(Console):
    """rich ends the process with 1 when the reader goes away (`tocsin tail | head`); that is no error here."""

    def on_broken_pipe(self) -> None:
        """Leave it to the caller."""
        raise BrokenPipeError


@dataclass(frozen=True)
class Wanted:
    """Which commands are shown; an empty set means all."""

    hazards: set[str] = field(default_factory=set)
    zones: set[str] = field(default_factory=set)
    level: int = 0

    def has(self, command: Any) -> bool:
        """Whether it is shown."""
        if not isinstance(command, dict):
            return not (self.hazards or self.zones or self.level)
        known = (not self.hazards or command.get("hazard") in self.hazards) and (
            not self.zones or command.get("zone") in self.zones
        )
        return known and level_number(command) >= self.level


def _decoded(value: bytes) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value[:100].decode(errors="replace")


async def _show_all(values: AsyncIterator[bytes], show: Callable[[bytes], bool], limit: int | None) -> None:
    shown = 0
    async for value in values:
        shown += show(value)
        if limit is not None and shown >= limit:
            return


async def read_values(kafka: Kafka, topic: str, *, from_start: bool, say: Say) -> AsyncIterator[bytes]:
    """The values of a topic from now on (or from its start), for ever; waits for the broker and the topic."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it has to say is said below, once
    consumer = await _connected(kafka, topic, say)
    try:
        partitions = consumer.assignment()
        edges = await (consumer.beginning_offsets if from_start else consumer.end_offsets)(partitions)
        for partition, offset in edges.items():
            consumer.seek(partition, offset)
        while True:
            fetched = await consumer.getmany(timeout_ms=500)
            records = [record for batch in fetched.values() for record in batch if record.value]
            for record in sorted(records, key=lambda record: record.timestamp):
                yield record.value
    finally:
        await consumer.stop()


async def _connected(kafka: Kafka, topic: str, say: Say) -> Any:
    said = ""
    while True:
        consumer = AIOKafkaConsumer(topic, group_id=None, auto_offset_reset="earliest", **client_settings(kafka))
        try:
            await consumer.start()
            if consumer.assignment():
                if said:
                    say("connected")
                return consumer
            why = f"waiting for the topic {topic}: `tocsin topics apply` makes it"
        except (KafkaError, OSError):
            why = f"waiting for Kafka at {kafka.bootstrap}"
        except BaseException:
            await consumer.stop()
            raise
        await consumer.stop()
        if why != said:
            say(why)
            said = why
        await asyncio.sleep(_RETRY_S)
