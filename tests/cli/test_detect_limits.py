"""`tocsin detect`: thresholds in words, offsets before zero, and files that no answer may overwrite."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from streams.config.parts import PARTS

GIVEN = ("--step", "60 s", "--value", "value")


@pytest.fixture
def call(call):
    """In a folder with 300 values."""
    values = np.random.default_rng(1).normal(size=300)
    Path("a.csv").write_text("".join(f"{line}\n" for line in ["value", *values.tolist()]))
    return call


@pytest.fixture
def bad(call):
    def answer(*given):
        result = call(*given)
        assert result.exit_code == 2
        assert result.stdout == ""
        return result.stderr.strip()

    return answer


def triggers(result):
    assert result.exit_code == 0, result.stderr
    return [row["trigger"] for row in csv.DictReader(io.StringIO(result.stdout))]


@pytest.mark.parametrize("text", ["1.5*q0.9", "1.5 * q0.9", "1.5*q.9"])
def test_a_threshold_may_be_a_multiple_of_a_quantile_of_the_training(call, text):
    given = ("threshold", "a.csv", *GIVEN, "--train", 200)
    values = np.loadtxt("a.csv", skiprows=1)
    level = repr(1.5 * float(np.quantile(values[:200], 0.9)))
    found = triggers(call(*given, "--param", f"thr_on={text}", "--param", "thr_off=1*q0.5"))
    half = repr(float(np.quantile(values[:200], 0.5)))
    assert "1" in found
    assert found == triggers(call(*given, "--param", f"thr_on={level}", "--param", f"thr_off={half}"))


def test_a_quantile_needs_training_and_lies_between_0_and_1(bad):
    given = ("threshold", "a.csv", *GIVEN)
    assert "there was none" in bad(*given, "--param", "thr_on=2*q0.99")
    wrong = bad(*given, "--train", 200, "--param", "thr_on=2*q1.5")
    assert "--param thr_on=2*q1.5: found '2*q1.5'; right would be a number, or 2*q0.99" in wrong


def test_thresholds_that_contradict_each_other_are_refused(bad):
    given = ("threshold", "a.csv", *GIVEN, "--param", "thr_on=1", "--param", "thr_off=2")
    assert "thr_off 2 is above thr_on 1" in bad(*given)


def test_a_zone_west_of_greenwich(call, bad):
    given = ("daily", "a.csv", *GIVEN)
    assert call(*given, "--param", "utc_offset=-3 h").exit_code == 0
    assert "found '-3 h'" in bad(*given, "--param", "day_starts=-3 h")


def test_the_file_to_train_on_is_never_overwritten(bad):
    Path("a.csv").rename("train.csv")
    Path("train.txt").write_text(Path("train.csv").read_text())
    before = Path("train.csv").read_text()
    said = bad("ewma_z", "train.txt", *GIVEN, "--train-file", "train.csv", "--out-dir", ".")
    assert said == "train.txt: its output train.csv is an input; right would be another --out-dir"
    assert "--plot train.csv: this is an input" in bad(
        "ewma_z", "train.txt", *GIVEN, "--train-file", "train.csv", "--plot", "train.csv"
    )
    assert Path("train.csv").read_text() == before


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_file_without_rows_has_an_answer_without_rows(call, part):
    names = ["a", "b"] if part == "vector_sum" else PARTS[part].inputs or ["a"]
    Path("empty.csv").write_text(",".join(names) + "\n")
    result = call(part, "empty.csv", "--rate", 100, "--value", ",".join(names))
    assert result.exit_code == 0, result.stderr
    outputs = PARTS[part].outputs
    assert result.stdout.strip() == ",".join(["time", *outputs, *(["trigger"] if outputs == ("score",) else [])])


@pytest.mark.parametrize("rows", ["", "1\n2\n"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_another_encoding_is_refused(bad, rows, encoding):
    Path("b.csv").write_bytes(("value\n" + rows).encode(encoding))
    assert "UTF-16" in bad("threshold", "b.csv", *GIVEN)
