from streams.models.command import encode_command
from streams.models.times import HOUR, format_time
from streams.sinks.compacted import Last
from streams.sinks.current import sweep
from streams.sinks.redact import open_alert
from tests.sinks.made import NOON, Sent, command

NOW = NOON * 1000
SENSITIVE, OPEN = "command.current.sensitive", "command.current.open"


def ended(hours_ago, **changed):
    decided = format_time(NOW - hours_ago * HOUR)
    return command(2, msg_type="Cancel", stages={"decided": decided}, **changed)


async def swept(table, now=NOW):
    async def read(_topics):
        return {
            place: Last(sent if sent is None or isinstance(sent, bytes) else encode_command(sent), NOON)
            for place, sent in table.items()
        }

    sent = Sent()
    number = await sweep(read, sent, now)
    assert number == len(sent.sent)
    assert all(value is None for _, _, value in sent.sent)
    return [(topic, key) for topic, key, _ in sent.sent]


async def test_only_what_ended_48_hours_ago_is_buried():
    table = {
        (SENSITIVE, b"open"): command(),
        (SENSITIVE, b"fresh"): ended(47),
        (SENSITIVE, b"old"): ended(49),
        (SENSITIVE, b"buried"): None,
        (SENSITIVE, b"rubbish"): b"{",
        ("command.current.restricted", b"few"): ended(49),
    }
    assert await swept(table) == [("command.current.restricted", b"few"), (SENSITIVE, b"old")]


async def test_a_record_without_stages_goes_by_its_own_time():
    table = {(SENSITIVE, b"x"): command(2, msg_type="Cancel")}
    assert await swept(table, NOW + 47 * HOUR) == []
    assert await swept(table, NOW + 49 * HOUR) == [(SENSITIVE, b"x")]


async def test_the_open_copy_of_an_alert_whose_end_was_not_released_is_buried_too():
    last = ended(49)
    key = open_alert(last).encode()
    assert await swept({(SENSITIVE, b"a"): last, (OPEN, key): command(public="released")}) == [
        (OPEN, key),
        (SENSITIVE, b"a"),
    ]
