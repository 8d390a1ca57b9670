"""`tocsin gateway`: the doors through which readings and reports come in."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from streams import logs
from streams.cli.listening import serve
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, RedisOption, load_or_exit
from streams.gateway.http_door import gateway_app
from streams.kafka_settings import SecretError, client_settings


def gateway(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: ports.host of app.yaml.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; taken = the next free one; 0 = any.", min=0)] = None,
    run_dir: Annotated[
        Path | None, typer.Option(envvar="TOCSIN_RUN_DIR", help="Write gateway.json {pid, port} there when listening.")
    ] = None,
) -> None:
    """Open the doors: POST /v1/observations and /v1/reports, and MQTT if app.yaml names a broker.

    A sender hears 202 (MQTT: the acknowledgement) only when Kafka has its rows; what is refused is named in the answer
    and goes to `rejects` with its bytes. Without gateway.tokens_file only programs on this host may send.

    Example: curl -d '{"station":"QH-R-014","property":"water_level","time":"2026-07-20T14:03:00+08:00","value":3.2}'
    http://127.0.0.1:8081/v1/observations
    """
    loaded = load_or_exit(config, kafka, redis)
    logs.set_up(process="gateway")
    address, wanted = host or loaded.app.ports.host, loaded.app.ports.gateway if port is None else port
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    try:
        client_settings(loaded.app.kafka)  # certificates and passwords that cannot be read are told now, not later
        app = gateway_app(loaded)
    except (OSError, SecretError) as problem:
        console.print(str(problem), style="red")
        raise typer.Exit(2) from None
    file = run_dir and run_dir / "gateway.json"
    serve(app, address, wanted, file, console.print, "gateway: {url}/v1/observations")
