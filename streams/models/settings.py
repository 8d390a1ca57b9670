"""`configs/app.yaml` and `configs/topics.yaml` as pydantic models; a missing file means these defaults."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["observe", "assess", "deliver.feed", "deliver.redis", "deliver.audit"]
ROLES: tuple[Role, ...] = ("observe", "assess", "deliver.feed", "deliver.redis", "deliver.audit")


class Settings(BaseModel):
    """Unknown keys are errors: a misspelt setting must never be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sasl(Settings):
    """SASL to Kafka. The password comes from a file or an environment variable, never from app.yaml itself."""

    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-256"
    username: str
    password_file: str | None = None
    password_env: str = "KAFKA_PASSWORD"  # noqa: S105 - the name of a variable, not a password


class Tls(Settings):
    """TLS to Kafka; certificate files in PEM."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


class Kafka(Settings):
    """The cluster. `idempotence: false` and `log_append_time: false` are for the embedded broker."""

    bootstrap: str = "127.0.0.1:9092"
    tls: Tls | None = None
    sasl: Sasl | None = None
    idempotence: bool = True
    embedded: bool = False  # an embedded broker: only topic names and partition counts can be checked
    group_prefix: str = "tocsin"
    session_timeout_s: float = Field(default=10.0, ge=1)
    heartbeat_s: float = Field(default=2.0, gt=0)
    send_deadline_s: float = Field(default=60.0, gt=0)


class Redis(Settings):
    """Where current state is served from."""

    url: str = "redis://127.0.0.1:6379/0"
    password_env: str = "REDIS_PASSWORD"  # noqa: S105
    prefix: str = "tocsin:"
    feed_length: int = Field(default=10_000, ge=100)


class Ports(Settings):
    """HTTP ports; 0 = any free one. Role processes always take a free one and tell their supervisor."""

    host: str = "127.0.0.1"
    worker: int = 8090
    web: int = 8080
    gateway: int = 8081


class Gateway(Settings):
    """The doors. Tokens: file with one `token name` a line; none = only this host may knock (127.0.0.1)."""

    max_body_bytes: int = Field(default=1_000_000, ge=1_000)
    tokens_file: str | None = None
    mqtt: str | None = None  # mqtt://host:port, none = no MQTT door
    mqtt_name: str = "tocsin-gateway"


class Batch(Settings):
    """How much is taken at once. ARCHITECTURE: at most 2,000 rows, so that nothing holds an event loop for 10 ms."""

    records: int = Field(default=2_000, ge=1, le=10_000)
    in_flight: int = Field(default=20_000, ge=1)


class Rest(Settings):
    """Stuck check: unchanged for `for`, values in `rest` may rest for ever."""

    stuck_for: str | None = "24 h"
    rest: tuple[float, ...] = (0.0,)


Month = Literal["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"]


class MonthLimits(Settings):
    """Limits that count in one month only, in place of those of the whole year."""

    hard_min: float | None = None
    hard_max: float | None = None
    soft_min: float | None = None
    soft_max: float | None = None


class PropertyQuality(Settings):
    """Quality checks of one observed property, or of one type; a column of the same name in stations.csv overrides."""

    unit: str | None = None  # of the numbers below
    hard_min: float | None = None
    hard_max: float | None = None
    soft_min: float | None = None
    soft_max: float | None = None
    stuck_for: str | None = None
    rest: tuple[float, ...] | None = None
    months: dict[Month, MonthLimits] = {}
    rise_max: str | None = None  # with its unit: `0.5 m/h`
    fall_max: str | None = None
    stuck_band: float | None = Field(default=None, gt=0)
    shift: float | None = Field(default=None, gt=0)
    shift_for: str | None = None
    swings: int | None = Field(default=None, ge=0, le=1_000)
    swing_band: float | None = Field(default=None, gt=0)
    swing_for: str | None = None
    recover: int | None = Field(default=None, ge=0, le=1_000)
    neighbour: float | None = Field(default=None, gt=0)
    neighbour_least: int | None = Field(default=None, ge=1, le=1_000)
    neighbour_age: str | None = None
    neighbour_every: str | None = None
    drift: float | None = Field(default=None, gt=0)
    drift_for: str | None = None


class Quality(Settings):
    """Data quality defaults; gap = silent for 3 x the reporting interval (docs/configuration.md)."""

    stuck_for: str | None = "24 h"
    rest: tuple[float, ...] = (0.0,)
    properties: dict[str, PropertyQuality] = {}
    types: dict[str, PropertyQuality] = {}  # by the column `type` of stations.csv; goes before `properties`
    remember: int = Field(default=16, ge=1, le=4096)  # newest readings that repeats are held against; 16 bytes each


class Privacy(Settings):
    """Reporters are pseudonymised with a keyed hash; without a key one is drawn at random at each start."""

    key_file: str | None = None
    key_env: str = "TOCSIN_PRIVACY_KEY"


class Files(Settings):
    """Where the site's files lie, relative to the configuration folder (so that two sites may share one)."""

    stations: str = "stations.csv"
    zones: str = "zones.geojson"
    hazards: str = "hazards"  # every *.yaml in this folder
    overlays: str = "overlays"  # every *.yaml in this folder, which may be missing
    reaches: str = "reaches.csv"  # the river graph; may be missing


