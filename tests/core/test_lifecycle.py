"""The life of an alert is its table: what the document draws, what a command may say, and that no alert gets stuck."""

from pathlib import Path
from typing import get_args

import pytest

from streams.core.lifecycle import REASONS, TRANSITIONS, State, Stimulus, diagram, reason, step
from streams.models.command import Reason

DOCUMENT = Path(__file__).parents[2] / "docs" / "alerts.md"
BEGIN, END = "<!-- lifecycle -->", "<!-- /lifecycle -->"
EVERY = [(state, stimulus) for state in State for stimulus in Stimulus]


def reachable(start):
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        todo += [to for (at, _), (to, _) in TRANSITIONS.items() if at is here and to not in found]
        found |= set(todo)
    return found


def test_the_document_draws_the_table():
    drawn = DOCUMENT.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    wanted = f"```mermaid\n{diagram()}```"
    assert drawn == wanted, f"between {BEGIN} and {END} of docs/alerts.md has to stand:\n{wanted}"


def test_the_diagram_has_every_arrow_once():
    arrows = [line.strip() for line in diagram().splitlines() if "-->" in line]
    assert len(arrows) == len(set(arrows)) == len(TRANSITIONS) + 1
    assert arrows[0] == "[*] --> quiet"


@pytest.mark.parametrize(("state", "stimulus"), [pair for pair in EVERY if pair not in TRANSITIONS])
def test_what_the_table_does_not_name_changes_nothing(state, stimulus):
    assert step(state, stimulus) == (state, None)


@pytest.mark.parametrize("stimulus", Stimulus)
def test_a_command_says_a_reason_of_the_wire(stimulus):
    speaks = any(msg_type is not None for (_, x), (_, msg_type) in TRANSITIONS.items() if x is stimulus)
    if speaks:
        assert reason(stimulus) in get_args(Reason)
    else:
        assert stimulus not in REASONS


@pytest.mark.parametrize("state", State)
def test_no_state_is_a_dead_end(state):
    assert state in reachable(State.QUIET)
    assert State.QUIET in reachable(state)


@pytest.mark.parametrize("stimulus", Stimulus)
def test_every_stimulus_means_something_somewhere(stimulus):
    assert any(x is stimulus for _, x in TRANSITIONS)


@pytest.mark.parametrize(("pair", "outcome"), TRANSITIONS.items(), ids=lambda one: "-".join(map(str, one)))
def test_the_message_type_says_what_happened(pair, outcome):
    """`Alert` opens, `Cancel` ends, `Update` and `Ack` are about an alert that is open and stays so."""
    (before, _), (after, msg_type) = pair, outcome
    is_open = {State.ACTIVE, State.PROPOSED}
    expected = {
        (False, True): {"Alert"},
        (True, False): {"Cancel"},
        (True, True): {"Update", "Ack"},
        (False, False): {None},
    }
    assert msg_type in expected[before in is_open, after in is_open]
