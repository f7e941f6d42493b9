"""The command's standard streams: UTF-8 where the console is Windows', quiet where the reader has gone."""

import contextlib
import errno
import io
import logging
import os
import sys
from typing import TYPE_CHECKING

from shared.text import plain

if TYPE_CHECKING:
    from rich.console import Console

_LINE_LIMIT = 1_000


def prepare() -> None:
    """Make both streams able to say anything: UTF-8 on Windows, and never an encoding error anywhere.

    What is logged is kept off them: it can hold tracebacks, and the findings say what went wrong.
    """
    logging.getLogger().addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = "utf-8" if os.name == "nt" else stream.encoding
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def open_console() -> "Console":
    """A console on stdout that reads no markup in what it prints, and leaves a closed pipe to the program."""
    from rich.console import Console

    class PlainConsole(Console):
        def on_broken_pipe(self) -> None:
            # Rich would leave with status 1 here, which means findings.
            raise BrokenPipeError

    return PlainConsole(file=sys.stdout, markup=False, highlight=False, emoji=False)


def say(text: str, limit: int = _LINE_LIMIT) -> None:
    """Say something to the person, on stderr, line by line and inert."""
    for line in text.split("\n"):
        sys.stderr.write(plain(line, limit) + "\n")


def is_closed_pipe(error: OSError) -> bool:
    """Whether it means that whoever read our output has left. Windows says EINVAL there."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def abandon_stdout() -> None:
    """Let nothing be written any more, so that Python's own closing flush finds no broken pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(io.UnsupportedOperation):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
