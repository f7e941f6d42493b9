"""A worker with an app in it: start it, see what it found, invoke functions, many at a time, and stop or kill it."""

import json
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from tests.worker.messages import (
    Binding,
    Functions,
    Init,
    Invoke,
    Invoked,
    Load,
    Log,
    Message,
    Metadata,
    Result,
    Retry,
    Trace,
)
from tests.worker.process import Process
from tests.worker.results import Function, Invocation
from tests.worker.triggers import Trigger

APP = Path(__file__).parents[2]
START_S = 60
INVOKE_S = 120


class IndexingError(Exception):
    """The worker could not load the app or index its functions; the message is what the host would log."""


class Worker:
    """A worker in a process of its own. `settings` are its app settings; `app` is the folder with function_app.py."""

    def __init__(self, settings: Mapping[str, str] | None = None, app: Path = APP) -> None:
        self.app = app
        self.settings = dict(settings or {})
        self.capabilities: Mapping[str, str] = {}
        self.functions: dict[str, Function] = {}
        self.logs: list[Log] = []
        self.printed = ""
        self.indexed_s = 0.0
        self._logs: dict[str, list[Log]] = defaultdict(list)
        self._process: Process | None = None

    # --- its life ---

    def __enter__(self) -> Self:
        started_s = time.perf_counter()
        self._process = Process.start(self.app, self.settings, self._keep)
        try:
            found = self._index()
            self.indexed_s = time.perf_counter() - started_s
            for metadata in found:
                self._load(metadata)
        except BaseException:
            self.printed = self._process.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.printed = self.process.stop()

    @property
    def process(self) -> Process:
        assert self._process is not None, "the worker was not started"
        return self._process

    def _index(self) -> Sequence[Metadata]:
        init = Init(host_version="4.1040.0", function_app_directory=str(self.app))
        answer = self._ask(Message(worker_init_request=init)).worker_init_response
        _require(answer.result if answer else None, "the app")
        self.capabilities = answer.capabilities if answer else {}
        found = self._ask(Message(functions_metadata_request=Functions())).function_metadata_response
        _require(found.result if found else None, "the functions")
        return found.function_metadata_results if found else ()

    def _load(self, metadata: Metadata) -> None:
        load = Load(function_id=metadata.function_id, metadata=Metadata(metadata.name, metadata.function_id))
        answer = self._ask(Message(function_load_request=load)).function_load_response
        _require(answer.result if answer else None, metadata.name)
        bindings = tuple(json.loads(binding) for binding in metadata.raw_bindings)
        self.functions[metadata.name] = Function(metadata.name, metadata.function_id, bindings)

    def _ask(self, question: Message) -> Message:
        return self.process.ask(question).result(START_S)

    def _keep(self, log: Log) -> None:
        self.logs.append(log)
        self._logs[log.invocation_id].append(log)

    # --- invoking ---

    def invoke(self, name: str, trigger: Trigger, *, trace_parent: str = "", retry: Retry | None = None) -> Invocation:
        """Run a function and wait for its end. As the host does, give it a trace of its own where none is given."""
        return self.start(name, trigger, trace_parent=trace_parent, retry=retry).result(INVOKE_S)

    def start(
        self, name: str, trigger: Trigger, *, trace_parent: str = "", retry: Retry | None = None
    ) -> "Future[Invocation]":
        """Run a function beside those that run already.

        The future raises:
            WorkerDiedError: the process ended before the function did.
        """
        function = self.functions[name]
        invoke = Invoke(
            invocation_id=str(uuid4()),
            function_id=function.id,
            input_data=(Binding(str(function.trigger["name"]), trigger.data),),
            trigger_metadata=trigger.metadata,
            trace_context=Trace(trace_parent or new_trace()),
            retry_context=retry or Retry(),
        )
        started, ended = time.perf_counter(), Future[Invocation]()

        def end(answered: "Future[Message]") -> None:
            try:
                done = answered.result().invocation_response or Invoked(invoke.invocation_id)
            except Exception as error:  # noqa: BLE001  # it is raised again by whoever waits
                ended.set_exception(error)
            else:
                logs = tuple(self._logs.pop(invoke.invocation_id, ()))
                ended.set_result(Invocation.of(name, done, logs, time.perf_counter() - started))

        self.process.ask(Message(invocation_request=invoke)).add_done_callback(end)
        return ended


def _require(result: Result | None, what: str) -> None:
    """Go on only where the worker says that it went well."""
    if result is None or result.status != "Success":
        why = result.exception.message if result else "the answer was to another question"
        raise IndexingError(f"{what}: {why}")


def new_trace() -> str:
    """Make up where an invocation stands in a trace: a new one, that is sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
