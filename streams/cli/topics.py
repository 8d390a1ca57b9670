"""`tocsin topics apply | check | repartition`: the topics of topics.yaml on the cluster."""

import json
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from streams import topics as cluster
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, load_or_exit
from streams.config import Loaded
from streams.kafka_settings import SecretError
from streams.repartition import Repartition, RepartitionError

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.")]

_HELP = "The topics of topics.yaml and those of the cluster."
topics = typer.Typer(no_args_is_help=True, add_completion=False, help=_HELP)


@topics.command()
def apply(config: ConfigOption = DEFAULT_CONFIG, kafka: KafkaOption = None, as_json: AsJson = False) -> None:
    """Create the topics that are missing, then compare. Existing topics are not changed.

    But for `message.timestamp.type` of those that earlier releases made: brokers stamp all records now.
    Exit 0: all topics are as topics.yaml says. 1: some differ. 2: the configuration is wrong or Kafka is away.
    """
    loaded = load_or_exit(config, kafka)
    try:
        created = cluster.apply(loaded.app, loaded.topics)
        differences = cluster.compare(loaded.app, loaded.topics)
    except (cluster.KafkaAwayError, SecretError) as error:
        _away(error)
    if not as_json:
        had = len(loaded.topics.topics) - len(created)
        Console(highlight=False).print(f"[bold green]{len(created)} topics created[/], {had} were there")
        for name in created:
            topic = loaded.topics[name]
            Console(highlight=False).print(
                f"  {name}  [dim]{topic.partitions} partitions, {topic.cleanup}, {topic.retention}[/]"
            )
    _report(loaded, differences, as_json, created)


@topics.command()
def check(config: ConfigOption = DEFAULT_CONFIG, kafka: KafkaOption = None, as_json: AsJson = False) -> None:
    """Compare the cluster's topics with topics.yaml: partitions, retention, cleanup, timestamps, record size.

    Exit 0: nothing differs. 1: the differences are listed. 2: the configuration is wrong or Kafka is away.
    Of the embedded broker only names and partition counts can be compared.
    """
    loaded = load_or_exit(config, kafka)
    try:
        differences = cluster.compare(loaded.app, loaded.topics)
    except (cluster.KafkaAwayError, SecretError) as error:
        _away(error)
    _report(loaded, differences, as_json, [])


@topics.command()
def repartition(
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Give `readings`, `reports` and `signals` as many partitions as topics.yaml says; workers and gateways stopped.

    Records keep key, bytes, time and order; open alerts stay open under their ids. Run it again when it was cut off.
    docs/scaling.md has the procedure. Exit 0: done. 2: somebody is still at work, or Kafka is away.
    """
    loaded = load_or_exit(config, kafka)
    work = Repartition(loaded.app, loaded.topics)
    try:
        changes = work.plan()
        for change in changes:
            Console(highlight=False).print(f"{'would write' if dry_run else 'writes'} anew  {change}", markup=False)
        if not changes:
            Console(highlight=False).print("nothing to do: partitions are as topics.yaml says")
        elif not dry_run:
            work.run()
            Console(highlight=False).print("[bold green]done[/]  the next start rebuilds its state")
    except (cluster.KafkaAwayError, RepartitionError, SecretError) as error:
        _away(error)


def _away(error: Exception) -> NoReturn:
    Console(stderr=True, highlight=False).print(str(error), style="red", markup=False)
    raise typer.Exit(2)


def _report(loaded: Loaded, differences: list[cluster.Difference], as_json: bool, created: list[str]) -> NoReturn:
    if as_json:
        found = [{"topic": d.topic, "key": d.key, "found": d.found, "wanted": d.wanted} for d in differences]
        typer.echo(json.dumps({"ok": not found, "created": created, "differences": found}))
    elif differences:
        _print(differences)
    else:
        Console(highlight=False).print(
            f"[bold green]good[/]  {len(loaded.topics.topics)} topics at {loaded.app.kafka.bootstrap}"
        )
    raise typer.Exit(1 if differences else 0)


def _print(differences: list[cluster.Difference]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("topic", "setting", "on the cluster", "topics.yaml"):
        table.add_column(name)
    for one in differences:
        table.add_row(one.topic, one.key, f"[red]{one.found}[/]", f"[green]{one.wanted}[/]")
    Console(stderr=True, highlight=False).print(table)
