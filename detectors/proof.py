"""How a check says that a part does not do what every part must."""

import numpy as np

from detectors.base import Bools, Floats, State


class ContractError(AssertionError):
    """A part does not do what every part must."""


def known(answer: Floats) -> Bools:
    """Which readings have an answer."""
    there: Bools = np.logical_and.reduce(np.isfinite(answer.reshape(len(answer), -1)), axis=1)
    return there


def require(holds: bool, message: str) -> None:
    """Else the message."""
    if not holds:
        raise ContractError(message)


def same(found: Floats, expected: Floats, where: str) -> None:
    """The same bytes."""
    found, expected = np.ascontiguousarray(found).ravel(), np.ascontiguousarray(expected).ravel()
    differs = np.flatnonzero(found.view(np.int64) != expected.view(np.int64))
    first = differs[0] if differs.size else 0
    require(not differs.size, f"{where}: number {first} of {len(found)}: {found[first]!r}, not {expected[first]!r}")


def same_state(found: State, expected: State, where: str) -> None:
    """The same bytes in every column."""
    for name, array in expected.items():
        require(found[name].tobytes() == array.tobytes(), f"{where}: the state differs in column {name!r}")
