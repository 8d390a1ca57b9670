"""Apache Kafka's jars: fetched once by Maven into a cache, and what a machine needs for that."""

import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("kafka-pom.xml")
JAVA_AT_LEAST = 17


def version() -> str:
    """The Kafka version that the pom names."""
    found = re.search(r"<kafka\.version>([^<]+)<", POM.read_text("utf-8"))
    assert found, f"{POM} names no kafka.version"
    return found[1]


def cache() -> Path:
    """Where the jars of this version lie (or will)."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "tocsin" / f"kafka-{version()}" / "libs"


def class_archive() -> Path:
    """Where Kafka's loaded classes lie (or will), of this Java: tests/servers/class_archive.py."""
    told = hashlib.sha256(_words_of(shutil.which("java")).encode()).hexdigest()[:12]
    return cache().with_name(f"classes-{told}.jsa")


def what_is_missing() -> str | None:
    """Why no real Kafka can be run here, or None when it can."""
    java = _java_version()
    if java < JAVA_AT_LEAST:
        have = f"Java {java}" if java else "no java"
        return f"a real Kafka needs Java {JAVA_AT_LEAST} or newer on PATH (found: {have})"
    if not cache().is_dir() and not shutil.which("mvn"):
        return f"a real Kafka needs Maven (mvn) on PATH to fetch its jars into {cache()}"
    return None


def fetch() -> Path:
    """The folder of jars, downloaded on the first call. Two runs that start together do it once."""
    libs = cache()
    libs.parent.mkdir(parents=True, exist_ok=True)
    with (libs.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not libs.is_dir():
            _download(libs)
    return libs


def _download(libs: Path) -> None:
    """Into a folder beside it first: a broken download is never taken for a whole one."""
    part = Path(tempfile.mkdtemp(dir=libs.parent, prefix="part-"))
    try:
        _maven("--file", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={part}")
        part.rename(libs)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _maven(*arguments: str) -> None:
    done = subprocess.run(
        ["mvn", "--batch-mode", "--quiet", *arguments], check=False, capture_output=True, text=True, timeout=900
    )
    if done.returncode:
        raise RuntimeError(f"Maven could not fetch Kafka's jars:\n{done.stdout}{done.stderr}")


def _java_version() -> int:
    """The major version of `java`, 0 when there is none."""
    found = re.search(r'version "(?:1\.)?(\d+)', _words_of(shutil.which("java")))
    return int(found[1]) if found else 0


@functools.cache
def _words_of(java: str | None) -> str:
    """What `java -version` says, nothing when there is none."""
    return subprocess.run([java, "-version"], check=False, capture_output=True, text=True).stderr if java else ""
