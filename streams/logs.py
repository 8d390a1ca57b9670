"""Structured logs: one line an event, JSON when not read on a terminal; libraries that flood are held back."""

import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

if not sys.stderr.isatty():  # structlog looks for rich, which only colours what people read: it costs 0.1 s of a start
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type] # so it finds none
import structlog

if sys.modules.get("rich") is None:
    sys.modules.pop("rich", None)

REPEAT_S = 30.0  # the same line of a library comes at most once in this time
#: the last three are the loggers that Faust gives to our subclasses of its services
QUIET = ("aiokafka", "faust", "mode", "kafka", "aiohttp", "streams.app", "streams.transport", "streams.fetch")


class Limit(logging.Filter):
    """Let the same message of a library through once per `REPEAT_S`.

    aiokafka logs some ten errors a second while a broker is away. Numbers change from line to line, so lines are told
    apart by logger and unformatted message, not by their arguments.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        key, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._seen.get(key, -REPEAT_S) < REPEAT_S:
            return False
        self._seen[key] = now
        return True


def set_up(*, level: int = logging.INFO, **always: Any) -> None:
    """Configure structlog and the standard library; `always` is bound to every line (role, index)."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _bind(always)], processors=_last(always))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    limit = Limit()
    handler.addFilter(lambda record: not record.name.startswith(QUIET) or limit.filter(record))
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def spent() -> dict[str, float]:
    """How long this process has lived (where the system tells) and what CPU it has used, for a line about its start."""
    told = {"cpu_s": round(time.process_time(), 2)}
    with suppress(OSError, ValueError, IndexError):
        ticks = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
        up = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        told["after_s"] = round(up - ticks / os.sysconf("SC_CLK_TCK"), 2)
    return told


def _bind(always: dict[str, Any]) -> structlog.typing.Processor:
    def bind(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {**always, **event}

    return bind


def _last(always: dict[str, Any]) -> list[structlog.typing.Processor]:
    """Last steps of every line: JSON for programs, colours for people."""
    begin: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _bind(always),
    ]
    if sys.stderr.isatty():
        return [*begin, structlog.dev.ConsoleRenderer()]
    return [*begin, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
