"""Tables that are no ledger, and storage that does not answer as it should: a clear error that gives nothing away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from azure.data.tables.aio import TableClient

from shared.errors import LedgerError, StateConflictError
from shared.ledger.account import ByConnectionString
from shared.ledger.store import Put, Store
from shared.ledger.tables import TablesStore
from tests.azurite import ACCOUNT, KEY, Azurite
from tests.ledger.watched import Watched

SECRET = b"a body that nobody else may read"

# azure-data-tables tests an XML element for truth where storage answers an error in XML.
xml = pytest.mark.filterwarnings("ignore:Testing an element's truth value:DeprecationWarning")


async def put_entities(azurite: Azurite, table: str, *entities: dict[str, Any]) -> None:
    async with TableClient.from_connection_string(azurite.connection_string, table) as client:
        await client.create_table()
        for entity in entities:
            await client.create_entity(entity)


async def all_entities(azurite: Azurite, table: str) -> list[dict[str, Any]]:
    async with TableClient.from_connection_string(azurite.connection_string, table) as client:
        return [dict(entity) async for entity in client.list_entities()]


async def use(store: Store) -> None:
    async with store:
        await store.read("contoso", "")


async def change(azurite: Azurite, table: str, mode: str, entity: dict[str, Any]) -> None:
    async with TableClient.from_connection_string(azurite.connection_string, table) as client:
        await client.upsert_entity(entity, mode=mode)


async def ledger(azurite: Azurite, table: str) -> TablesStore:
    async with TablesStore(ByConnectionString(azurite.connection_string), table) as store:
        await store.write("contoso", [[Put("i|1", SECRET * 3000)]])
    return TablesStore(ByConnectionString(azurite.connection_string), table)


async def test_a_table_that_someone_else_wrote(azurite: Azurite, table_name: str) -> None:
    await put_entities(azurite, table_name, {"PartitionKey": "orders", "RowKey": "2026", "total": 12})
    before = await all_entities(azurite, table_name)
    words = f"{table_name}.*partition 'orders', row '2026'.*Nothing was overwritten"
    with pytest.raises(LedgerError, match=words):
        await use(TablesStore(ByConnectionString(azurite.connection_string), table_name))
    assert await all_entities(azurite, table_name) == before


async def test_an_empty_table_becomes_a_ledger(azurite: Azurite, table_name: str) -> None:
    await put_entities(azurite, table_name)
    await use(TablesStore(ByConnectionString(azurite.connection_string), table_name))
    (schema,) = await all_entities(azurite, table_name)
    assert schema == {"PartitionKey": "~ledger", "RowKey": "schema", "program": "dawnwatch", "version": 1}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (
            {"program": "dawnwatch", "version": 2},
            "newer Dawnwatch .*'~ledger', row 'schema': schema 2; this one knows 1",
        ),
        ({"program": "other", "version": 1}, "no ledger row or is damaged: partition '~ledger', row 'schema'"),
        ({"program": "dawnwatch", "version": "1"}, "is damaged: partition '~ledger', row 'schema'"),
        ({}, "is damaged: partition '~ledger', row 'schema'"),
    ],
)
async def test_a_ledger_of_another_version(
    azurite: Azurite, table_name: str, schema: dict[str, Any], words: str
) -> None:
    await put_entities(azurite, table_name, {"PartitionKey": "~ledger", "RowKey": "schema", **schema})
    with pytest.raises(LedgerError, match=words):
        await use(TablesStore(ByConnectionString(azurite.connection_string), table_name))


@pytest.mark.parametrize(
    "damage",
    [{"size": 5}, {"size": "7"}, {"part00": "text"}, {"part01": b"short"}, {"size": 10**9}, {"size": -1}],
    ids=str,
)
async def test_a_damaged_entity(azurite: Azurite, table_name: str, damage: dict[str, Any]) -> None:
    store = await ledger(azurite, table_name)
    await change(azurite, table_name, "merge", {"PartitionKey": "contoso", "RowKey": "i|1", **damage})
    words = rf"{table_name}.*partition 'contoso', row 'i\|1'"
    async with store:
        with pytest.raises(LedgerError, match=words):
            await store.read("contoso", "")
        await store.write("contoso", [[Put("i|2", b"")]])
        assert [row.key for row in await store.read("contoso", "i|2")] == ["i|2"]


async def test_an_entity_of_somebody_else_in_our_table(azurite: Azurite, table_name: str) -> None:
    store = await ledger(azurite, table_name)
    await change(azurite, table_name, "replace", {"PartitionKey": "contoso", "RowKey": "zz", "mine": True})
    async with store:
        with pytest.raises(LedgerError, match="partition 'contoso', row 'zz'"):
            await store.read("contoso", "")
        assert len(await store.read("contoso", "i|")) == 1


async def test_azurite_gone_in_the_middle(own_azurite: Azurite, table_name: str) -> None:
    await ledger(own_azurite, table_name)
    account = ByConnectionString(own_azurite.connection_string, web={"retry_backoff_factor": 0.01})
    async with TablesStore(account, table_name) as store:
        own_azurite.kill()
        for attempt in (
            store.read("contoso", ""),
            store.write("contoso", [[Put("o|1", SECRET)]]),
            store.with_pending(),
            store.targets(),
        ):
            with pytest.raises(LedgerError, match="could not be reached") as error:
                await attempt
            assert not isinstance(error.value, StateConflictError)
            assert SECRET.decode() not in str(error.value)


async def test_a_table_that_is_removed_in_the_middle(azurite: Azurite, table_name: str) -> None:
    async with await ledger(azurite, table_name) as store:
        async with TableClient.from_connection_string(azurite.connection_string, table_name) as client:
            await client.delete_table()
        with pytest.raises(LedgerError, match=r"does not know the table \(404 TableNotFound\)") as error:
            await store.write("contoso", [[Put("i|2", b"")]])
        assert not isinstance(error.value, StateConflictError)
        with pytest.raises(LedgerError, match=r"404 TableNotFound"):
            await store.read("contoso", "")


@xml
async def test_a_key_that_is_wrong(azurite: Azurite, table_name: str) -> None:
    wrong = azurite.connection_string.replace(KEY, "A" * 86 + "==")
    with pytest.raises(LedgerError, match=r"refused \(403.*Storage Table Data Contributor") as error:
        await use(TablesStore(ByConnectionString(wrong), table_name))
    assert "AAAA" not in str(error.value)


@pytest.mark.parametrize("text", ["", "nonsense", "AccountName=a;AccountKey=secret", "AccountName=a", ";;==", "a=b;c"])
async def test_what_is_no_connection_string(text: str) -> None:
    with pytest.raises(LedgerError, match=r"storage account|got no sign-in") as error:
        await use(TablesStore(ByConnectionString(text, "LEDGER"), "dawnwatch", patience_s=1))
    assert "secret" not in str(error.value)


@xml
async def test_a_table_name_that_cannot_be(azurite: Azurite) -> None:
    with pytest.raises(LedgerError, match="ledger"):
        await use(TablesStore(ByConnectionString(azurite.connection_string), "no"))


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[ByConnectionString]:
    """Serve one answer to everything, as an account with a signature in its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) and answer:
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                await reader.readexactly(int(length[0].split(b":")[1]) if length else 0)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        place = f"TableEndpoint=http://127.0.0.1:{port}/{ACCOUNT};SharedAccessSignature=sv=2019-02-02&sig=hushhush"
        yield ByConnectionString(place, web={"retry_backoff_factor": 0.001})


