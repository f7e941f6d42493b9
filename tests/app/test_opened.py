"""What the functions of a process share: opened once, opened anew when the configuration changes, let go of."""

import asyncio
from pathlib import Path

import pytest

from shared.app.opened import App, Places
from shared.connection import StorageService, find_connection
from shared.errors import LedgerError, QueueError
from shared.model import Check
from tests.app.conftest import ListQueue, Operated
from tests.config_texts import a_target, write


def an_app(folder: Path, *, settings_for_s: float = 0, queue: ListQueue | None = None) -> App:
    places = Places(folder / "dawnwatch.toml", "dawnwatch.db", folder)
    return App(places, {}, queue=queue or ListQueue(), settings_for_s=settings_for_s)


async def test_it_is_opened_once(tmp_path: Path) -> None:
    write(tmp_path, a_target())
    app = an_app(tmp_path)
    async with app.opened() as one, app.opened() as other:
        assert one is other
    async with app.opened() as later:
        assert later is one
    await app.close()


async def test_a_changed_configuration_is_taken_and_the_old_one_kept_while_it_is_used(tmp_path: Path) -> None:
    write(tmp_path, a_target())
    app = an_app(tmp_path)
    async with app.opened() as old:
        write(tmp_path, a_target(name="fabrikam"))
        async with app.opened() as new:
            assert [target.name for target in new.settings.targets] == ["fabrikam"]
            assert await old.shell.store.read("contoso", "") == []
    assert not old.users
    await app.close()


async def test_it_is_looked_for_changes_only_now_and_then(tmp_path: Path) -> None:
    write(tmp_path, a_target())
    app = an_app(tmp_path, settings_for_s=60)
    async with app.opened() as old:
        write(tmp_path, a_target(name="fabrikam"))
        async with app.opened() as same:
            assert same is old
    await app.close()


async def test_many_at_once_open_it_once(tmp_path: Path) -> None:
    write(tmp_path, a_target())
    app, seen = an_app(tmp_path), set[int]()

    async def use() -> None:
        async with app.opened() as opened:
            seen.add(id(opened))
            await asyncio.sleep(0.01)

    await asyncio.gather(*(use() for _ in range(20)))
    assert len(seen) == 1
    await app.close()


async def test_a_ledger_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    write(tmp_path, a_target())
    (tmp_path / "dawnwatch.db").write_bytes(b"no ledger" * 1000)
    app = an_app(tmp_path)
    with pytest.raises(LedgerError):
        async with app.opened():
            pass
    (tmp_path / "dawnwatch.db").unlink()
    async with app.opened() as opened:
        assert opened.target("contoso") is not None
        assert opened.target("stranger") is None
    await app.close()


async def test_without_a_connection_the_queue_says_what_to_set(tmp_path: Path) -> None:
    write(tmp_path, a_target())
    app = App(Places(tmp_path / "dawnwatch.toml", "dawnwatch.db", tmp_path), {})
    with pytest.raises(QueueError, match="set AzureWebJobsStorage, or AzureWebJobsStorage__queueServiceUri"):
        async with app.opened():
            pass


async def test_passes_after_one_another_use_the_same_connections(operated: Operated) -> None:
    await operated.look(Check.WORKSPACE_ACCESS, Check.APP_REGISTRATIONS)
    tokens = sum(call.service == "entra" for call in operated.box.requests)
    await operated.look(*[Check.WORKSPACE_ACCESS] * 3)
    assert sum(call.service == "entra" for call in operated.box.requests) == tokens


@pytest.mark.parametrize(
    ("environ", "text", "endpoint"),
    [
        ({"S": "UseDevelopmentStorage=true"}, "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1", ""),
        ({"S": "AccountName=a;AccountKey=hush"}, "AccountName=a", ""),
        ({"S__queueServiceUri": "https://a.queue.core.windows.net/"}, None, "https://a.queue.core.windows.net"),
        ({"S__accountName": "a", "S__clientId": "c"}, None, "https://a.queue.core.windows.net"),
    ],
)
def test_a_connection_of_the_environment(environ: dict[str, str], text: str | None, endpoint: str) -> None:
    found = find_connection("S", StorageService.QUEUE, environ)
    assert found is not None
    assert found.endpoint == endpoint
    assert (text or "") in (found.text or "")
    assert found.client_id == environ.get("S__clientId")
    assert "hush" not in repr(found)


def test_a_connection_that_the_environment_does_not_know() -> None:
    assert find_connection("S", StorageService.TABLE, {"S__queueServiceUri": "https://a"}) is None
