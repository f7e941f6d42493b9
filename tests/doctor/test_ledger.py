"""Looking at a ledger: what is there, what is not yet, what is none; and nothing is made or changed by it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from shared.doctor.diagnosis import Verdict
from shared.doctor.ledger import examine_ledger, where_is_ledger
from shared.ledger.account import ByConnectionString
from shared.ledger.inspect import inspect_ledger, look_at_table
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import Put
from shared.ledger.tables import TABLE, TablesStore
from tests.azurite import Azurite


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


async def test_a_ledger_that_is_there_can_be_read_and_is_left_as_it_was(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "l.db") as store:
        await store.write("contoso", [[Put("i|1", b"x")]])
    before = files(tmp_path)
    point = await examine_ledger("l.db", {}, tmp_path)
    assert (point.verdict, point.detail) == (Verdict.OK, f"The ledger {tmp_path / 'l.db'} can be read.")
    assert files(tmp_path) == before


async def test_a_ledger_that_somebody_has_open_can_be_read(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "l.db") as store:
        await store.write("contoso", [[Put("i|1", b"x")]])
        assert (await examine_ledger("l.db", {}, tmp_path)).verdict is Verdict.OK
        await store.write("contoso", [[Put("i|2", b"y")]])
        assert len(await store.read("contoso", "i|")) == 2


async def test_a_ledger_that_is_not_there_yet_is_told_and_not_made(tmp_path: Path) -> None:
    point = await examine_ledger("state/l.db", {}, tmp_path)
    assert point.verdict is Verdict.OK
    assert "is not there yet: the first round makes it." in point.detail
    assert files(tmp_path) == {}


async def test_what_is_no_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("hello" * 100, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE t (a)")
    for where, said in (
        ("text.db", "is not a ledger"),
        ("other.db", "another program's database"),
        ("text.db/l.db", "is no folder"),
        ("NO_SUCH_CONNECTION", "which the environment does not know"),
    ):
        point = await examine_ledger(where, {}, tmp_path)
        assert point.verdict is Verdict.FAILED
        assert said in point.detail


@pytest.mark.parametrize(
    ("environ", "where"),
    [
        ({}, "dawnwatch.db"),
        ({"WEBSITE_SITE_NAME": "dawnwatch"}, "AzureWebJobsStorage"),
        ({"WEBSITE_SITE_NAME": "dawnwatch", "DAWNWATCH_LEDGER": "Other"}, "Other"),
    ],
)
def test_the_apps_ledger_is_in_its_own_storage(environ: dict[str, str], where: str) -> None:
    assert where_is_ledger(environ) == where


@pytest.fixture
def storage(azurite: Azurite) -> dict[str, str]:
    return {"STORAGE": azurite.connection_string}


async def test_a_table_is_neither_made_nor_written_to(
    azurite: Azurite, storage: dict[str, str], tmp_path: Path
) -> None:
    name = f"t{uuid4().hex}"
    store = TablesStore(ByConnectionString(azurite.connection_string), name)
    assert not (await look_at_table(store, 15)).is_there
    assert not (await look_at_table(store, 15)).is_there
    async with store:
        await store.write("contoso", [[Put("i|1", b"x")]])
    assert (await look_at_table(store, 15)).is_there
    sight = await inspect_ledger("STORAGE", storage, tmp_path, 15)
    assert TABLE in sight.place
    assert azurite.connection_string not in sight.place
