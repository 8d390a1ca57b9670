"""The one way to end a process at once."""

import subprocess
import sys

CODE = """
import asyncio, atexit, sys, threading, time
from streams.fatal import die

atexit.register(print, "tidied up")

def in_a_thread():
    time.sleep(60)

async def in_a_task():
    await asyncio.sleep(60)

async def main():
    threading.Thread(target=in_a_thread, daemon=True).start()
    task = asyncio.create_task(in_a_task())
    await asyncio.sleep(0)
    try:
        die("it had to be", stacks=sys.argv[1] == "stacks")
    finally:
        print("went on")

asyncio.run(main())
"""


def ended(said):
    return subprocess.run([sys.executable, "-c", CODE, said], capture_output=True, text=True, timeout=50, check=False)


def test_every_thread_and_task_is_in_the_log_before_it_ends_with_70_and_nothing_runs_after_it():
    found = ended("stacks")
    assert (found.returncode, found.stdout) == (70, "")
    said, _, last = found.stderr.rpartition("FATAL it had to be")
    assert "in in_a_thread" in said
    assert "in in_a_task" in said
    assert last.strip() == ""
    assert "in_a_task" not in ended("none").stderr
