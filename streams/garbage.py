"""What Python's garbage collector may cost once a process has begun."""

import gc

#: objects made before the youngest are looked through, and how often that is before older ones are. By Python's own
#: numbers (700, 10, 10) it took a twelfth of the time of `assess`, and found nothing: what is decided has no cycles
EVERY = (20_000, 20, 20)


def settle() -> None:
    """What is there now stays: no collection has to look through a site again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*EVERY)
