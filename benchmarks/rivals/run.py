"""Run a rival's job on a stage's topic; the virtual environment is made at the first call and kept in the cache."""

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.rate import Rate
from benchmarks.stage import Stage, until
from tests.servers import jars
from tests.servers.process import ServerProcess

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
JOBS = {"quix": "quix_job.py", "bytewax": "bytewax_job.py"}


def python() -> Path:
    """The interpreter of the environment, which is made anew when the requirements change."""
    mark = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = jars.cache().parents[1] / f"rivals-{mark}"
    found = folder / "bin" / "python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS))
        done = subprocess.run([str(found), *install], check=False, capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise RuntimeError(f"the packages to compare with cannot be installed:\n{done.stderr[-2_000:]}")
        (folder / "ready").touch()
    return found


def rival(stage: Stage, name: str, messages: int) -> Rate:
    """What a rival makes of the first `messages` of the topic."""
    out, log = stage.folder / f"{name}.json", stage.folder / f"{name}.log"
    arguments = (HERE / JOBS[name], stage.bootstrap, messages, stage.county.datastreams, out)
    process = ServerProcess([str(python()), *map(str, arguments)], log)
    try:
        until(lambda: not process.running, 180, f"{name} does not end")
    finally:
        process.kill()
    if not out.exists():
        raise RuntimeError(f"{name} failed:\n{log.read_bytes()[-2_000:].decode(errors='replace')}")
    found = json.loads(out.read_text())
    return Rate(found["messages"], found["seconds"], found["cpu"])
