"""Quix Streams reads the topic: bytes in, one function a message.

Usage: python quix_job.py BOOTSTRAP MESSAGES DATASTREAMS OUT.
"""

import json
import sys
from pathlib import Path

from quixstreams import Application
from reading import Marks, decode, slots


def main() -> None:
    """The command line."""
    bootstrap, messages, datastreams, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    known, marks = slots(datastreams), Marks(messages)
    app = Application(
        broker_address=bootstrap,
        consumer_group=f"quix-{out}",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="WARNING",
    )

    def slot_of(value: bytes) -> None:
        reading = decode(value)
        known[reading.station, reading.property]
        marks.seen += 1
        if marks.seen >= marks.next:
            marks.mark()

    topic = app.topic("readings", value_deserializer="bytes")
    app.dataframe(topic).update(slot_of)
    app.run(count=messages)
    Path(out).write_text(json.dumps(marks.found()))


if __name__ == "__main__":
    main()
