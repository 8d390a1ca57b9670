"""The demo's own configuration folder: the given site, with the addresses and ports of this run."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from streams import embedded
from streams.config import Loaded
from streams.models.settings import App, Kafka, Redis


@dataclass(frozen=True, slots=True)
class Given:
    """A cluster that is used instead of the embedded servers."""

    kafka: str | None = None
    redis: str | None = None


@dataclass(frozen=True, slots=True)
class Servers:
    """The embedded servers of this run; None = a given one is used."""

    broker: embedded.Server | None
    database: embedded.Server | None

    @property
    def all(self) -> list[embedded.Server]:
        """Those that have to be started."""
        return [server for server in (self.broker, self.database) if server is not None]


def servers(given: Given, folder: Path) -> Servers:
    """What has to be started. Raises NotEmbeddableError."""
    broker = None if given.kafka else embedded.broker()
    if given.redis:
        return Servers(broker, None)
    place = folder / "database"
    place.mkdir(parents=True, exist_ok=True)
    return Servers(broker, embedded.database(place))


def app_of(loaded: Loaded, config: Path, folder: Path, given: Given, found: Servers) -> App:
    """app.yaml of this run: absolute files, found ports, and what a real Kafka wants when one is given."""
    app, files = loaded.app, loaded.app.files
    absolute = {name: str((config / value).resolve()) for name, value in files.model_dump().items()}
    ports: dict[str, int] = {}
    for name in ("worker", "web", "gateway"):
        ports[name] = embedded.free_port(getattr(app.ports, name), taken=ports.values())
    changes = {
        "files": files.model_copy(update=absolute),
        "ports": app.ports.model_copy(update=ports),
        "kafka": _kafka(app.kafka, given, found),
        "redis": _redis(app.redis, given, found),
        "audit_dir": str(folder / "audit"),
    }
    return app.model_copy(update=changes)


def _kafka(kafka: Kafka, given: Given, found: Servers) -> Kafka:
    if found.broker is not None:
        return kafka.model_copy(update={"bootstrap": found.broker.address, "embedded": True, "idempotence": False})
    update = {"bootstrap": given.kafka, "embedded": False, "idempotence": True, "session_timeout_s": 10.0}
    return kafka.model_copy(update=update)


def _redis(redis: Redis, given: Given, found: Servers) -> Redis:
    if found.database is not None:
        return redis.model_copy(update={"url": f"redis://{found.database.address}/0"})
    # positions kept in Redis belong to one Kafka: that of an embedded broker is a new one at every start
    prefix = redis.prefix if found.broker is None else f"{redis.prefix}{found.broker.port}:"
    return redis.model_copy(update={"url": given.redis, "prefix": prefix})


def write(app: App, config: Path, folder: Path) -> Path:
    """The folder that every process of the demo reads. JSON is YAML."""
    own = folder / "config"
    own.mkdir(parents=True, exist_ok=True)
    text = json.dumps(app.model_dump(mode="json"), ensure_ascii=False, indent=2)
    (own / "app.yaml").write_text(text + "\n", encoding="utf-8")
    if (config / "topics.yaml").exists():
        shutil.copyfile(config / "topics.yaml", own / "topics.yaml")
    return own


def moved(wanted: App, found: App) -> list[str]:
    """A line for each port that somebody else has."""
    return [
        f"port {old} is taken, using {new} ({name})"
        for name in ("worker", "web", "gateway")
        if (old := getattr(wanted.ports, name)) and (new := getattr(found.ports, name)) != old
    ]
