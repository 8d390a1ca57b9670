"""The breakages that chaos has to find still fit the code that they break."""

import py_compile
import shutil

import pytest

from tests.chaos.breakages import BREAKAGES, ROOT


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_breakage_fits_and_what_it_leaves_is_python(tmp_path, name):
    shutil.copytree(ROOT / "streams", tmp_path / "streams", ignore=shutil.ignore_patterns("static", "__pycache__"))
    before = {path: path.read_text() for path in tmp_path.rglob("*.py")}
    BREAKAGES[name](tmp_path)
    changed = [path for path, text in before.items() if path.read_text() != text]
    assert changed
    for path in changed:
        py_compile.compile(str(path), doraise=True)
