"""Where a ledger is, in one word; and a ledger that is signed in to by identity."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from shared.errors import LedgerError
from shared.ledger.account import ByConnectionString, ByIdentity, place_of
from shared.ledger.open import default_credentials, open_store
from shared.ledger.sqlite import SqliteStore
from shared.ledger.store import Put, Store
from shared.ledger.tables import TablesStore
from tests.azurite import Azurite
from tests.azurite_tls import Credential, managed_identity

ADDRESS = "https://contoso.table.core.windows.net"
CLIENT = "11111111-2222-3333-4444-555555555555"


async def test_a_ledger_by_identity_over_tls(tls_azurite: tuple[Azurite, str]) -> None:
    azurite, trusted = tls_azurite
    credential = Credential()
    account = ByIdentity(azurite.endpoint("Table"), lambda: credential, web={"connection_verify": trusted})
    async with TablesStore(account) as store:
        await store.write("contoso", [[Put("o|1", b"body")]])
        assert [row.body for row in await store.read("contoso", "")] == [b"body"]
        assert await store.with_pending() == ["contoso"]
    assert credential.scopes == {"https://storage.azure.com/.default"}
    assert credential.closed


async def test_a_ledger_trusts_what_the_environment_names(
    tls_azurite: tuple[Azurite, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    azurite, trusted = tls_azurite
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)
    async with TablesStore(ByIdentity(azurite.endpoint("Table"), Credential), table="trusting") as store:
        assert await store.read("contoso", "") == []


async def test_an_identity_that_nobody_trusts_is_closed_again(tls_azurite: tuple[Azurite, str]) -> None:
    credential = Credential()
    account = ByIdentity(tls_azurite[0].endpoint("Table"), lambda: credential, web={"retry_total": 0})
    with pytest.raises(LedgerError, match="TLS trust"):
        await open_and_close(TablesStore(account))
    assert credential.closed


async def test_an_identity_without_a_sign_in() -> None:
    from azure.identity import CredentialUnavailableError

    class SignedOut(Credential):
        async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
            raise CredentialUnavailableError("a long text with a secret")

    with pytest.raises(LedgerError, match="got no sign-in") as error:
        await open_and_close(TablesStore(ByIdentity(ADDRESS, SignedOut)))
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/a", "https://", "https://a?sig=hush", "https://u:p@a", "ftp://a"]
)
async def test_an_address_that_cannot_be_signed_in_to(address: str) -> None:
    with pytest.raises(LedgerError, match=r"https://ACCOUNT\.table") as error:
        await open_and_close(TablesStore(ByIdentity(address, Credential)))
    assert "hush" not in str(error.value)


async def open_and_close(store: Store) -> None:
    async with store:
        pass


def account_of(where: str, environ: Mapping[str, str]) -> tuple[Any, list[str | None]]:
    """Open by word; also tell the client ids that credentials were made for."""
    asked: list[str | None] = []

    def credentials(client_id: str | None) -> Any:
        asked.append(client_id)
        return Credential()

    store = open_store(where, environ, credentials=credentials)
    assert isinstance(store, TablesStore)
    account = store.account
    if isinstance(account, ByIdentity):
        account.credential()
    return account, asked


@pytest.mark.parametrize(
    ("environ", "client_id"), [({}, None), ({"AZURE_CLIENT_ID": ""}, None), ({"AZURE_CLIENT_ID": CLIENT}, CLIENT)]
)
def test_an_address_is_an_account_by_the_monitors_identity(environ: dict[str, str], client_id: str | None) -> None:
    account, asked = account_of(ADDRESS, environ)
    assert (account.endpoint, asked) == (ADDRESS, [client_id])


@pytest.mark.parametrize(
    ("environ", "endpoint", "client_id"),
    [
        ({"STORE__accountName": "contoso"}, ADDRESS, None),
        ({"STORE__accountName": "x", "STORE__tableServiceUri": "https://a.example"}, "https://a.example", None),
        ({"STORE__accountName": "contoso", "STORE__clientId": "1234"}, ADDRESS, "1234"),
        ({"STORE": "", "STORE__accountName": "contoso"}, ADDRESS, None),
        ({"STORE__accountName": "contoso", "AZURE_CLIENT_ID": "5678"}, ADDRESS, None),
    ],
)
def test_a_connection_by_identity(environ: dict[str, str], endpoint: str, client_id: str | None) -> None:
    account, asked = account_of("STORE", environ)
    assert (account.endpoint, asked) == (endpoint, [client_id])


def test_a_connection_string_of_the_environment() -> None:
    account, _ = account_of("AzureWebJobsStorage", {"AzureWebJobsStorage": "AccountName=a;AccountKey=hush"})
    assert isinstance(account, ByConnectionString)
    assert "hush" not in repr(account)


async def test_the_emulator_by_its_short_name() -> None:
    account, _ = account_of("STORE", {"STORE": "UseDevelopmentStorage=true;"})
    async with AsyncExitStack() as opened:
        client = await account.connect("dawnwatch", opened)
        assert place_of(client) == "The ledger (table 'dawnwatch' at http://127.0.0.1:10002/devstoreaccount1)"


@pytest.mark.parametrize("where", ["dawnwatch.db", "./ledger", "state/ledger", "a b", "dawnwatch-2"])
async def test_anything_else_is_a_file(where: str, tmp_path: Path) -> None:
    store = open_store(where, {}, beside=tmp_path)
    assert isinstance(store, SqliteStore)
    async with store:
        pass
    assert store.path == tmp_path / where


def test_a_whole_path_is_taken_as_it_is(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "x.db"), {}, beside=Path("elsewhere"))
    assert isinstance(store, SqliteStore)
    assert store.path == tmp_path / "x.db"


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("AzureWebJobsStorage", "environment does not know: set AzureWebJobsStorage, .*write ./AzureWebJobsStorage"),
        ("", "name one, such as dawnwatch.db"),
        ("a\0b", "name one"),
    ],
)
def test_a_word_that_names_nothing(where: str, words: str) -> None:
    with pytest.raises(LedgerError, match=words):
        open_store(where, {})


@pytest.mark.parametrize("client_id", [None, CLIENT])
async def test_the_default_credentials_are_of_a_client_id_or_of_the_app_itself(
    monkeypatch: pytest.MonkeyPatch, client_id: str | None
) -> None:
    with managed_identity(monkeypatch) as asked:
        async with default_credentials(client_id) as credential:
            await credential.get_token("https://storage.azure.com/.default")
    assert asked == [client_id]
