"""Bytewax reads the topic: one function a batch of messages, one worker.

Usage: python bytewax_job.py BOOTSTRAP MESSAGES DATASTREAMS OUT.
"""

import json
import os
import sys
from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.connectors.stdio import StdOutSink
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main
from reading import Marks, decode, slots

BATCH = 2_000


def main() -> None:
    """The command line."""
    bootstrap, messages, datastreams, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    known, marks = slots(datastreams), Marks(messages)

    def slots_of(batch: list[KafkaSourceMessage]) -> list[int]:
        for message in batch:
            reading = decode(message.value)
            known[reading.station, reading.property]
        marks.seen += len(batch)
        if marks.seen >= marks.next:
            marks.mark()
            if marks.done:
                Path(out).write_text(json.dumps(marks.found()))
                os._exit(0)  # the topic holds more than is asked for
        return []

    flow = Dataflow("readings")
    source = KafkaSource([bootstrap], ["readings"], tail=False, batch_size=BATCH)
    stream = op.flat_map_batch("slots", op.input("in", flow, source), slots_of)
    op.output("out", stream, StdOutSink())
    run_main(flow)


if __name__ == "__main__":
    main()
