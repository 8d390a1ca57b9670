"""Which datastreams of a subject can say of which condition that it is off; the others leave it unknown."""

from collections.abc import Mapping

from streams.core.latch import Key
from streams.core.latch_plan import judgeable
from streams.core.rulebook import Rulebook
from streams.models.site import Datastream


class Known:
    """lost: datastream -> check; doubt: condition -> datastreams that cannot say that it is off.

    unsaid: those among them that have yet to be heard, of conditions whose first answer matters though it is no; said:
    those that have been (station, property, condition).
    """

    def __init__(self, book: Rulebook, members: Mapping[Key, Datastream], *, waits: bool) -> None:
        """`waits`: who was never heard is not taken to be off (of an exercise only those who take part count)."""
        self._book, self._members = book, members
        self.lost: dict[Key, str] = {}
        self.doubt: dict[str, set[Key]] = {}
        self.unsaid: dict[str, set[Key]] = {}
        self.said: set[tuple[str, str, str]] = set()
        for key, stream in members.items():
            for condition in book.fed.get(key[1], ()):
                if not judgeable(condition, stream):
                    self.doubt.setdefault(condition.name, set()).add(key)
                elif waits and condition.name in book.words:
                    self.doubt.setdefault(condition.name, set()).add(key)
                    self.unsaid.setdefault(condition.name, set()).add(key)

    def say(self, key: Key, name: str) -> bool:
        """A datastream answers; whether it had not before, though it mattered."""
        if key not in self.unsaid.get(name, ()):
            return False
        self.unsaid[name].discard(key)
        self.said.add((*key, name))
        if key not in self.lost:
            self.doubt[name].discard(key)
        return True

    def lose(self, key: Key, check: str) -> None:
        """A datastream says nothing any more."""
        self.lost[key] = check
        self._look(key)

    def find(self, key: Key) -> bool:
        """A datastream speaks; whether it was lost."""
        if self.lost.pop(key, None) is None:
            return False
        self._look(key)
        return True

    def _look(self, key: Key) -> None:
        """Whether a datastream can say that its conditions are off."""
        for condition in self._book.fed.get(key[1], ()):
            if key in self._members and not judgeable(condition, self._members[key]):
                continue
            if key in self.lost and condition.kind != "absent":
                self.doubt.setdefault(condition.name, set()).add(key)
            elif condition.name in self.doubt and key not in self.unsaid.get(condition.name, ()):
                self.doubt[condition.name].discard(key)