def http(status: str, body: str, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", body)
    return "\r\n".join(lines).encode()


JSON = "Content-Type: application/json"
QUOTING = '{"odata.error":{"code":"%s","message":{"value":"sig=hushhush a body that nobody else may read"}}}'


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http("503 x", QUOTING % "ServerBusy", JSON), r"is busy \(503 ServerBusy\)"),
        (http("503 x", QUOTING % "ServerBusy", JSON, "Retry-After: 3600"), r"is busy \(503, come back in 3600 s\)"),
        (http("429 x", "", "Retry-After: 86400"), r"is throttling \(429, come back in 86400 s\)"),
        (http("500 x", QUOTING % "InternalError", JSON), r"failed on its side \(500 InternalError\)"),
        (http("403 x", QUOTING % "AuthorizationPermissionMismatch", JSON), r"refused \(403 AuthorizationPermission"),
        (http("403 x", QUOTING % "AuthenticationFailed", JSON), r"refused \(403 AuthenticationFailed\)"),
        (http("401 x", "", "Content-Type: text/plain"), r"did not accept the sign-in \(401\)"),
        (http("400 x", QUOTING % "sig=hushhush", JSON), r"answered \(400\)"),
        (http("404 x", "<html>hushhush</html>", "Content-Type: text/html"), "404"),
        (http("502 x", "<html>hushhush", "Content-Type: text/html"), "502"),
        (http("200 OK", "<html>hushhush</html>", "Content-Type: text/html"), "no answer that can be read|could not be"),
        (http("200 OK", "", JSON), "no answer that can be read|no ledger row"),
        (http("200 OK", "{", JSON), "no answer that can be read|could not be"),
        (http("200 OK", "[1]", JSON), "no answer that can be read"),
        (http("200 OK", "{}", JSON).replace(b"Length: 2", b"Length: 9999"), "did not answer|could not be reached"),
        (b"nonsense\r\n\r\n", "could not be reached|did not answer"),
        (b"", "could not be reached"),
    ],
)
async def test_storage_that_answers_otherwise(answer: bytes, words: str) -> None:
    async with answering(answer) as account:
        with pytest.raises(LedgerError, match=words) as error:
            await use(TablesStore(account, patience_s=1.5))
    text = str(error.value)
    assert "http://127.0.0.1:" in text
    assert "hushhush" not in text
    assert "nobody" not in text


async def test_storage_that_accepts_and_says_nothing() -> None:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        place = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{ACCOUNT}"
        text = f"AccountName={ACCOUNT};AccountKey={KEY};TableEndpoint={place};"
        with pytest.raises(LedgerError, match=r"did not answer within 0.3 s"):
            await use(TablesStore(ByConnectionString(text), patience_s=0.3))


async def test_opening_a_ledger_that_is_there_takes_one_request(azurite: Azurite, table_name: str) -> None:
    await ledger(azurite, table_name)
    wire = Watched()
    async with TablesStore(ByConnectionString(azurite.connection_string, web={"transport": wire}), table_name):
        assert len(wire.asked) == 1


async def test_the_targets_are_named_without_reading_every_row(azurite: Azurite, table_name: str) -> None:
    wire = Watched()
    account = ByConnectionString(azurite.connection_string, web={"transport": wire})
    async with TablesStore(account, table_name) as store:
        for target in ("a", "b", "c"):
            await store.write(target, [[Put(f"{number:04}", b"")] for number in range(1200 if target == "b" else 3)])
        wire.asked.clear()
        assert await store.targets() == ["a", "b", "c"]
        assert len(wire.asked) == 3
