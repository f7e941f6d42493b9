"""Files that are no ledger, or cannot be used: a clear error, and not a byte of them changed."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from shared.errors import LedgerError
from shared.ledger.limits import PENDING_RANGE
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import SCHEMA_VERSION, Put


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


@pytest_asyncio.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Path]:
    path = tmp_path / "ledger.db"
    async with SqliteStore(path) as store:
        await store.write("contoso", [[Put(f"i|{number:03}", bytes(500)) for number in range(100)]])
    yield path


async def use(ledger: SqliteStore) -> None:
    async with ledger as store:
        await store.read("contoso", "")
        await store.write("contoso", [[Put("i|1", b"")]])


def spoil(path: Path, start: int, *, cut: bool = False) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:start] + (b"" if cut else b"\xff" * (len(content) - start)))


async def refused(path: Path, words: str) -> None:
    """Opening it is refused in words that name it, and changes nothing in or beside it."""
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    with pytest.raises(LedgerError, match=words) as error:
        await use(SqliteStore(path, busy_timeout_s=0.05))
    assert str(path) in str(error.value)
    assert {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()} == before


@pytest.mark.parametrize(
    "content", [b"x", b"[cloud]\nname = 'public'\n", bytes(5000), b"SQLite format 3", b"\xff" * 200]
)
async def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "notes.db").write_bytes(content)
    await refused(tmp_path / "notes.db", "is not a ledger")


async def test_the_database_of_another_program(tmp_path: Path) -> None:
    await refused(database(tmp_path / "other.db", "CREATE TABLE rows (target, key, body, version)"), "another program")


async def test_a_ledger_of_a_newer_version(ledger: Path) -> None:
    database(ledger, f"PRAGMA user_version = {SCHEMA_VERSION + 1}", "PRAGMA wal_checkpoint(TRUNCATE)")
    await refused(ledger, r"newer Dawnwatch \(schema 2; this one knows 1\)")


async def test_a_directory(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    await refused(tmp_path / "state", "is a directory")


async def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(LedgerError, match="ledger"):
        async with SqliteStore(tmp_path / "file" / "ledger.db"):
            pass
    assert (tmp_path / "file").read_bytes() == b"mine"


async def test_a_damaged_ledger(ledger: Path) -> None:
    spoil(ledger, 4096)
    await refused(ledger, "is damaged")


async def test_a_ledger_that_was_cut_short(ledger: Path) -> None:
    spoil(ledger, 5000, cut=True)
    await refused(ledger, "is damaged")


async def test_a_locked_ledger(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with SqliteStore(ledger, busy_timeout_s=0.05) as store:
            assert len(await store.read("contoso", "")) == 100
            with pytest.raises(LedgerError, match="locked by another program"):
                await store.write("contoso", [[Put("new", b"")]])
            other.execute("ROLLBACK")
            await store.write("contoso", [[Put("new", b"")]])


async def test_a_ledger_that_is_locked_while_it_is_made(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match="locked by another program"):
            async with SqliteStore(path, busy_timeout_s=0.05):
                pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written(ledger: Path) -> None:
    ledger.chmod(0o444)
    asyncio.run(refused(ledger, "cannot be opened or written"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc, where nobody may write")
async def test_a_place_where_nobody_may_write() -> None:
    with pytest.raises(LedgerError, match=r"/proc/ledger\.db cannot be opened or written"):
        async with SqliteStore(Path("/proc/ledger.db")):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be given a small disk there")
def test_a_full_disk(ledger: Path) -> None:
    """A process that may write no file beyond 200 kB stands for a disk that is full."""
    script = f"""
        import asyncio, resource, sys
        from pathlib import Path
        from shared.errors import LedgerError
        from shared.ledger.sqlite import SqliteStore
        from shared.ledger.store import Put

        async def main():
            async with SqliteStore(Path({str(ledger)!r})) as store:
                resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
                try:
                    await store.write("contoso", [[Put("big", bytes(900_000))]])
                except LedgerError as error:
                    print(error)
                resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
                print(len(await store.read("contoso", "")))

        asyncio.run(main())
    """
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert "full" in run.stdout
    assert run.stdout.endswith("100\n")
    assert run.stderr == ""


async def test_an_empty_file_and_missing_directories_are_a_new_ledger(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for path in (tmp_path / "empty.db", tmp_path / "a" / "b" / "new.db"):
        async with SqliteStore(path) as store:
            await store.write("contoso", [[Put("a", b"")]])
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert sorted(file.name for file in path.parent.glob(f"{path.name}*")) == [path.name]


async def test_pending_rows_are_found_by_an_index_that_holds_nothing_else(ledger: Path) -> None:
    assert PENDING_RANGE == ("o|", "o}")
    sql = "EXPLAIN QUERY PLAN SELECT DISTINCT target FROM rows WHERE key >= 'o|' AND key < 'o}' ORDER BY 1"
    with closing(sqlite3.connect(ledger)) as connection:
        plan = [line[3] for line in connection.execute(sql)]
    assert plan == ["SCAN rows USING INDEX pending"]


def test_two_processes_at_once_lose_nothing(ledger: Path) -> None:
    script = f"""
        import asyncio, sys
        from pathlib import Path
        from shared.errors import StateConflictError
        from shared.ledger.sqlite import SqliteStore
        from shared.ledger.store import Put

        async def main():
            async with SqliteStore(Path({str(ledger)!r})) as store:
                for _ in range(50):
                    while True:
                        (row,) = await store.read("contoso", "n") or [None]
                        body = str(int(row.body) + 1 if row else 1).encode()
                        try:
                            await store.write("contoso", [[Put("n", body, row and row.version)]])
                            break
                        except StateConflictError:
                            pass

        asyncio.run(main())
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]

    async def total() -> bytes:
        async with SqliteStore(ledger) as store:
            return (await store.read("contoso", "n"))[0].body

    assert asyncio.run(total()) == b"150"
