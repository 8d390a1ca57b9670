"""Which command is which of the expected ones: in order, so that as many as possible are found."""

from collections.abc import Callable, Sequence


def align(wanted: int, came: int, fits: Callable[[int, int], bool]) -> dict[int, int]:
    """Expected -> command. One that is missing does not make those after it wrong."""
    best = [[0] * (came + 1) for _ in range(wanted + 1)]
    match = [[fits(i, j) for j in range(came)] for i in range(wanted)]
    for i in reversed(range(wanted)):
        row, below, own = best[i], best[i + 1], match[i]
        for j in reversed(range(came)):
            row[j] = max(row[j + 1], below[j], below[j + 1] + 1 if own[j] else 0)
    found: dict[int, int] = {}
    i = j = 0
    while i < wanted and j < came:
        if match[i][j] and best[i][j] == best[i + 1][j + 1] + 1:
            found[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def between(found: dict[int, int], number: int, came: int) -> Sequence[int]:
    """The commands among which an expected one that was not found would have to be."""
    first = max((j + 1 for i, j in found.items() if i < number), default=0)
    last = min((j for i, j in found.items() if i > number), default=came)
    taken = set(found.values())
    return [j for j in range(first, last) if j not in taken]
