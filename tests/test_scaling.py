"""The table of docs/scaling.md is what its own model says with its own constants."""

import math
import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[1] / "docs" / "scaling.md").read_text("utf-8")
UNITS = {"k": 1e3, "M": 1e6, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KB": 1e3, "B": 1.0, "µs": 1e-6, "MB/s": 1e6}
DAY_S = 86_400
AT_LEAST = 16


def number(text):
    """`1.1 GB` -> 1.1e9, `20,000/s` -> 20000.0"""
    found = re.match(r"([\d,.]+) ?(µs|[KMGT]?B(?:/s)?|[kM])?", text.strip())
    return float(found[1].replace(",", "")) * UNITS.get(found[2] or "", 1.0)


def rows_after(heading):
    """Cells of the table under a heading."""
    lines = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][1:]


C = {row[0]: row[2] for row in rows_after("Measured constants")}
C = {name: [number(one) for one in value.split(";")] for name, value in C.items()}
C9_QUIET, C9_FLOOD = C["C9"]
SINGLE, FRAMED = C["C11"]
TABLE = rows_after("The model")


def close(cell, value):
    """Whether a cell is a value, rounded as it is shown there."""
    shown = re.match(r"[\d,.]+", cell)[0]
    unit = number(cell) / float(shown.replace(",", ""))
    decimals = len(shown.partition(".")[2])
    assert abs(number(cell) - value) <= 0.51 * unit / 10**decimals, f"{cell}: the model says {value / unit:g}"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_a_row_is_what_the_model_says(row):
    rate, streams, observe, partitions, memory, assess, deliver, *rest = row
    disk, said, a_day, copies, brokers, network, restart = rest
    r, d, f = number(rate), number(streams), int(copies)
    framed = "frames" in rate
    c1, w = (C["C2"][0], FRAMED) if framed else (C["C1"][0], SINGLE)
    p = math.ceil(1.5 * r / (c1 / 2 if d >= 1e6 else c1))
    assert number(observe) == p
    assert number(partitions) == max(AT_LEAST, 2 ** math.ceil(math.log2(2 * p)))
    close(memory, p * C["C4"][0] + d * C["C5"][0])
    a = math.ceil(2 * r * C9_FLOOD / C["C8"][0])
    assert (number(assess), number(deliver)) == (a, math.ceil(a / 2))
    close(disk, r * w * DAY_S * 7 * f)
    for other, value in (("frames: ", r * FRAMED * DAY_S * 7 * f), ("1 d: ", r * w * DAY_S * f)):
        if other in disk:
            close(disk.partition(other)[2], value)
    quiet, flood = said.split("; ")
    close(quiet, r * C9_QUIET * C["C10"][0])
    close(flood, r * C9_FLOOD * C["C10"][0])
    close(a_day, r * C9_QUIET * C["C10"][0] * C["C13"][0] * DAY_S * f)
    count, cores = map(int, brokers.split(" × "))
    assert count >= f
    assert count * cores >= math.ceil(r * w * (f + 1) / C["C12"][0])
    close(network, r * w * (f + 1) / count)
    close(restart, 2 + d / p * C["C7"][0])


def test_sixteen_partitions_are_enough_for_what_is_said():
    eight = 8 * C["C1"][0] / 1.5
    assert eight >= 1.2e6
    assert "Sixteen are enough for eight: 1.2 M readings/s" in TEXT
    assert C["C2"][0] / C["C1"][0] == pytest.approx(5, abs=0.6)


def test_what_is_said_of_progress_records_is_so():
    assert "64 × 64 / 5 s = 820 records/s" in TEXT
    assert round(64 * 64 / 5, -1) == 820
