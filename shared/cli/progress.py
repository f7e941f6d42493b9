"""Beside the way of a datum: how much has been read so far, on stderr, for a person who waits."""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self, TextIO

from shared.formats.words import count


class Progress:
    """A line that counts the pages and objects read, and their rate; nothing where `stream` is no terminal.

    `advance` takes what was read since the last call: it is the callable that gathering reports to.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.pages = 0
        self.objects = 0
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._started_at = clock()
        self._show: Callable[[str], None] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Show the line, where there is a terminal."""
        self._started_at = self._clock()
        if self._stream.isatty():
            self._show = self._open_line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away."""
        self._show = None
        self._open.close()

    def advance(self, pages: int, objects: int) -> None:
        """Count what has just been read."""
        self.pages += pages
        self.objects += objects
        if self._show is not None:
            self._show(self.line())

    def line(self) -> str:
        """What the line says."""
        seconds = max(self._clock() - self._started_at, 0.001)
        rate = f"{self.objects / seconds:,.0f} a second"
        return f"Read {count(self.pages, 'page')}, {count(self.objects, 'object')} ({rate})"

    def _open_line(self) -> Callable[[str], None]:
        from rich.console import Console

        status = Console(file=self._stream, markup=False, highlight=False).status("Reading", spinner="line")
        self._open.enter_context(status)
        return status.update
