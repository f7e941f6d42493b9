"""What the functions of one process share: settings, ledger, channels, queue, connections to Azure.

All of it is opened when it is first needed, and opened anew when the configuration has changed; what is at work with
the old one keeps it until it has ended. Where the configuration has mistakes, every function raises the same error.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from shared.app.exporting import send_lines
from shared.app.queue import PassQueue, StorageQueue
from shared.config import Settings, load_settings
from shared.config.blob_address import is_address
from shared.config.environment import FILE_VARIABLE, TEXT_VARIABLE
from shared.config.source import DEFAULT_FILE, source_version
from shared.connection import STORAGE, StorageService, find_connection
from shared.errors import ConfigError, ConfigUnavailableError, QueueError
from shared.expectations import Target
from shared.gather.connections import Connections, quieten
from shared.ledger.open import default_credentials, open_store
from shared.monitor import run_passes
from shared.notify.channels import open_channels
from shared.rounds import Shell
from shared.telemetry import tell_error, warn

LEDGER_VARIABLE = "DAWNWATCH_LEDGER"
SETTINGS_FOR_S = 60.0
"""How long settings are taken as they are before it is looked whether the configuration has changed."""

LONGEST_PASS_S = 540.0
"""Within the ten minutes that host.json gives a function, with time to write down what was found."""

HOME = Path(__file__).parents[2]


@dataclass(slots=True)
class Opened:
    """One reading of the configuration, and what was opened for it. `users` are at work with it."""

    settings: Settings
    shell: Shell
    queue: PassQueue
    version: str
    stack: AsyncExitStack
    users: int = 0

    def target(self, name: str) -> Target | None:
        """Look a target up; None where the configuration has none of that name."""
        return next((target for target in self.settings.targets if target.name == name), None)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: the configuration (None: what the environment says), the ledger, and what it is relative to."""

    config: Path | str | None = None
    ledger: str = STORAGE
    beside: Path = HOME


class App:
    """The shared part of one process. Its functions run on one event loop."""

    def __init__(
        self,
        places: Places,
        environ: Mapping[str, str] = os.environ,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        queue: PassQueue | None = None,
        settings_for_s: float = SETTINGS_FOR_S,
    ) -> None:
        self.places = places
        self.environ = environ
        self.clock = clock
        self._queue = queue
        self._settings_for_s = settings_for_s
        self._opening = asyncio.Lock()
        self._current: Opened | None = None
        self._looked_s = float("-inf")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Opened]:
        """Give what is open, for as long as it is used.

        Raises:
            ConfigError: the configuration has mistakes, or may not be read.
            ConfigUnavailableError: it cannot be read now, and was not before.
            LedgerError: the ledger cannot be opened.
            QueueError: the queue's connection is not known.
        """
        opened = await self._up_to_date()
        opened.users += 1
        try:
            yield opened
        finally:
            opened.users -= 1
            await self._let_go(opened)

    async def close(self) -> None:
        """Close what is open."""
        opened, self._current = self._current, None
        if opened is not None:
            await self._let_go(opened)

    async def _let_go(self, opened: Opened) -> None:
        if opened is not self._current and not opened.users:
            await opened.stack.aclose()

    async def _up_to_date(self) -> Opened:
        async with self._opening:
            now_s = time.monotonic()
            if self._current is not None and now_s < self._looked_s + self._settings_for_s:
                return self._current
            old = self._current
            try:
                self._current = await self._look(old)
            except ConfigError as error:
                tell_error("not configured", mistakes=str(error))
                raise
            except ConfigUnavailableError as error:
                warn("configuration unavailable", reason=str(error))
                if self._current is None:
                    raise
            self._looked_s = now_s
            if old is not None:
                await self._let_go(old)
            return self._current

    async def _look(self, old: Opened | None) -> Opened:
        """Open the configuration as it is now, where it has changed."""
        version = await asyncio.to_thread(source_version, self.places.config, self.environ)
        if old is not None and version == old.version:
            return old
        settings = _in_time(await asyncio.to_thread(load_settings, self.places.config, self.environ))
        return await self._open(settings, version)

    async def _open(self, settings: Settings, version: str) -> Opened:
        async with AsyncExitStack() as stack:
            store = open_store(self.places.ledger, self.environ, beside=self.places.beside)
            await stack.enter_async_context(store)
            channels = await stack.enter_async_context(open_channels(settings, self.environ))
            connections = await stack.enter_async_context(Connections(settings.cloud, self.environ))
            shell = Shell(settings, store, channels, self.clock, partial(run_passes, connections))
            queue = self._queue
            if queue is None:
                queue = await stack.enter_async_context(_storage_queue(self.environ))
            return Opened(settings, shell, queue, version, stack.pop_all())
        raise AssertionError  # AsyncExitStack swallows nothing


def _in_time(settings: Settings) -> Settings:
    """Let no pass go on for longer than the host lets a function: it would be ended without a word."""
    if settings.limits.pass_timeout_s <= LONGEST_PASS_S:
        return settings
    warn("pass time-out shortened", configured_s=settings.limits.pass_timeout_s, used_s=LONGEST_PASS_S)
    return replace(settings, limits=replace(settings.limits, pass_timeout_s=LONGEST_PASS_S))


def _storage_queue(environ: Mapping[str, str]) -> StorageQueue:
    connection = find_connection(STORAGE, StorageService.QUEUE, environ)
    if connection is None:
        msg = f"The environment does not say where the queue is: set {STORAGE}, or {STORAGE}__queueServiceUri."
        raise QueueError(msg)
    return StorageQueue(connection, default_credentials)


@cache
def the_app() -> App:
    """The app of this process, where Azure Functions runs it."""
    quieten()
    send_lines(os.environ)
    return App(Places(_config(os.environ), os.environ.get(LEDGER_VARIABLE) or STORAGE))


def _config(environ: Mapping[str, str]) -> Path | str | None:
    """Say where the configuration is: a file or a folder is relative to the app's."""
    named = environ.get(FILE_VARIABLE, "").strip()
    if environ.get(TEXT_VARIABLE) or is_address(named):
        return None  # what the environment says is found there
    return HOME / (named or DEFAULT_FILE)
