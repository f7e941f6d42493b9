"""A terminal of its own for a command, and somebody who sits at it."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


class Terminal:
    """Runs `dawnwatch` with a pseudo-terminal on all its streams."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> None:
        self.shown = ""
        self._read = 0
        self._ours, theirs = pty.openpty()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "shared.cli", *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "TERM": "dumb", **environ},
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        os.close(self._ours)

    def expect(self, text: str) -> None:
        """Wait until a text is shown, after what was waited for before."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.shown[self._read :]:
            assert time.monotonic() < deadline, f"{text!r} was not shown in:\n{self.shown}"
            assert self._take(), f"it left without showing {text!r}:\n{self.shown}"
        self._read = self.shown.index(text, self._read) + len(text)

    def _take(self) -> bool:
        """Take what is shown; False once the command has left."""
        if not select.select([self._ours], [], [], 1)[0]:
            return True
        try:
            taken = os.read(self._ours, 65_536)
        except OSError:  # on Linux a terminal that nobody has open any more says EIO
            return False
        self.shown += taken.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(taken)

    def answer(self, text: str) -> None:
        """Type a line."""
        os.write(self._ours, text.encode() + b"\n")

    def end(self) -> None:
        """Type what ends the input."""
        os.write(self._ours, b"\x04")

    def status(self) -> int:
        """Wait until the command has left; its exit status."""
        while self._take():
            pass
        return self._child.wait(PATIENCE_S)
