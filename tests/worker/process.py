"""A worker's process and the talk with it: many questions at a time, each answered when its answer comes."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import msgspec

from tests.worker.child import read_frame, write_frame
from tests.worker.messages import PROTOS, Log, Message, decode, encode

CHILD = Path(__file__).with_name("child.py")
KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP")
STOP_S = 20


class WorkerDiedError(Exception):
    """The worker's process ended with questions still open; the message has what it printed."""


@dataclass
class Process:
    """A running process. `on_log` is told each line of its log, before the answer of what it belongs to."""

    running: subprocess.Popen[bytes]
    printed: IO[bytes]
    on_log: Callable[[Log], None]
    ids: Iterator[int] = field(default_factory=count)
    open: dict[str, Future[Message]] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.listener = threading.Thread(target=self._listen, daemon=True)

    @classmethod
    def start(cls, app: Path, settings: Mapping[str, str], on_log: Callable[[Log], None]) -> "Process":
        """Start one that knows of this process's environment only what any process needs, and the settings."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        printed = TemporaryFile()  # noqa: SIM115  # it is closed with the process
        running = subprocess.Popen(
            [sys.executable, "-P", str(CHILD), str(app), str(PROTOS)],
            env={**kept, "NO_PROXY": "localhost,127.0.0.1", **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=printed,
        )
        process = cls(running, printed, on_log)
        process.listener.start()
        return process

    def ask(self, question: Message) -> Future[Message]:
        """Send a question; the future is its answer."""
        request_id, answer = str(next(self.ids)), Future[Message]()
        self.open[request_id] = answer
        frame = encode(msgspec.structs.replace(question, request_id=request_id))
        try:
            with self.writing:
                write_frame(self._stream(self.running.stdin), frame)
        except (OSError, ValueError):
            self._give_up()
        return answer

    def _listen(self) -> None:
        stream = self._stream(self.running.stdout)
        while frame := read_frame(stream):
            message = decode(frame)
            if message.rpc_log is not None:
                self.on_log(message.rpc_log)
            elif answer := self.open.pop(message.request_id, None):
                answer.set_result(message)
        self.running.wait()
        self._give_up()

    def _give_up(self) -> None:
        while self.open:
            _, answer = self.open.popitem()
            answer.set_exception(WorkerDiedError(f"status {self.running.poll()}: {self.said()}"))

    def said(self) -> str:
        """What it printed so far; a worker that is well prints nothing."""
        self.printed.seek(0)
        return self.printed.read().decode(errors="replace")

    def stop(self) -> str:
        """Let it end what it is at, and end; return what it printed."""
        with suppress(BrokenPipeError):
            self._stream(self.running.stdin).close()
        try:
            self.running.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self.listener.join()
        self._stream(self.running.stdout).close()
        with self.printed:
            return self.said()

    def kill(self) -> None:
        """End it at once, as a machine that goes away does."""
        self.running.kill()
        self.running.wait()

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream
