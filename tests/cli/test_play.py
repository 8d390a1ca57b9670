"""How `tocsin play` ends."""

import asyncio

import pytest

from streams.cli.play import until_told


async def forever(seen: list[str], deaf: int = 0) -> None:
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("told")
            if len(seen) > deaf:
                raise


@pytest.mark.parametrize("deaf", [0, 2])
async def test_it_ends_when_told_even_if_a_library_did_not_hear_the_first_time(deaf):
    seen, stop = [], asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    await asyncio.wait_for(until_told(forever(seen, deaf), stop), 5)
    assert len(seen) == deaf + 1


async def test_it_ends_after_its_time():
    seen = []
    await asyncio.wait_for(until_told(forever(seen), asyncio.Event(), 0.05), 5)
    assert seen == ["told"]


async def test_it_ends_at_its_own_end_and_says_what_went_wrong():
    async def breaks() -> None:
        raise ValueError("no such river")

    await until_told(asyncio.sleep(0), asyncio.Event())
    with pytest.raises(ValueError, match="no such river"):
        await until_told(breaks(), asyncio.Event())
