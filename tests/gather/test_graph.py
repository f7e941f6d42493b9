"""Microsoft Graph as lists and batches: against the box, and against a server that says what none should."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from shared.errors import GatherError
from shared.gather.answers import Answer, refusal, together
from shared.gather.arm import Listing
from shared.gather.arm import all_of as all_of_arm
from shared.gather.cloud import GRAPH
from shared.gather.connections import MAX_CALLS_IN_FLIGHT
from shared.gather.entra import gather_holders
from shared.gather.graph import Page, all_of, batch, batch_lists, pages, quoted
from tests.gather.conftest import Scripting
from tests.gather.scripted import WORKSPACE, Reply


class Named(msgspec.Struct):
    id: str


numbers = msgspec.json.Decoder(Page[Named])
listing = msgspec.json.Decoder(Listing[Named])


def _page(number: int, *, of: int, url: str, key: str = "@odata.nextLink") -> Reply:
    more = {key: f"{url}?page={number + 1}"} if number + 1 < of else {}
    return 200, {}, {"value": [{"id": f"{number}.{i}"} for i in range(2)], **more}


def _number(path: str) -> int:
    return int(path.partition("page=")[2].partition("&")[0] or 0)


async def test_pages_are_read_to_the_end_in_order_the_next_one_while_this_one_is_looked_at(
    scripted: Scripting,
) -> None:
    def script(path: str, body: bytes) -> Reply:
        return _page(_number(path), of=4, url=f"{server.url}/v1.0/things")

    server = scripted(script)
    seen: list[str] = []
    async with server.open() as azure:
        async for page in pages(azure, "/things", numbers):
            seen += [item.id for item in page]
            if len(seen) == 2:
                await asyncio.sleep(0.2)
                assert any("page=1" in path for path in server.asked)
    assert seen == ["0.0", "0.1", "1.0", "1.1", "2.0", "2.1", "3.0", "3.1"]


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://evil.example/v1.0/things", "another address than its own"),
        ("http://localhost/v1.0/things", "another address than its own"),
        ("https://[", "another address than its own"),
        ("/things", "another address than its own"),
    ],
)
async def test_a_link_to_elsewhere_is_not_followed(scripted: Scripting, link: str, why: str) -> None:
    server = scripted(lambda path, body: (200, {}, {"value": [], "@odata.nextLink": link, "nextLink": link}))
    async with server.open() as azure:
        with pytest.raises(GatherError, match=why):
            await all_of(azure, "/things", numbers)
        with pytest.raises(GatherError, match=why):
            await all_of_arm(azure, lambda **hook: _assignments(azure, **hook), listing)


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_pages_that_go_round_in_a_circle_end(scripted: Scripting, length: int) -> None:
    def script(path: str, body: bytes) -> Reply:
        link = f"{server.url}{path.partition('?')[0]}?page={(_number(path) + 1) % length}"
        return 200, {}, {"value": [], "@odata.nextLink": link, "nextLink": link}

    server = scripted(script)
    async with server.open() as azure:
        with pytest.raises(GatherError, match="go round in a circle"):
            await all_of(azure, "/things", numbers)
        with pytest.raises(GatherError, match="go round in a circle"):
            await all_of_arm(azure, lambda **hook: _assignments(azure, **hook), listing)
    assert len(server.asked) < 20


def _assignments(azure: Any, **hook: Any) -> Any:
    return azure.authorization.role_assignments.list_for_scope(WORKSPACE.strip("/"), **hook)


async def test_an_arm_collection_is_read_to_its_end(scripted: Scripting) -> None:
    def script(path: str, body: bytes) -> Reply:
        return _page(_number(path), of=3, url=f"{server.url}{path.partition('?')[0]}", key="nextLink")

    server = scripted(script)
    async with server.open() as azure:
        found = await all_of_arm(azure, lambda **hook: _assignments(azure, **hook), listing)
    assert [item.id for item in found] == ["0.0", "0.1", "1.0", "1.1", "2.0", "2.1"]


async def test_a_page_that_fails_fails_the_read(scripted: Scripting) -> None:
    def script(path: str, body: bytes) -> Reply:
        number = _number(path)
        return (403, {}, {}) if number == 2 else _page(number, of=4, url=f"{server.url}/v1.0/things")

    server = scripted(script)
    async with server.open() as azure:
        with pytest.raises(GatherError, match="refused"):
            await all_of(azure, "/things", numbers)


async def test_json_of_another_shape_is_no_answer(scripted: Scripting) -> None:
    contents = [{}, {"value": None}, {"value": {}}, [], "text", 7, {"value": [{"id": 1}]}]
    server = scripted(lambda path, body: (200, {}, contents[_number(path)]))
    async with server.open() as azure:
        reads = (all_of(azure, f"/things?page={number}", numbers) for number in range(len(contents)))
        failures = await asyncio.gather(*reads, return_exceptions=True)
    assert {str(failure) for failure in failures} == {
        "Microsoft Graph: it answered 200 with JSON of another shape than documented (given up after 3 attempts)"
    }


def _batched(answer_of: Any) -> Any:
    def script(path: str, body: bytes) -> Reply:
        if not path.endswith("/$batch"):
            return answer_of(path)  # type: ignore[no-any-return]
        parts = json.loads(body)["requests"]
        responses = [{"id": part["id"], **answer_of(part["url"])} for part in reversed(parts)]
        return 200, {}, {"responses": [part for part in responses if part.get("status")]}

    return script


def _name(answer: Answer) -> str:
    if answer.status != 200:
        raise refusal(GRAPH, answer)
    return str(json.loads(answer.body)["name"])


async def test_batches_hold_twenty_and_keep_the_order(scripted: Scripting) -> None:
    server = scripted(_batched(lambda url: {"status": 200, "body": {"name": url}}))
    urls = [f"/things/{number}" for number in range(45)]
    async with server.open() as azure:
        assert await batch(azure, urls, _name) == urls
        assert azure.calls == 3


async def test_a_part_that_is_throttled_is_asked_again_by_itself(scripted: Scripting) -> None:
    seen: list[str] = []

    def answer_of(url: str) -> dict[str, object]:
        seen.append(url)
        if url == "/b" and seen.count("/b") == 1:
            return {"status": 429, "headers": {"Retry-After": 0.2}, "body": {"error": {"code": ""}}}
        return {"status": 200, "headers": None, "body": {"name": url}}

    server = scripted(_batched(answer_of))
    async with server.open() as azure:
        assert await batch(azure, ["/a", "/b", "/c"], _name) == ["/a", "/b", "/c"]
    assert sorted(seen) == ["/a", "/b", "/b", "/c"]


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"status": 403, "body": {"error": {"code": "Authorization_RequestDenied"}}}, "refused .403 Authorization_"),
        ({"status": 403, "body": {"error": {"code": "", "message": "secret"}}}, r"refused \(403\)"),
        ({}, "left out parts of a batch"),
        ({"status": 200, "body": None}, "of another shape"),
        ({"status": 429, "headers": {"Retry-After": "3600"}, "body": None}, "at 2026-11-22 09:00:00 UTC"),
    ],
)
async def test_a_part_that_fails_fails_the_batch(scripted: Scripting, part: dict[str, object], why: str) -> None:
    good = {"status": 200, "body": {"value": []}}
    server = scripted(_batched(lambda url: part if url == "/bad" else good))
    async with server.open() as azure:
        with pytest.raises(GatherError, match=why) as told:
            await batch_lists(azure, ["/good", "/bad"], numbers)
    assert "secret" not in str(told.value)


async def test_parts_that_nobody_asked_for_are_not_taken(scripted: Scripting) -> None:
    def part(index: str) -> dict[str, object]:
        return {"id": index, "status": 200, "body": {"name": "?"}}

    strange = ["7", "-1", "²", "x", ""]
    server = scripted(lambda path, body: (200, {}, {"responses": [part(index) for index in strange]}))
    async with server.open() as azure:
        with pytest.raises(GatherError, match="left out parts"):
            await batch(azure, ["/a"], _name)


async def test_the_further_pages_of_a_part_are_read(scripted: Scripting) -> None:
    def answer_of(url: str) -> Any:
        if url.startswith("/v1.0"):
            return _page(_number(url), of=3, url=f"{server.url}/v1.0/more")
        link = f"{server.url}/v1.0/more?page=1"
        return {"status": 200, "body": {"value": [{"id": "first"}], "@odata.nextLink": link}}

    server = scripted(_batched(answer_of))
    async with server.open() as azure:
        (found,) = await batch_lists(azure, ["/things"], numbers)
    assert [item.id for item in found or ()] == ["first", "1.0", "1.1", "2.0", "2.1"]


async def test_at_most_so_many_calls_are_in_flight(scripted: Scripting) -> None:
    server = scripted(lambda path, body: (200, {}, {"value": []}), takes_s=0.03)
    async with server.open() as azure:
        await together(*(all_of(azure, f"/things/{number}", numbers) for number in range(40)))
    assert server.most_at_once == MAX_CALLS_IN_FLIGHT


def test_a_name_is_quoted_for_a_filter() -> None:
    assert quoted("O'Neill & Söhne") == "%27O%27%27Neill%20%26%20S%C3%B6hne%27"


REFUSED = {"status": 403, "body": {"error": {"code": "Authorization_RequestDenied"}}}
NAMED = {"status": 200, "body": {"value": [{"id": "1", "displayName": "Ada"}]}}
GONE = {"status": 404, "body": {"error": {"code": "Request_ResourceNotFound"}}}


@pytest.mark.parametrize(
    ("owners", "trusts", "held", "scopes"),
    [
        (NAMED, NAMED, (("Ada",), 1), []),
        (REFUSED, NAMED, (None, 1), ["owners"]),
        (NAMED, REFUSED, (("Ada",), None), ["federated"]),
        (REFUSED, REFUSED, (None, None), ["owners and federated"]),
        (GONE, GONE, (None, None), []),
    ],
)
async def test_owners_and_federated_credentials_fail_each_by_itself(
    scripted: Scripting,
    owners: dict[str, object],
    trusts: dict[str, object],
    held: tuple[tuple[str, ...] | None, int | None],
    scopes: list[str],
) -> None:
    server = scripted(_batched(lambda url: owners if "/owners" in url else trusts))
    async with server.open() as azure:
        found = await gather_holders(azure, ["app"])
    assert (found.owners["app"], found.federated["app"]) == held
    assert [unread.scope for unread in found.unread] == scopes
