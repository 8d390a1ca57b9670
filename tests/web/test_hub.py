from streams.web.hub import Event, Subscription, reset
from streams.web.store import Position

POSITION = Position("e", "1-0", "7-0", complete=True)


def full() -> Event:
    return reset(POSITION, "slow")


async def test_a_slow_client_gets_one_reset_and_goes_on() -> None:
    subscription = Subscription(full, limit=3)
    for n in range(4):
        subscription.put(Event("command", str(n), f"e.{n}-0"))
    subscription.put(Event("command", "after", "e.8-0"))
    assert (await subscription.get()) == Event("reset", '{"cause":"slow"}', "e.7-0")
    assert (await subscription.get()).data == "after"


async def test_a_reset_makes_what_waits_meaningless() -> None:
    subscription = Subscription(full)
    subscription.put(Event("command", "1", "e.1-0"))
    subscription.put(reset(POSITION, "rebuilt"))
    assert (await subscription.get()).kind == "reset"
