"""`tocsin play`: a scenario into Kafka, in real time."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from streams import logs
from streams.cli.csv_options import refuse
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, RedisOption, load_or_exit
from streams.config import ConfigError, Loaded
from streams.config.show import print_problems
from streams.gateway.cast import cast
from streams.gateway.people import People
from streams.gateway.play import Played, Player
from streams.gateway.privacy import privacy_key, pseudonymiser
from streams.gateway.producer import Producer
from streams.gateway.scenario import Scenario, read_scenario
from streams.gateway.script import Event, timeline
from streams.kafka_settings import SecretError
from streams.models.observation import Status
from streams.web.store import Store

AGAIN_S = 0.5


def play(
    scenario: Annotated[Path, typer.Argument(help="The scenario, such as configs/demo/scenario.yaml.")],
    *,
    speed: Annotated[float, typer.Option(min=0.01, max=1000, help="The story N times faster; times stay now.")] = 1.0,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again at its end, until Ctrl-C.")] = False,
    seconds: Annotated[float | None, typer.Option("--for", min=0, help="Stop after so many seconds.")] = None,
    actual: Annotated[bool, typer.Option("--actual", help="As Actual, not Exercise. Never in production.")] = False,
    after: Annotated[str | None, typer.Option(help="Begin when this address answers 200, such as /healthz.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only check the file against the configuration.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
) -> None:
    """Play a scenario: what stations measure, what people report and do, what breaks. In real time, as Exercise.

    Acts (acknowledge, end) look up the open alerts in Redis. A mistake in the file ends with its line, exit 2.

    Example: tocsin play configs/demo/scenario.yaml --config configs/demo --loop
    """
    loaded = load_or_exit(config, kafka, redis)
    logs.set_up(process="play")
    if actual and loaded.app.production:
        refuse("--actual is refused: app.yaml says that this is production. Made-up data must never look real there")
    try:
        source = read_scenario(scenario)
        events = timeline(source.scenario, cast(source, loaded.site))
    except ConfigError as error:
        print_problems(error.problems)
        raise typer.Exit(2) from None
    console = Console(stderr=True, highlight=False)
    if check:
        console.print(f"good  {source.scenario.name['en']}: {len(events)} events")
        return
    way = _Way("Actual" if actual else "Exercise", speed, after, seconds, loop)
    try:
        played = asyncio.run(_play(loaded, source.scenario, events, way))
    except SecretError as error:
        refuse(error)
    console.print(
        f"played: {played.readings} readings, {played.reports} reports, {played.rubbish} pieces of rubbish, "
        f"{played.acts} acts; {played.laps} times to the end"
    )


@dataclass(frozen=True)
class _Way:
    """How it is played."""

    status: Status
    speed: float
    after: str | None
    seconds: float | None
    loop: bool


async def _play(loaded: Loaded, scenario: Scenario, events: list[Event], way: _Way) -> Played:
    producer, store = Producer(loaded.app.kafka), Store(loaded.app.redis)
    player = Player(
        events,
        scenario.length,
        loaded.site,
        producer,
        People(store.alerts, way.status),
        status=way.status,
        speed=way.speed,
        pseudonym=pseudonymiser(privacy_key(loaded.app.privacy)),
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await until_told(_tell(producer, player, way), stop, way.seconds)
    finally:
        await producer.close()
        await store.close()
    return player.played


async def _tell(producer: Producer, player: Player, way: _Way) -> None:
    await producer.open()
    if way.after is not None:
        await _answers(way.after)
    await player.play(loop=way.loop)


async def until_told(work: Coroutine[Any, Any, None], stop: asyncio.Event, seconds: float | None = None) -> None:
    """Do the work until its end, until somebody sets `stop`, or for so many seconds."""
    doing, told = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({doing, told}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        while not doing.done():
            doing.cancel()
            await asyncio.wait({doing}, timeout=AGAIN_S)  # a client that reconnects can lose what it was told
    finally:
        told.cancel()
    if not doing.cancelled():
        doing.result()


async def _answers(address: str) -> None:
    """Wait until somebody there says that he is ready."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell of every look
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(address)).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.2)