class Hazards(Settings):
    """Which of the hazard files count; the others are checked and not loaded."""

    use: tuple[str, ...] | None = None  # none = all


class App(Settings):
    """The whole of app.yaml."""

    name: str = "tocsin"
    timezone: str = "Asia/Shanghai"
    production: bool = False  # True refuses replay/play with --actual
    exercise: bool = False  # every screen says EXERCISE (the embedded demo)
    language: Literal["zh", "en"] = "zh"
    files: Files = Files()
    hazards: Hazards = Hazards()
    kafka: Kafka = Kafka()
    redis: Redis = Redis()
    ports: Ports = Ports()
    gateway: Gateway = Gateway()
    batch: Batch = Batch()
    quality: Quality = Quality()
    privacy: Privacy = Privacy()
    progress: str = "5 s"
    rebuild_readings: str = "7 d"  # how far back a restart reads `readings` to rebuild state
    report_kinds: tuple[str, ...] = (
        "smoke", "fire", "flooding", "gas_smell", "crack", "collapse", "injury", "rockfall", "seepage", "mudflow",
        "typhoon", "snow", "pollution", "other",
    )  # fmt: skip
    audit_dir: str = "audit"
    basemap: str | None = None  # none | tiles:URL


class Topic(Settings):
    """One topic. retention: a duration or `forever`."""

    partitions: int = Field(default=16, ge=1)
    replication: int = Field(default=1, ge=1)
    cleanup: Literal["delete", "compact"] = "delete"
    retention: str = "7 d"
    timestamp: Literal["CreateTime", "LogAppendTime"] = "LogAppendTime"  # the broker's clock, not its client's
    max_message_bytes: int = 1_048_588
    segment_bytes: int | None = Field(default=None, ge=1_048_576)  # none = the broker's
    classification: Literal["open", "sensitive", "restricted"] = "sensitive"


SEGMENT_BYTES = 64 * 1024 * 1024


def _topics() -> dict[str, Topic]:
    return {
        "readings": Topic(retention="7 d"),
        "reports": Topic(retention="7 d", classification="restricted"),
        "signals": Topic(retention="30 d"),
        "commands": Topic(retention="forever", classification="restricted"),
        "latest": Topic(retention="1 d"),
        "command.feed.open": Topic(retention="30 d", classification="open"),
        "command.feed.sensitive": Topic(retention="30 d"),
        "command.feed.restricted": Topic(retention="30 d", classification="restricted"),
        "command.current.open": Topic(cleanup="compact", retention="forever", classification="open"),
        "command.current.sensitive": Topic(cleanup="compact", retention="forever"),
        "command.current.restricted": Topic(cleanup="compact", retention="forever", classification="restricted"),
        # truncated by their writers; a broker gives back whole segments only
        "checkpoints.observe": Topic(retention="forever", segment_bytes=SEGMENT_BYTES),
        "checkpoints.assess": Topic(retention="forever", segment_bytes=SEGMENT_BYTES),
        "config": Topic(partitions=1, cleanup="compact", retention="forever"),
        "rejects": Topic(retention="30 d"),
        "rejects.restricted": Topic(retention="30 d", classification="restricted"),
        "audit": Topic(retention="forever"),
    }


class Topics(Settings):
    """topics.yaml: `defaults` overlay every topic, `topics` overlay one (keys as in `Topic`)."""

    topics: dict[str, Topic] = Field(default_factory=_topics)

    def __getitem__(self, name: str) -> Topic:
        return self.topics[name]
