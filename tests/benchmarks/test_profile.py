from benchmarks.profile import REST, counted, part_of, shares

STACKS = [
    "run (asyncio/runners.py:1);handle (streams/agents/observe.py:60);decode (streams/core/decode.py:50) 6",
    "run (asyncio/runners.py:1);handle (streams/agents/observe.py:61);update (detectors/ewma.py:9) 3",
    "run (asyncio/runners.py:1) 1",
]


def test_the_innermost_frame_that_is_known_says_the_part():
    parts, functions = counted(STACKS)
    assert parts == {"decoding": 6, "judging": 3, REST: 1}
    assert functions["decode (streams/core/decode.py)"] == 6


def test_the_record_parser_belongs_to_who_calls_it():
    assert part_of(["x (aiokafka/producer/sender.py:1)", "append (aiokafka/record/batch.py:2)"]) == "sending"
    assert part_of(["x (aiokafka/consumer/fetcher.py:1)", "read (aiokafka/record/batch.py:2)"]) == "fetching"


def test_shares_add_up():
    assert shares(counted(STACKS)[0], 2).splitlines()[0].split() == ["60.0", "%", "decoding"]
