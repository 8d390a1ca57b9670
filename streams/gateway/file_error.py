"""What is wrong with a file: where, what was found, what would be right."""

from pathlib import Path

from streams.core.refusal import Refusal, describe


class FileError(Exception):
    """Stops a command with exit 2, before anything was sent."""

    def __init__(
        self, path: Path, line: int | None, column: str | int | None, found: object, expected: str, detail: str = ""
    ) -> None:
        self.path, self.line, self.column, self.expected, self.detail = path, line, column, expected, detail
        self.found = found if isinstance(found, str) else describe(found)
        super().__init__(str(self))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        says = f"{self.detail}: " if self.detail else ""
        return f"{place}: {says}found {self.found}; expected {self.expected}"


def from_refusal(path: Path, line: int, refusal: Refusal, row: int | None = None) -> FileError:
    """A refused row of a line."""
    where = refusal.field if not row else f"row {row + 1}{'.' + refusal.field if refusal.field else ''}"
    expected = refusal.expected or "a value that docs/wire.md allows"
    return FileError(path, line, where, refusal.found or "nothing", expected, refusal.detail)
