"""The breakages that chaos has to find still fit the code that they break, and are caught by what they break alone."""

import py_compile
import re
import shutil

import pytest

from tests.chaos.breakages import BREAKAGES, ROOT, SEEDS, search
from tests.chaos.faults import FAULTS
from tests.chaos.signs import BEGINNINGS, broken_in, sign_of, summary


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_breakage_fits_and_what_it_leaves_is_python(tmp_path, name):
    shutil.copytree(ROOT / "streams", tmp_path / "streams", ignore=shutil.ignore_patterns("static", "__pycache__"))
    before = {path: path.read_text() for path in tmp_path.rglob("*.py")}
    BREAKAGES[name].edit(tmp_path)
    changed = [path for path, text in before.items() if path.read_text() != text]
    assert changed
    for path in changed:
        py_compile.compile(str(path), doraise=True)


def said(seed, *wrong):
    return [f"seed {seed}: 4 partitions; kill -9 observe", summary(wrong), *(f"    WRONG {line}" for line in wrong)]


def test_only_what_it_breaks_catches_it():
    runs = {
        1: (1, [*said(1, "StuckError: waited 120 s until all roles are ready")]),
        2: (1, ["seed 2: 4 partitions; broker", *said(3, "redis, open: R1 is missing", "(a) {}")]),
        4: (1, said(5, "(b) {}", "(d) (b) is broken")),
    }
    assert search({"(b)"}, runs.__getitem__) == "(b)"


@pytest.mark.parametrize(
    "answer", [(0, said(SEEDS)), (2, ["no java"]), (1, ["Traceback"]), (1, said(SEEDS, "DiedError: gone"))]
)
def test_what_ends_without_the_sign_is_no_catch(answer):
    assert search({"(b)"}, lambda _: answer) is None


def test_one_seed_alone_is_not_run_for_ever():
    assert search({"(b)"}, lambda _: (1, said(7, "audit of x"))) is None


def test_every_sign_that_is_asked_for_is_one():
    known = {*BEGINNINGS.values()} - {"stuck", "died"}
    assert all(one.breaks <= known and one.breaks for one in BREAKAGES.values())
    assert {fault for one in BREAKAGES.values() for fault in one.faults.split(",") if fault} <= set(FAULTS)
    assert [sign_of("redis, open: x is missing"), sign_of("Traceback")] == ["redis", "other"]
    stuck = "StuckError: waited 120 s until {}\nlog"
    assert [sign_of(stuck.format(what)) for what in ("redis has all", "time passes")] == ["redis", "stuck"]
    assert broken_in(summary(["feed of Z1: x", "(a) y", "(a) z"])) == ["(a)", "feed"]
    assert broken_in("    WRONG (a)") == []


def test_the_document_says_what_has_to_break():
    rows = re.findall(
        r"^\| `([\w-]+)` \|[^|]+\| ([^|]+) \|[^|]+\|$", (ROOT / "docs/chaos.md").read_text(), re.MULTILINE
    )
    said = {name: {*re.findall(r"\([abcd]\)", cell), *re.findall(r"`(\w+)`", cell)} for name, cell in rows}
    assert said == {name: set(one.breaks) for name, one in BREAKAGES.items()}
