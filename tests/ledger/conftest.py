"""An empty ledger in each store, to be opened as often as a test likes."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from shared.ledger.account import ByConnectionString
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import Store
from shared.ledger.tables import TablesStore
from tests.azurite import Azurite

type Reopen = Callable[[], Store]


@pytest.fixture
def table_name() -> str:
    return f"t{uuid4().hex}"


@pytest.fixture(params=["sqlite", "tables"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path, table_name: str) -> Reopen:
    """Make a store over one and the same ledger, each time anew."""
    if request.param == "sqlite":
        return lambda: SqliteStore(tmp_path / "dawnwatch.db")
    azurite: Azurite = request.getfixturevalue("azurite")
    return lambda: TablesStore(ByConnectionString(azurite.connection_string), table_name)


@pytest_asyncio.fixture
async def store(reopen: Reopen) -> AsyncIterator[Store]:
    async with reopen() as opened:
        yield opened
