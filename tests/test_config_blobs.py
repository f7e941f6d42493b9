"""A configuration in Blob Storage: read by identity over TLS, told apart by its version, and clear where it fails."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.storage.blob import ContainerClient

from shared.cli import main
from shared.config import load_settings, source_version
from shared.config.blob_address import BlobAddress, parse_address
from shared.config.blobs import BlobSource
from shared.config.source import find_source, folder_of
from shared.errors import ConfigError
from tests.answering import answer, serving
from tests.azurite import ACCOUNT, KEY, Azurite
from tests.azurite_tls import Credential, managed_identity
from tests.config_texts import a_target

ADDRESS = "https://contoso.blob.core.windows.net/config"


def as_anybody(_: str | None) -> Any:
    return Credential()


# --- a storage account ---


@pytest.fixture
def container(tls_azurite: tuple[Azurite, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[ContainerClient]:
    """Make an empty container, whose authority this process trusts."""
    azurite, trusted = tls_azurite
    monkeypatch.setenv("SSL_CERT_FILE", trusted)
    url = f"{azurite.endpoint('Blob')}/config-{uuid4().hex}"
    owner = {"account_name": ACCOUNT, "account_key": KEY}
    with ContainerClient.from_container_url(url, owner, connection_verify=trusted) as client:
        client.create_container()
        yield client


def lay(container: ContainerClient, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        container.upload_blob(name, content, overwrite=True)


@pytest.mark.parametrize("name", ["dawnwatch.toml", "a/b c/%.toml"])
def test_a_blob_is_read_by_identity(container: ContainerClient, name: str) -> None:
    lay(container, {name: "\ufeff" + a_target()})
    address = f"{container.url}/{name.replace('%', '%25').replace(' ', '%20')}"
    credential = Credential()
    for where, environ in ((address, {}), (None, {"DAWNWATCH_CONFIG": address})):
        settings = load_settings(where, environ, credentials=lambda _: credential)
        assert [target.name for target in settings.targets] == ["contoso"]
    assert credential.scopes == {"https://storage.azure.com/.default"}
    assert credential.closed


@pytest.mark.parametrize("prefix", ["", "conf.d/", "deep/er/"])
def test_a_folder_of_blobs_is_read_in_the_order_of_their_names(container: ContainerClient, prefix: str) -> None:
    lay(
        container,
        {
            f"{prefix}b.toml": a_target(name="b"),
            f"{prefix}a.toml": a_target(name="a2") + a_target(name="a1"),
            f"{prefix}.hidden.toml": "!",
            f"{prefix}notes.txt": "!",
            f"{prefix}below/c.toml": "!",
            f"x{prefix}d.toml" if prefix else "x/d.toml": "!",
        },
    )
    settings = load_settings(f"{container.url}/{prefix}", {}, credentials=as_anybody)
    assert [target.name for target in settings.targets] == ["a2", "a1", "b"]


def test_a_mistake_is_filed_under_its_blob(container: ContainerClient) -> None:
    lay(container, {"d/a.toml": a_target("x = 1"), "d/b.toml": b"\xff", "d/c.toml": a_target()})
    with pytest.raises(ConfigError) as caught:
        load_settings(f"{container.url}/d/", {}, credentials=as_anybody)
    place = f"{container.url}/d"
    assert [(each.file, each.key) for each in caught.value.mistakes] == [
        (f"{place}/a.toml", "target[contoso].x"),
        (f"{place}/b.toml", ""),
        (f"{place}/c.toml", "target[0].name"),
    ]
    assert f"in {place}/a.toml" in caught.value.mistakes[2].problem


def test_an_empty_blob_is_a_file_without_targets(container: ContainerClient) -> None:
    lay(container, {"a.toml": b""})
    with pytest.raises(ConfigError, match=r"/a\.toml: target: is missing"):
        load_settings(f"{container.url}/a.toml", {}, credentials=as_anybody)


async def test_it_is_read_from_where_a_loop_runs_already(container: ContainerClient) -> None:
    lay(container, {"a.toml": a_target()})
    assert len(load_settings(f"{container.url}/a.toml", {}, credentials=as_anybody).targets) == 1


def test_another_version_after_each_change_and_reading_tells_the_same(container: ContainerClient) -> None:
    lay(container, {"d/a.toml": "1", "d/b.toml": "1"})
    one, many = f"{container.url}/d/a.toml", f"{container.url}/d/"

    def versions() -> tuple[str, ...]:
        found = tuple(source_version(where, {}, as_anybody) for where in (one, many))
        assert found == tuple(find_source(where, {}, as_anybody).read().version for where in (one, many))
        return found

    first = versions()
    assert versions() == first
    lay(container, {"d/b.toml": "2"})
    second = versions()
    assert (second[0] == first[0], second[1] == first[1]) == (True, False)
    lay(container, {"d/a.toml": "2"})
    third = versions()
    assert third[0] != second[0]
    container.delete_blob("d/b.toml")
    assert versions()[1] not in {first[1], second[1], third[1]}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/none.toml", r"/none\.toml: is not there \(404 BlobNotFound\): upload it, or check the address"),
        ("/none/", r"/none/: is a folder without a \.toml blob: check the address"),
        ("-none/a.toml", r"-none/a\.toml: is not there \(404 ContainerNotFound\)"),
        ("-none/", r"-none/: is not there \(404 ContainerNotFound\)"),
    ],
)
def test_what_is_not_there_is_a_mistake(container: ContainerClient, path: str, words: str) -> None:
    for ask in (load_settings, source_version):
        with pytest.raises(ConfigError, match=words):
            ask(f"{container.url}{path}", {}, credentials=as_anybody)


@pytest.mark.parametrize("client_id", [None, "11111111-2222-3333-4444-555555555555"])
def test_the_default_is_the_apps_managed_identity(
    container: ContainerClient, monkeypatch: pytest.MonkeyPatch, client_id: str | None
) -> None:
    lay(container, {"a.toml": a_target()})
    with managed_identity(monkeypatch) as asked:
        environ = {
            "DAWNWATCH_CONFIG": f"{container.url}/a.toml",
            **({"AZURE_CLIENT_ID": client_id} if client_id else {}),
        }
        assert len(load_settings(None, environ).targets) == 1
    assert asked == [client_id]


def test_the_command_line_takes_an_address(
    container: ContainerClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda handler: answer(handler, 400, {})) as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "x")
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
        assert main(["config", "check", "--config", f"{container.url}/a.toml"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "got no sign-in" in said.err
    assert len(said.err.splitlines()) == 1
    assert main(["config", "check", "--config", f"{ADDRESS}/a.toml?sig=HUSH"]) == 2
    assert "HUSH" not in capsys.readouterr().err


# --- an address ---


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"{ADDRESS}/a.toml", BlobAddress("https://contoso.blob.core.windows.net", "config", "a.toml")),
        (f"{ADDRESS}/a/b%20c.toml", BlobAddress("https://contoso.blob.core.windows.net", "config", "a/b c.toml")),
        (f"{ADDRESS}/a/", BlobAddress("https://contoso.blob.core.windows.net", "config", "a/")),
        (f"{ADDRESS}/", BlobAddress("https://contoso.blob.core.windows.net", "config", "")),
        (ADDRESS, BlobAddress("https://contoso.blob.core.windows.net", "config", "")),
        ("https://127.0.0.1:1/acc/con/a.toml", BlobAddress("https://127.0.0.1:1/acc", "con", "a.toml")),
        ("https://localhost/acc/con/a/", BlobAddress("https://localhost/acc", "con", "a/")),
        ("HTTPS://X.example/con/a.toml", BlobAddress("https://X.example", "con", "a.toml")),
    ],
)
def test_an_address_is_an_account_a_container_and_a_path(url: str, address: BlobAddress) -> None:
    assert parse_address(url) == address
    assert address.is_folder is (not url.endswith(".toml"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"{ADDRESS}/a.toml?sv=1&sig=HUSH", "without user, query or fragment: take the signature out, and grant .*"),
        (f"{ADDRESS}/a.toml?", "must be an address without user, query or fragment"),
        (f"{ADDRESS}/a.toml#HUSH", "must be an address without user, query or fragment"),
        ("https://u:HUSH@a.example/config/a.toml", "must be an address without user, query or fragment"),
        ("http://a.example/HUSH/a.toml", "must be https://<account>.blob.core.windows.net/<container>/"),
        ("https:///HUSH/a.toml", "must be https://<account>"),
        ("https://[HUSH/a.toml", "must be https://<account>"),
        ("https://a:x/HUSH/a.toml", "must be https://<account>"),
        ("https://a.example/config/HUSH .toml", "must be https://<account>"),
        ("https://a.example/config/HUSH\n.toml", "must be https://<account>"),
        ("https://a.example/", "must name a container of 3 to 63"),
        ("https://a.example/HUSH/a.toml", "must name a container of 3 to 63"),
        ("https://a.example/a--b/a.toml", "must name a container of 3 to 63"),
        ("https://a.example/ab/a.toml", "must name a container of 3 to 63"),
        ("https://127.0.0.1/account", "must name a container of 3 to 63"),
        (f"{ADDRESS}/HUSH.json", "must end in .toml, or in / for a folder"),
        (f"{ADDRESS}/HUSH", "must end in .toml, or in / for a folder"),
    ],
)
def test_what_is_no_address_is_refused_and_not_quoted(url: str, words: str) -> None:
    for where, environ, place in (
        (url, {}, "the configuration"),
        (None, {"DAWNWATCH_CONFIG": url}, "environment: DAWNWATCH_CONFIG"),
    ):
        with pytest.raises(ConfigError, match=f"^{place}: .*{words}") as caught:
            load_settings(where, environ, credentials=as_anybody)
        assert "HUSH" not in repr(caught.value.mistakes)


def test_the_ledger_of_a_configuration_in_a_blob_is_where_we_are() -> None:
    assert folder_of(f"{ADDRESS}/a.toml") == Path()


def test_the_identity_that_signs_in_is_the_one_that_the_environment_names() -> None:
    asked: list[str | None] = []

    def credentials(client_id: str | None) -> Any:
        asked.append(client_id)
        return Credential()

    for environ in ({}, {"AZURE_CLIENT_ID": ""}, {"AZURE_CLIENT_ID": "1234"}):
        source = find_source(f"{ADDRESS}/a.toml", environ, credentials)
        assert isinstance(source, BlobSource)
        source.credential()
    assert asked == [None, None, "1234"]
