"""What the Functions host does for a queue trigger, over real storage: fetch, invoke, delete, release, move to poison.

A stand-in for the platform: it takes its numbers from host.json, its queue and its connection from the binding, and
does with a message what the host's own extension does. Left out: a message is not hidden anew after five minutes of
work, bytes that are no text are not tried, and it stops where the host would go on asking an empty queue.

Source: Azure/azure-sdk-for-net, sdk/storage: Microsoft.Azure.WebJobs.Extensions.Storage.Common/src/Shared/Queues/
QueueListener.cs and QueueProcessor.cs; Microsoft.Azure.WebJobs.Extensions.Storage.Queues/src/
QueueServiceClientProvider.cs
"""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueMessage, QueueServiceClient

from tests.worker.results import Invocation
from tests.worker.triggers import queue_message
from tests.worker.worker import INVOKE_S, Worker

POISON = "-poison"
type Running = dict[Future[Invocation], tuple[QueueMessage, str]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`extensions.queues` of host.json; and how long what was fetched is hidden from others, which is always so."""

    batch_size: int
    new_batch_threshold: int
    max_dequeue_count: int
    visibility_timeout_s: float
    is_base64: bool
    hidden_s: int = 600

    @classmethod
    def read(cls, app: Path) -> "Numbers":
        """Read them where the host does; what is not there is as the extension has it."""
        queues = json.loads((app / "host.json").read_text(encoding="utf-8")).get("extensions", {}).get("queues", {})
        batch_size = queues.get("batchSize", 16)
        again = time.fromisoformat(queues.get("visibilityTimeout", "00:00:00"))
        return cls(
            batch_size=batch_size,
            new_batch_threshold=queues.get("newBatchThreshold", batch_size // 2),
            max_dequeue_count=queues.get("maxDequeueCount", 5),
            visibility_timeout_s=again.hour * 3600 + again.minute * 60 + again.second,
            is_base64=queues.get("messageEncoding", "base64").lower() == "base64",
        )


class Fate(StrEnum):
    """What became of a message."""

    DELETED = "deleted"
    RELEASED = "released"  # it is fetched again after the visibility time-out
    POISONED = "poisoned"  # moved to the poison queue
    HIDDEN = "hidden"  # a poison queue has no poison queue: it is left, and fetched again when it shows itself


@dataclass(frozen=True, slots=True)
class Handled:
    """A message that was fetched: what it said, how often it has been, what became of it, how the function went."""

    body: str
    dequeue_count: int
    fate: Fate
    invocation: Invocation | None = None


class QueueHost:
    """Listens on the queue of one function of one worker, as each instance of an app does.

    The host has a connection of its own: by the app's connection string or, where that is none, as `account`.
    """

    def __init__(
        self, worker: Worker, function: str, numbers: Numbers | None = None, account: QueueServiceClient | None = None
    ) -> None:
        trigger = worker.functions[function].trigger
        connection = worker.settings.get(str(trigger["connection"]), "")
        self.worker = worker
        self.function = function
        self.numbers = numbers or Numbers.read(worker.app)
        self.name = str(trigger["queueName"])
        self._account = account or QueueServiceClient.from_connection_string(connection)
        self._queue = self._account.get_queue_client(self.name)
        self._poison = None if self.name.endswith(POISON) else self._account.get_queue_client(self.name + POISON)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._account.close()

    def drain(self) -> list[Handled]:
        """Handle messages until none shows itself and none is being handled, as many at a time as the host does.

        Raises:
            WorkerDiedError: the worker is gone, and so is this host: what it had fetched stays hidden for its time.
        """
        handled: list[Handled] = []
        running: Running = {}
        while True:
            batch = self._fetch() if len(running) <= self.numbers.new_batch_threshold else []
            handled += [done for message in batch if (done := self._begin(message, running))]
            if not batch and not running:
                return handled
            ended, _ = wait(running, INVOKE_S, FIRST_COMPLETED)
            if running and not ended:
                raise TimeoutError(f"{len(running)} messages of {self.name} are still being handled")
            handled += [self._end(*running.pop(future), future.result()) for future in ended]

    def _fetch(self) -> list[QueueMessage]:
        pages = self._queue.receive_messages(
            messages_per_page=self.numbers.batch_size, visibility_timeout=self.numbers.hidden_s
        ).by_page()
        try:
            return list(next(pages, ()))
        except ResourceNotFoundError:  # nobody has put anything there yet
            return []

    def _begin(self, message: QueueMessage, running: Running) -> Handled | None:
        """Start the function; a message that cannot be read, or came too often, is moved without it."""
        count = message.dequeue_count or 0
        try:
            body = base64.b64decode(message.content, validate=True).decode() if self.numbers.is_base64 else None
        except ValueError:
            return Handled(message.content, count, self._give_up(message))
        body = message.content if body is None else body
        if count > self.numbers.max_dequeue_count:
            return Handled(body, count, self._give_up(message))
        trigger = queue_message(
            body,
            message_id=message.id,
            dequeue_count=count,
            pop_receipt=str(message.pop_receipt),
            inserted_at=message.inserted_on,
            expires_at=message.expires_on,
            visible_at=message.next_visible_on,
        )
        running[self.worker.start(self.function, trigger)] = (message, body)
        return None

    def _end(self, message: QueueMessage, body: str, invocation: Invocation) -> Handled:
        count = message.dequeue_count or 0
        if invocation.succeeded:
            fate = self._delete(message)
        elif self._poison is None or count >= self.numbers.max_dequeue_count:
            fate = self._give_up(message)
        else:
            fate = self._release(message)
        return Handled(body, count, fate, invocation)

    def _delete(self, message: QueueMessage) -> Fate:
        with _unless_somebody_else_has_it():
            self._queue.delete_message(message.id, message.pop_receipt)
        return Fate.DELETED

    def _release(self, message: QueueMessage) -> Fate:
        with _unless_somebody_else_has_it():
            hidden_s = int(self.numbers.visibility_timeout_s)
            self._queue.update_message(message.id, message.pop_receipt, visibility_timeout=hidden_s)
        return Fate.RELEASED

    def _give_up(self, message: QueueMessage) -> Fate:
        """Move a message to the poison queue as it came; where that is none, leave it hidden."""
        if self._poison is None:
            return Fate.HIDDEN
        try:
            self._poison.send_message(message.content)
        except ResourceNotFoundError:
            self._poison.create_queue()
            self._poison.send_message(message.content)
        self._delete(message)
        return Fate.POISONED


@contextmanager
def _unless_somebody_else_has_it() -> Iterator[None]:
    """Pass over a message that was hidden for too short a time: it is somebody else's now."""
    try:
        yield
    except ResourceNotFoundError:
        pass
    except HttpResponseError as error:
        if getattr(error, "error_code", None) != "PopReceiptMismatch":
            raise
