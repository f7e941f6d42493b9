"""The worker's process: around the worker library, what Azure's own worker process does, over pipes instead of gRPC.

    python -P child.py APP_FOLDER PROTOS_FOLDER

Frames are a length in four bytes and a StreamingMessage: requests come by stdin, answers and logs go by stdout. What
functions print goes to stderr. Nobody but this machine is called: any other address is refused.
"""

import asyncio
import importlib
import ipaddress
import logging
import os
import sys
import threading
from contextvars import ContextVar
from types import ModuleType, SimpleNamespace
from typing import IO, Any

ANSWERS = {
    "worker_init_request": "worker_init_response",
    "functions_metadata_request": "function_metadata_response",
    "function_load_request": "function_load_response",
    "invocation_request": "invocation_response",
}
LEVELS = {10: "Debug", 20: "Information", 30: "Warning", 40: "Error", 50: "Critical"}
SYSTEM = ("azure.functions", "azure_functions")
USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
INVOCATION: ContextVar[str] = ContextVar("invocation", default="")
"""What a line of the log belongs to; for functions that run in threads, the library keeps it."""


def write_frame(stream: IO[bytes], frame: bytes) -> None:
    stream.write(len(frame).to_bytes(4) + frame)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """Read one frame; None: the other side has closed."""
    length = stream.read(4)
    frame = stream.read(int.from_bytes(length)) if len(length) == 4 else b""
    return frame or None


class Answers(logging.Handler):
    """What goes back, whole frames at a time: answers, and each line of the log as the host is sent it."""

    def __init__(self, stream: IO[bytes], library: ModuleType, protos: ModuleType) -> None:
        super().__init__()
        self.stream = stream
        self.library = library
        self.protos = protos
        self.writing = threading.Lock()

    def send(self, **content: Any) -> None:
        frame: bytes = self.protos.StreamingMessage(**content).SerializeToString()
        with self.writing:
            write_frame(self.stream, frame)

    def emit(self, record: logging.LogRecord) -> None:
        """Send a line. Its fields go along: the host is not told them, but telemetry is, where it is switched on."""
        fields = {name: self.protos.TypedData(string=str(v)) for name, v in vars(record).items() if name not in USUAL}
        log = self.protos.RpcLog(
            invocation_id=INVOCATION.get() or self.library.invocation_id_cv.get(),
            category=record.name,
            level=LEVELS.get(record.levelno, "Trace"),
            message=self.format(record),
            log_category="System" if record.name.startswith(SYSTEM) else "User",
            propertiesMap=fields,
        )
        self.send(rpc_log=log)


async def serve(library: ModuleType, protos: ModuleType, requests: IO[bytes], answers: Answers) -> None:
    """Answer requests, many at a time, until no more can come. What the library lets through ends the process."""
    loop, frames = asyncio.get_running_loop(), asyncio.Queue[bytes | None]()

    def read() -> None:
        frame: bytes | None = b""
        while frame is not None:
            frame = read_frame(requests)
            loop.call_soon_threadsafe(frames.put_nowait, frame)

    async def answer(frame: bytes) -> None:
        request = protos.StreamingMessage.FromString(frame)
        kind = request.WhichOneof("content")
        INVOCATION.set(request.invocation_request.invocation_id)
        wrapped = SimpleNamespace(name=kind, request=request, properties={"host": "127.0.0.1", "protos": protos})
        answered = await getattr(library, kind)(wrapped)
        answers.send(request_id=request.request_id, **{ANSWERS[kind]: answered})

    threading.Thread(target=read, daemon=True).start()
    async with asyncio.TaskGroup() as tasks:
        while (frame := await frames.get()) is not None:
            tasks.create_task(answer(frame))


def refuse_strangers(event: str, arguments: tuple[Any, ...]) -> None:
    """Let sockets of this process connect to this machine alone."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ConnectionRefusedError(f"only this machine may be called from a test, not {host}")


def main(app: str, messages: str) -> None:
    requests, stream = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.path.insert(0, app)
    sys.path.append(messages)
    os.chdir(app)
    protos = importlib.import_module("azure_functions_protos")
    library = importlib.import_module("azure_functions_runtime")
    answers = Answers(stream, library, protos)
    logging.root.addHandler(answers)
    logging.root.setLevel(logging.INFO)
    sys.addaudithook(refuse_strangers)
    library.start_threadpool_executor()
    asyncio.run(serve(library, protos, requests, answers))
    library.stop_threadpool_executor()
    sys.stderr.flush()
    os._exit(0)  # as it ends in Azure: nothing of the app is asked to close


if __name__ == "__main__":
    main(*sys.argv[1:])
