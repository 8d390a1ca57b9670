import os
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from benchmarks.big_site import BigSite
from streams.config import ConfigError, Loaded, load
from streams.config.compiled import KEPT, Compiled
from streams.config.sections import Sections
from tests.config.samples import CORPUS, files, folder_with

SHIPPED = Path(__file__).parents[2] / "configs"
FILES = ["app.yaml", "topics.yaml", "zones.geojson", "stations.csv", "hazards/flood.yaml"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(CORPUS / "base", tmp_path / "configs"))
    (made / "app.yaml").write_text("timezone: UTC\n")
    (made / "topics.yaml").write_text("defaults: {partitions: 2}\n")
    return made


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Loaded]:
    """Load from the cache, and fail where files would be read."""

    def fetch(folder: Path) -> Loaded:
        with monkeypatch.context() as patch:
            patch.setattr(Compiled, "alone", lambda _: pytest.fail("not from the cache"))
            return load(folder, cache=tmp_path / "cache")

    return fetch


def compiled_in(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache").glob("site-*"))


def put(path: Path, content: bytes) -> None:
    """In place of a file that is mapped and stays as it is for who mapped it."""
    path.unlink()
    path.write_bytes(content)
    path.chmod(0o600)


def same(a: Loaded, b: Loaded) -> None:
    """Equal in everything that anything reads."""
    assert (a.app, a.topics, a.warnings) == (b.app, b.topics, b.warnings)
    for field in fields(a.site):
        assert getattr(a.site, field.name) == getattr(b.site, field.name), field.name
    assert dict(a.site.users) == dict(b.site.users)
    one, other = a.site.datastreams, b.site.datastreams
    assert (one.profiles, one.zones, one.stations, one.station_of) == (
        other.profiles, other.zones, other.stations, other.station_of,
    )  # fmt: skip
    assert np.array_equal(one.numbers, other.numbers)
    assert np.array_equal(one.hashes, other.hashes)


@pytest.mark.parametrize("path", files("good"), ids=lambda path: path.name)
def test_the_same_with_and_without_cache(path: Path, tmp_path: Path, kept):
    folder = folder_with(tmp_path, path)
    read = load(folder)
    first = load(folder, cache=tmp_path / "cache")

    same(first, read)
    same(kept(folder), read)


@pytest.mark.parametrize("name", [".", "demo"])
def test_the_shipped_sites_with_and_without_cache(name: str, tmp_path: Path, kept):
    load(SHIPPED / name, cache=tmp_path / "cache")

    same(kept(SHIPPED / name), load(SHIPPED / name))


def test_a_bigger_site_with_and_without_cache(tmp_path: Path, kept):
    folder = BigSite(300, properties=3).write(tmp_path / "configs")
    load(folder, cache=tmp_path / "cache")

    found = kept(folder)
    same(found, load(folder))
    assert found.site.datastreams.bounds["hard_min"].strides == (0,)  # the same everywhere: in the room of one


def test_addresses_are_not_kept(folder: Path, tmp_path: Path):
    load(folder, "k:1", "redis://r", cache=tmp_path / "cache")

    app = load(folder, "other:9", cache=tmp_path / "cache").app
    assert (app.kafka.bootstrap, app.redis.url) == ("other:9", "redis://127.0.0.1:6379/0")


def test_warnings_are_said_again(folder: Path, tmp_path: Path, kept, monkeypatch):
    with (folder / "stations.csv").open("a") as file:
        file.write("R3,wind,m/s,Z1,,100,23,,,,,\n")
    said = load(folder, cache=tmp_path / "cache").warnings
    assert said

    assert kept(folder).warnings == said
    monkeypatch.chdir(tmp_path)
    assert {one.file for one in kept(Path("configs")).warnings} == {"configs/stations.csv"}


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_in_any_file_is_read(name: str, folder: Path, tmp_path: Path, kept, monkeypatch):
    load(folder, cache=tmp_path / "cache")
    kept(folder)
    with (folder / name).open("a") as file:
        file.write("\n")

    read = []
    fetch = Compiled.store
    monkeypatch.setattr(Compiled, "store", lambda *a: (read.append(name), fetch(*a)))
    load(folder, cache=tmp_path / "cache")
    assert read
    kept(folder)


def test_a_new_file_and_one_that_is_gone_are_seen(folder: Path, tmp_path: Path):
    before = load(folder, cache=tmp_path / "cache").site.hazards.keys()
    shutil.copy(SHIPPED / "hazards" / "gas.yaml", folder / "hazards")

    assert load(folder, cache=tmp_path / "cache").site.hazards.keys() == before | {"gas"}
    (folder / "hazards" / "gas.yaml").unlink()
    assert load(folder, cache=tmp_path / "cache").site.hazards.keys() == before
    (folder / "topics.yaml").unlink()
    assert load(folder, cache=tmp_path / "cache").topics["readings"].partitions == 16


def test_what_is_wrong_is_refused_every_time(folder: Path, tmp_path: Path):
    (folder / "stations.csv").write_text("station\n")
    for _ in range(2):
        with pytest.raises(ConfigError):
            load(folder, cache=tmp_path / "cache")
    assert compiled_in(tmp_path) == []


@pytest.mark.parametrize("keep", [0, 10, 39, 40, 1000, -1000, -1])
def test_a_shortened_file_does_no_harm(keep: int, folder: Path, tmp_path: Path, kept):
    read = load(folder, cache=tmp_path / "cache")
    (path,) = compiled_in(tmp_path)
    put(path, path.read_bytes()[:keep])

    same(load(folder, cache=tmp_path / "cache"), read)
    same(kept(folder), read)


def test_damage_anywhere_does_no_harm(folder: Path, tmp_path: Path):
    read = load(folder, cache=tmp_path / "cache")
    (path,) = compiled_in(tmp_path)
    good = path.read_bytes()
    for at in range(0, len(good), max(len(good) // 60, 1)):
        put(path, good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :])
        same(load(folder, cache=tmp_path / "cache"), read)


def test_a_file_of_another_is_passed_over(folder: Path, tmp_path: Path):
    load(folder, cache=tmp_path / "cache")
    (path,) = compiled_in(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o622)

    assert Compiled(tmp_path / "cache", folder).fetch() is None
    load(folder, cache=tmp_path / "cache")
    assert Compiled(tmp_path / "cache", folder).fetch() is not None


def test_a_file_of_another_schema_is_passed_over(folder: Path, tmp_path: Path):
    load(folder, cache=tmp_path / "cache")
    (path,) = compiled_in(tmp_path)
    Sections.write(path, {"sources": []}, {})

    assert Compiled(tmp_path / "cache", folder).fetch() is None


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(folder: Path, tmp_path: Path):
    (tmp_path / "cache").write_text("a file")

    same(load(folder, cache=tmp_path / "cache"), load(folder))


def test_only_the_newest_are_left(tmp_path: Path):
    for number in range(KEPT + 2):
        folder = Path(shutil.copytree(CORPUS / "base", tmp_path / str(number)))
        load(folder, cache=tmp_path / "cache")
        for path in compiled_in(tmp_path):
            os.utime(path, (path.stat().st_mtime - 10, path.stat().st_mtime - 10))
    (tmp_path / "cache" / "site-0.999").write_text("begun by a process that died")
    os.utime(tmp_path / "cache" / "site-0.999", (0, 0))
    load(Path(shutil.copytree(CORPUS / "base", tmp_path / "last")), cache=tmp_path / "cache")

    assert len(compiled_in(tmp_path)) == KEPT
    assert Compiled(tmp_path / "cache", tmp_path / "last").fetch() is not None


def test_arrays_come_back_as_they_were(tmp_path: Path):
    given = {
        "a": np.arange(5, dtype=np.int32),
        "none": np.empty(0),
        "same": np.broadcast_to(np.float64(np.nan), 1000),
        "odd": np.arange(10, dtype=np.int64)[::3],
    }
    Sections.write(tmp_path / "x", {"said": [1, "zwei"]}, given)

    found = Sections.open(tmp_path / "x")
    assert found.head == {"said": [1, "zwei"]}
    for name, array in given.items():
        assert found.arrays[name].dtype == array.dtype
        assert np.array_equal(found.arrays[name], array, equal_nan=array.dtype == np.float64), name
    assert (tmp_path / "x").stat().st_size < 1000
