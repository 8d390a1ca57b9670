"""What a digest of code goes by: what it does, and not what is said of it."""

from inspect import getsource

import pytest

import detectors.transforms.mean
from streams.core.code_text import bare

PLAIN = "def f(x):\n    y = '# no remark'\n    return x + len(y)\n"


@pytest.mark.parametrize("same", [
    PLAIN, '"""Of a module."""\n\n' + PLAIN, PLAIN.replace("len(y)", "len(y)  # of a text"),
    PLAIN.replace("    y", '    """Two\n    lines."""\n\n    # and one\n    y'),
])  # fmt: skip
def test_remarks_change_nothing(same):
    assert bare(same) == bare(PLAIN) == PLAIN.rstrip()


def test_what_it_does_changes_it():
    assert bare(PLAIN.replace("+", "-")) != bare(PLAIN)
    assert bare(PLAIN.replace("# no", "# a")) != bare(PLAIN)


def test_what_is_left_of_a_part_still_runs():
    left = bare(getsource(detectors.transforms.mean))
    assert "Moving average" not in left
    assert "_SWEPT = 4" in left.splitlines()
    compile(left, "mean", "exec")
