"""`tocsin web`: the API and the page."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from streams import logs
from streams.cli.listening import serve
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, RedisOption, load_or_exit
from streams.kafka_settings import SecretError, client_settings
from streams.web import web_app


def web(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: ports.host of app.yaml.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; taken = the next free one; 0 = any.", min=0)] = None,
    run_dir: Annotated[
        Path | None, typer.Option(envvar="TOCSIN_RUN_DIR", help="Write web.json {pid, port} there when listening.")
    ] = None,
) -> None:
    """Serve the page, the API and the live feed of one deployment.

    Reads Redis; what people do (acknowledge, end, silence) leaves as records of the topic `signals`.
    """
    loaded = load_or_exit(config, kafka, redis)
    logs.set_up(process="web")
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    try:
        client_settings(loaded.app.kafka)  # what people do goes to Kafka: say now that it cannot
    except SecretError as problem:
        console.print(str(problem), style="red")
        raise typer.Exit(2) from None
    address = host or loaded.app.ports.host
    wanted = loaded.app.ports.web if port is None else port
    serve(web_app(loaded), address, wanted, run_dir and run_dir / "web.json", console.print, "page: {url}/")
