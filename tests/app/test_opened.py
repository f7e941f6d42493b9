"""What the functions of a process share: opened once, opened anew when the configuration changes, let go of."""

import asyncio
import json
from pathlib import Path

import pytest

from shared.app.opened import LONGEST_PASS_S, App, Places
from shared.app.performing import perform
from shared.app.standing import status
from shared.connection import StorageService, find_connection
from shared.errors import LedgerError, QueueError
from shared.model import Check
from shared.plan import PassMessage, encode
from tests.app.operated import ListQueue, Operated
from tests.bad_morning import CHANGES, FIVE_TEN
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


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "is missing"),
        (
            "@Microsoft.KeyVault(SecretUri=https://hush.vault.azure.net/secrets/x)",
            "reference to Key Vault that was not",
        ),
        ("https://contoso.webhook.office.com/webhookb2/hush", "of an Office 365 connector, which Microsoft retired"),
    ],
)
async def test_what_is_meant_for_a_channel_without_a_webhook_waits_and_says_why(
    operated: Operated, url: str, why: str
) -> None:
    operated.watched.environ = {**operated.watched.environ, "DAWNWATCH_TEAMS_WEBHOOK_URL": url}
    places = Places(operated.config, "dawnwatch.db", operated.watched.folder)
    app = App(places, operated.watched.environ, clock=lambda: FIVE_TEN, queue=operated.queue)
    CHANGES[FIVE_TEN](operated.watched.tenant)
    operated.set_now(FIVE_TEN)
    await perform(app, encode(PassMessage("contoso", "workspace-access", FIVE_TEN)).encode(), attempt=1)
    assert (len(operated.watched.cards), len(operated.box.events)) == (0, 1)
    (delivery,) = json.loads((await status(app, {})).body)["targets"][0]["deliveries"]
    assert (delivery["channel"], delivery["waiting"]) == ("teams", 1)
    assert why in delivery["reason"]
    assert "hush" not in delivery["reason"]
    await app.close()


async def test_a_pass_is_given_no_more_time_than_the_host_gives_it(operated: Operated) -> None:
    text = operated.config.read_text(encoding="utf-8")
    operated.config.write_text(f"{text}\n[limits]\npass_timeout_s = 3600\n", encoding="utf-8")
    async with operated.app.opened() as opened:
        assert opened.settings.limits.pass_timeout_s == LONGEST_PASS_S
    assert [line["configured_s"] for line in operated.lines.of("pass time-out shortened")] == [3600]
