from types import SimpleNamespace

import pytest

from streams.checkpoint.death_file import DeathFile
from streams.checkpoint.in_hand import HandNote
from streams.completion import Partition, Start
from streams.models.saved import Death

TOPICS = ("commands", "latest")
COMMANDS, LATEST = Partition("commands", 3), Partition("latest", 3)


@pytest.fixture
def started(tmp_path):
    """Processes of one name, one after the other."""

    def start():
        file = DeathFile(HandNote(tmp_path / "deliver.redis-0.hand"), TOPICS)
        file.open()
        return file

    return start


def records(*offsets):
    return [SimpleNamespace(offset=offset) for offset in offsets]


def deaths(file, tp):
    return [(death.first, death.last, death.why) for death in file.verdicts(tp).deaths]


def test_who_ended_in_the_middle_of_its_work_is_told_of_by_the_next_one_once(started):
    started().take(LATEST, records(5, 6, 9))
    for _ in range(2):
        assert deaths(started(), LATEST) == [(5, 9, "killed")]
    assert deaths(started(), COMMANDS) == []


def test_who_had_done_its_work_has_not_died_of_it(started):
    file = started()
    file.take(COMMANDS, records(5))
    file.done()
    assert deaths(started(), COMMANDS) == []


def test_what_lies_behind_and_what_counts_in_another_log_is_forgotten(started):
    file = started()
    for tp in (COMMANDS, LATEST):
        for offset in (4, 5):
            file.add(tp, Death(offset, offset, "exception", "", f"{tp}{offset}"))
    file.passed({COMMANDS: Start(5, 5)})
    assert [death[:2] for death in deaths(started(), COMMANDS)] == [(5, 5)]
    file.forget(LATEST)
    assert deaths(started(), LATEST) == []


def test_without_a_run_directory_it_is_kept_in_memory():
    file = DeathFile(HandNote(None), TOPICS)
    file.open()
    file.add(COMMANDS, Death(4, 4, "exception"))
    assert deaths(file, COMMANDS) == [(4, 4, "exception")]
