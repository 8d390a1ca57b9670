"""The Makefile: it explains itself, hands signals on, and says clearly what a machine lacks."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKE = shutil.which("make") or "make"
GIVEN = {"ARGS", "BREAK", "FOR", "FULL", "KAFKA", "N", "ONLY", "REDIS", "SEED", "SPEED"}
TARGETS = {"help", "demo", "test", "check", "bench", "fmt"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and a .venv that seems ready; `tocsin` in it is the test's own."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for path in (binaries / "python", binaries / "uv", binaries.parent / ".ready-to-run"):
        path.touch()
    return tmp_path


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # what the `make test` around us was given (ARGS="-k flood") is in the environment too
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name not in GIVEN}
    return subprocess.run(
        [MAKE, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=clean | environment
    )


def tocsin(folder: Path, script: str) -> None:
    path = folder / ".venv" / "bin" / "tocsin"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_help_is_the_default_and_names_every_target():
    told = make(ROOT).stdout
    assert set(re.findall(r"^  make ([a-z]+)", told, re.MULTILINE)) >= TARGETS


def test_demo_passes_what_it_is_given(project: Path):
    tocsin(project, 'echo "$@"')
    told = make(project, "demo", "FOR=60", "KAFKA=k:9092", "REDIS=redis://r/0", "SPEED=10").stdout
    assert told.split() == ["demo", "--for", "60", "--speed", "10", "--kafka", "k:9092", "--redis", "redis://r/0"]
    assert make(project, "demo").stdout.split() == ["demo"]


def test_bench_passes_what_it_is_given(project: Path):
    python = project / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    (project / ".venv" / ".ready-to-work").touch()
    told = make(project, "bench", "ONLY=pipeline.frames", "FULL=1", "ARGS=--json").stdout
    assert told.split() == ["-m", "benchmarks", "--only", "pipeline.frames", "--full", "--json"]
    assert make(project, "bench").stdout.split() == ["-m", "benchmarks"]


@pytest.mark.parametrize(("target", "module"), [("test", "pytest"), ("chaos", "tests.chaos")])
def test_what_starts_many_processes_compiles_once(project: Path, target: str, module: str):
    python = project / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$2 ${PYTHONDONTWRITEBYTECODE-unset} $PYTHONPYCACHEPREFIX"\n')
    python.chmod(0o755)
    (project / ".venv" / ".ready-to-work").touch()
    told = make(project, target, PYTHONDONTWRITEBYTECODE="1", PYTHONPYCACHEPREFIX="/elsewhere").stdout.split()
    assert told == [module, "unset", str(project / ".venv" / "compiled")]


@pytest.mark.parametrize(("number", "to_group"), [(signal.SIGTERM, False), (signal.SIGINT, True)])
def test_signals_reach_the_demo(project: Path, number: signal.Signals, to_group: bool):
    """SIGTERM comes to make alone (a supervisor, a test), Ctrl-C to everything on the terminal."""
    tocsin(project, "trap 'sleep 0.3; echo tidy >> log; exit 0' TERM INT; echo $$ > log; while :; do sleep 0.05; done")
    process = subprocess.Popen(["make", "demo"], cwd=project, start_new_session=True, stderr=subprocess.DEVNULL)
    log = project / "log"
    deadline = time.monotonic() + 10
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (os.killpg if to_group else os.kill)(process.pid, number)
    process.wait(10)
    pid, *rest = log.read_text().split()
    assert rest == ["tidy"], "make went before its child had tidied up"
    assert not Path(f"/proc/{pid}").exists()


def test_the_exit_code_is_the_demos(project: Path):
    tocsin(project, "exit 1")
    assert make(project, "demo").returncode != 0


def test_says_that_python_is_too_old_or_not_there(tmp_path: Path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("sh", "awk", "touch", "mkdir"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # what every question about a version gets from an old one
    old.chmod(0o755)
    done = make(tmp_path, ".venv/bin/python", PATH=f"{tmp_path}")
    assert done.returncode != 0
    assert "needs Python 3.11" in done.stdout


def test_says_which_package_brings_venv(tmp_path: Path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    bare = tmp_path / "python-of-debian"
    bare.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n')
    bare.chmod(0o755)
    done = make(tmp_path, ".venv/bin/python", f"PYTHON={bare}")
    assert done.returncode != 0
    assert "python3-venv" in done.stdout
