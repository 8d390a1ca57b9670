"""A configuration folder -> the checked site, settings and topics; or every problem at once."""

from dataclasses import replace
from pathlib import Path

from streams.config.compiled import Compiled
from streams.config.loaded import Loaded
from streams.models.settings import App


def load(
    config_dir: Path | str, kafka: str | None = None, redis: str | None = None, cache: Path | None = None
) -> Loaded:
    """Read and check a folder. `kafka` and `redis` go before app.yaml. Raises ConfigError with all problems.

    `cache`: a folder for what was found, so that the next process need not read and check the same files again.
    """
    folder = Path(config_dir)
    found = _kept(Compiled(cache, folder), folder) if cache else _read(folder)
    return replace(found, app=_overridden(found.app, kafka, redis))


def _kept(compiled: Compiled, folder: Path) -> Loaded:
    """What is in the cache, after reading the folder if it is not."""
    found = compiled.fetch()
    if found is not None:
        return found
    with compiled.alone():
        return compiled.fetch() or _read(folder, compiled)


def _read(folder: Path, compiled: Compiled | None = None) -> Loaded:
    from streams.config.problems import ConfigError, Problem, Problems  # noqa: PLC0415 - YAML, shapely and all checks: a second that the
    from streams.config.read import read  # noqa: PLC0415 - cache saves
    from streams.config.settings import read_app  # noqa: PLC0415

    if not folder.is_dir():
        why = "something that is not a folder" if folder.exists() else "no such folder"
        wanted = "a folder with app.yaml, stations.csv, zones.geojson, hazards/"
        raise ConfigError([Problem(str(folder), "", why, wanted)])
    name, problems = folder / "app.yaml", Problems()
    before = compiled and compiled.sources(read_app(name, Problems(), str(name)).files)
    app = read_app(name, problems, str(name))
    found = read(folder, app, problems)
    if compiled is None or compiled.sources(app.files) != before:  # somebody changed a file in between
        return found
    compiled.store(found)
    return compiled.fetch() or found  # what is mapped takes less memory than what was built


def _overridden(app: App, kafka: str | None, redis: str | None) -> App:
    kafka_settings = app.kafka.model_copy(update={"bootstrap": kafka}) if kafka else app.kafka
    redis_settings = app.redis.model_copy(update={"url": redis}) if redis else app.redis
    return app.model_copy(update={"kafka": kafka_settings, "redis": redis_settings})
