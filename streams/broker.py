"""Is the broker there? Asked before an app is made, and by the watchdog before it blames the app."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

log = structlog.get_logger(__name__)
ASK_EVERY_S = 0.5
SAY_EVERY_S = 30.0


async def broker_answers(client_settings: Mapping[str, Any], timeout_s: float = 3.0) -> bool:
    """Whether a broker can be reached, lets us in and answers ApiVersions and Metadata."""
    client = AIOKafkaClient(**{**client_settings, "request_timeout_ms": int(timeout_s * 1000)})
    try:
        async with asyncio.timeout(timeout_s):
            await client.bootstrap()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
    return True


async def wait_for_broker(client_settings: Mapping[str, Any]) -> None:
    """Wait until the broker answers, and say so once, then now and then."""
    where = client_settings["bootstrap_servers"]
    where = where if isinstance(where, str) else ",".join(where)
    waiting, said, waited = f"waiting for Kafka at {where}", 0.0, 0.0
    while not await broker_answers(client_settings):
        if not said or waited - said >= SAY_EVERY_S:
            log.warning(waiting, waited_s=round(waited))
            said = waited or ASK_EVERY_S
        await asyncio.sleep(ASK_EVERY_S)
        waited += ASK_EVERY_S
    if said:
        log.info("Kafka is there", at=where)
