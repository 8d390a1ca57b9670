"""What the demo says: a few lines, and on a terminal one calm line that moves."""

from rich.console import Console
from rich.status import Status

from streams.demo.tally import Command, Tally
from streams.models.level import COLOURS

_STYLE = {"blue": "blue", "yellow": "yellow", "orange": "dark_orange", "red": "bold red"}
_WORD = {"blue": "蓝 blue", "yellow": "黄 yellow", "orange": "橙 orange", "red": "红 red"}


class Screen:
    """Lines for people go to stderr, the page's address and the summary to stdout."""

    def __init__(self) -> None:
        self._out = Console(highlight=False, soft_wrap=True)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._noted = ""

    def begin(self) -> None:
        """Something has begun."""
        self.note("starting: broker, database, five roles, gateway, page, player")
        if self._err.is_terminal:
            self._status = Status("starting …", console=self._err)
            self._status.start()

    def note(self, text: str) -> None:
        """A line, once."""
        if text != self._noted:
            self._noted = text
            self._err.print(text, style="dim", markup=False)

    def page(self, address: str) -> None:
        """Where to look."""
        self._out.print(f"page: {address}", style="bold", markup=False)
        self._out.file.flush()

    def ready(self, seconds: float) -> None:
        """Everything works."""
        self._err.print(f"ready after {seconds:.1f} s. EXERCISE 演练: a made-up county, nothing here is real")

    def first_alert(self, seconds: float) -> None:
        """The page shows something."""
        self._err.print(f"first alert on the page {seconds:.1f} s after ready", style="dim")

    def alert(self, command: Command) -> None:
        """One line for what opens or rises."""
        if command.reason in ("first", "level_up", "reopened") and command.level:
            headline = command.headline.get("zh") or command.alert or ""
            english = command.headline.get("en", "")
            self._err.print(
                f"  {_WORD[command.level]}  {headline}  {english}", style=_STYLE[command.level], markup=False
            )

    def show(self, accepted: int, tally: Tally) -> None:
        """The line that moves."""
        if self._status is None:
            return
        levels = [f"{sum(level == one for level in tally.open.values())} {one}" for one in reversed(COLOURS)]
        latency = tally.latency
        took = f", reading to feed p50 {latency['p50']:.0f} ms" if latency["count"] else ""
        rejects = sum(tally.rejects.values())
        self._status.update(f"{accepted} readings, open: {', '.join(levels)}; {rejects} rejects{took}; Ctrl-C ends")

    def stopping(self) -> None:
        """The moving line goes."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        self.note("stopping everything")

    def failed(self, reason: str) -> None:
        """Why it does not go on."""
        self.stopping()
        self._err.print(reason, style="red", markup=False)
