"""Workers and their storage for tests; without the host's messages these tests are skipped."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.azurite import Azurite, start
from tests.worker.boxed import Boxed, open_boxed
from tests.worker.messages import MISSING, PROTOS
from tests.worker.storage import Storage
from tests.worker.worker import APP, Worker

type StartWorker = Callable[..., Worker]


@pytest.fixture(scope="session", autouse=True)
def _messages() -> None:
    if not (PROTOS / ".ready").exists():
        pytest.skip(MISSING)


@pytest.fixture
def start_worker() -> Iterator[StartWorker]:
    """Start workers for a test. At its end none of them may have printed anything, or have left a connection open."""
    workers: list[Worker] = []
    with ExitStack() as stack:

        def start_one(settings: Mapping[str, str] | None = None, app: Path = APP) -> Worker:
            workers.append(stack.enter_context(Worker(settings, app)))
            return workers[-1]

        yield start_one
    for worker in workers:
        assert worker.printed == ""
        assert [log.message for log in worker.logs if log.category == "asyncio"] == []


@pytest.fixture(scope="package")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Run an Azurite whose names are the apps' alone."""
    yield from start(tmp_path_factory.mktemp("account"))


@pytest.fixture
def storage(account: Azurite) -> Iterator[Storage]:
    """Give a test an empty storage account."""
    storage = Storage(account.connection_string)
    storage.clear()
    with storage.queues:
        yield storage


@pytest.fixture
def boxed(storage: Storage, tmp_path: Path) -> Iterator[Boxed]:
    """Open a box for an app with that storage."""
    with open_boxed(storage, tmp_path) as opened:
        yield opened
