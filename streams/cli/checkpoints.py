"""`tocsin checkpoints clear`: the next start does not use what is saved, it rebuilds from the logs."""

import asyncio
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from streams.checkpoint.log import CheckpointLog
from streams.checkpoint.schema import ASSESS, OBSERVE
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, load_or_exit
from streams.config import Loaded
from streams.kafka_settings import SecretError, client_settings
from streams.models.saved import Begin

SCHEMAS = {"observe": OBSERVE, "assess": ASSESS}
WHY = "cleared by hand"

checkpoints = typer.Typer(no_args_is_help=True, add_completion=False, help="Saved state of observe and assess.")


@checkpoints.callback()
def main() -> None:
    """Saved state of observe and assess."""


@checkpoints.command()
def clear(
    role: Annotated[str | None, typer.Option(help="Only this role: observe or assess.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
) -> None:
    """Have state rebuilt from the logs at the next start: say so in every checkpoint log.

    Stop the roles first: one that runs goes on saving its state, which then counts again.
    Exit 0: done. 2: the configuration is wrong or Kafka is away.
    """
    if role is not None and role not in SCHEMAS:
        raise typer.BadParameter(f"{role!r}: observe or assess")
    loaded = load_or_exit(config, kafka)
    screen = Console(highlight=False)
    for name in SCHEMAS if role is None else (role,):
        try:
            count = asyncio.run(_clear(loaded, name))
        except (KafkaError, SecretError, OSError) as error:
            Console(stderr=True, highlight=False).print(str(error), style="red", markup=False)
            raise typer.Exit(2) from error
        screen.print(f"[bold green]cleared[/]  {name}: {count} partitions are rebuilt at the next start")


async def _clear(loaded: Loaded, role: str) -> int:
    topic, kafka = f"checkpoints.{role}", loaded.app.kafka
    checkpoints = CheckpointLog(topic, SCHEMAS[role], kafka, client_settings(kafka), "tocsin checkpoints")
    await checkpoints.open()
    try:
        for partition in range(loaded.topics[topic].partitions):
            await checkpoints.save(partition, "begin", Begin(WHY))
    finally:
        await checkpoints.close()
    return loaded.topics[topic].partitions
