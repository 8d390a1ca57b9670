"""The `tocsin` command: one file a command, listed here. Heavy imports stay inside the functions that need them."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

UNUSED = "Taken by every command; this one does not need it."
#: name of the command -> "module:function" (or a Typer app of its own); loaded only when it is called
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("streams.cli.demo:demo", "The whole of Tocsin on this machine, with a made-up county and a scenario."),
    "worker": ("streams.cli.worker:worker", "The job: observe, assess and deliver, one process a role."),
    "web": ("streams.cli.web:web", "The API and the page."),
    "gateway": ("streams.cli.gateway:gateway", "The doors: HTTP and MQTT into Kafka."),
    "publish": ("streams.cli.publish:publish", "Publish a CSV or JSON-lines file to Kafka."),
    "play": ("streams.cli.play:play", "Play a scenario into Kafka."),
    "replay": ("streams.cli.replay:replay", "Run the same core over files, without Kafka."),
    "flags": ("streams.cli.flags:flags", "Every value with its quality flag and the check that set it."),
    "detect": ("streams.cli.detect:detect", "Run a transform or a detector over recordings in files."),
    "tail": ("streams.cli.tail:tail", "Show the command feed as a person wants to read it."),
    "record": ("streams.cli.record:record", "Write topics to files, for replay and proof."),
    "verify": ("streams.cli.verify:verify", "Prove a recording: the same records give the same alerts again."),
    "check": ("streams.cli.check:check", "Check a configuration folder."),
    "test": ("streams.cli.test:run", "Run scenarios: what comes in, and what must come out."),
    "topics": ("streams.cli.topics:topics", "Create and compare the topics."),
    "checkpoints": ("streams.cli.checkpoints:checkpoints", "Have saved state rebuilt from the logs."),
    "rejects": ("streams.cli.rejects:rejects", "List, show and re-drive what was refused."),
    "ack": ("streams.cli.acts:ack", "Acknowledge an alert."),
    "end": ("streams.cli.acts:end", "End an alert (one that was ever red needs two persons)."),
    "withdraw": ("streams.cli.acts:withdraw", "Withdraw an alert that was wrong."),
    "silence": ("streams.cli.acts:silence", "Mute calls for a while."),
    "approve": ("streams.cli.acts:approve", "Approve a silence of red, as the second person."),
    "unsilence": ("streams.cli.acts:unsilence", "Lift a silence."),
    "schema": ("streams.cli.schema:schema", "JSON Schemas of what others publish and consume."),
}


class Lazy(TyperGroup):
    """Imports a command's module when that command is asked for: `tocsin --help` stays quick."""

    _wanted = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        target, summary = COMMANDS[cmd_name]
        if not self._wanted:  # only listed, by --help
            return _single(cmd_name, summary, lambda: None)
        module, name = target.split(":")
        found = getattr(import_module(module), name)
        made = typer.main.get_command(found) if isinstance(found, typer.Typer) else _single(cmd_name, summary, found)
        for command in getattr(made, "commands", {cmd_name: made}).values():
            _take_shared_options(command)
        return made

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The one command that is asked for is really loaded."""
        self._wanted = True
        return super().resolve_command(ctx, args)


def _take_shared_options(command: Any) -> None:
    """Every command takes --config, --kafka and --redis, so that a script may give all three to each of them."""
    known = {name for parameter in command.params for name in parameter.opts}
    for option in _single("shared", "", _shared).params:
        if known.isdisjoint(option.opts):
            option.expose_value = False
            command.params.append(option)


def _shared(
    config: Annotated[str | None, typer.Option(envvar="TOCSIN_CONFIG", help=UNUSED)] = None,
    kafka: Annotated[str | None, typer.Option(envvar="KAFKA", help=UNUSED)] = None,
    redis: Annotated[str | None, typer.Option(envvar="REDIS", help=UNUSED)] = None,
) -> None:
    """The options that `_take_shared_options` hands on."""


def _single(name: str, summary: str, function: Callable[..., Any]) -> Any:
    single = typer.Typer(add_completion=False)
    single.command(name=name, short_help=summary)(function)
    return typer.main.get_command(single)


app = typer.Typer(
    cls=Lazy,
    no_args_is_help=True,
    add_completion=False,
    help="Tocsin 警钟: real-time event monitor and early-warning stream processor. One network, one map, one database.",
)


@app.callback()
def main() -> None:
    """Tocsin 警钟: real-time event monitor and early-warning stream processor."""
