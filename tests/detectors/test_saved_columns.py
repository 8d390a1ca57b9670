"""What parts have saved can still be read: saved_columns.json has the columns of every version of every part's state.

A column that a part had when its `state_version` was first released may not vanish or become another one under the same
version: chunks that were saved before would be refused as damaged, or read as what they are not. One may be added when
its fresh value means what was so before. A new part is written down when it is released.
"""

import json
from pathlib import Path

import pytest

from streams.core.links import PARTS

SAVED = json.loads((Path(__file__).parent / "saved_columns.json").read_text("utf-8"))


def columns(name):
    return {column: [str(array.dtype), [*array.shape[1:]]] for column, array in PARTS[name](slots=1).state.items()}


@pytest.mark.parametrize("name", sorted(SAVED.keys() & PARTS.keys()))
def test_columns_that_were_saved_are_still_there(name):
    version, now = str(PARTS[name].state_version), columns(name)
    released = SAVED[name].get(version)
    assert released is not None, f"write it down: {json.dumps({name: {version: now}})}"
    changed = {column: said for column, said in released.items() if now.get(column) != said}
    assert not changed, f"{name} has other columns than when version {version} was released: raise its state_version"


@pytest.mark.parametrize("name", SAVED)
def test_versions_go_up_by_one_and_no_part_goes_back(name):
    versions = sorted(map(int, SAVED[name]))
    assert versions == [*range(1, versions[-1] + 1)]
    assert name not in PARTS or PARTS[name].state_version == versions[-1]
