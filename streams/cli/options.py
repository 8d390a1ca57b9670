"""The three options that every command takes, and what happens when the configuration is wrong."""

from pathlib import Path
from typing import Annotated

import typer

from streams.config import ConfigError, Loaded, load
from streams.place import cache_dir

DEFAULT_CONFIG = Path("configs")
ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", envvar="TOCSIN_CONFIG", help="Folder with app.yaml, stations.csv, zones.geojson, hazards/."
    ),
]
KafkaOption = Annotated[
    str | None, typer.Option("--kafka", envvar="KAFKA", help="Kafka, host:port[,host:port]; goes before app.yaml.")
]
RedisOption = Annotated[
    str | None, typer.Option("--redis", envvar="REDIS", help="Redis, redis://host:port/db; goes before app.yaml.")
]


def load_or_exit(config: Path, kafka: str | None = None, redis: str | None = None) -> Loaded:
    """The checked configuration, also one that was found good before; or every problem on stderr and exit 2."""
    try:
        return load(config, kafka, redis, cache_dir())
    except ConfigError as error:
        from streams.config.show import print_problems  # noqa: PLC0415 - rich is a tenth of a role's start

        print_problems(error.problems)
        raise typer.Exit(2) from None
