"""A configuration in Blob Storage that does not answer as it should: what is a mistake, and what will pass."""

import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import trustme
from azure.core.credentials import AccessToken
from azure.identity import CredentialUnavailableError

from shared.config.blob_address import parse_address
from shared.config.blobs import BlobSource
from shared.errors import ConfigError, ConfigUnavailableError
from tests.answering import Respond, Server, answer, serving
from tests.azurite import Azurite
from tests.azurite_tls import Credential

ADDRESS = "https://contoso.blob.core.windows.net/config"


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Make the context of a server that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def blob(url: str, credential: Credential | None = None, patience_s: float = 20) -> BlobSource:
    made: Any = credential or Credential()
    web = {"initial_backoff": 0, "increment_base": 0, "random_jitter_range": 0}
    return BlobSource(parse_address(url), lambda: made, patience_s, web)


def of(server: Server, path: str = "config/a.toml") -> str:
    return f"https://127.0.0.1:{server.server_address[1]}/account/{path}"


QUOTING = b'<?xml version="1.0"?><Error><Code>%s</Code><Message>HUSH a body that nobody may read</Message></Error>'


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (403, "AuthorizationPermissionMismatch", ConfigError, r"\(403 .*Mismatch\): grant .* Storage Blob Data Reader"),
        (403, "AuthorizationFailure", ConfigError, r"403 AuthorizationFailure.*the storage account's firewall"),
        (401, "InvalidAuthenticationInfo", ConfigError, r"not accepted \(401 .*belongs to the account's tenant"),
        (404, "BlobNotFound", ConfigError, r"is not there \(404 BlobNotFound\)"),
        (404, "HUSH=1", ConfigError, r"is not there \(404\)"),
        (400, "InvalidUri", ConfigError, r"storage answered 400 InvalidUri: check the address"),
        (302, "", ConfigError, r"storage answered 302: check the address"),
        (429, "", ConfigUnavailableError, r"is throttling \(429\)\. It may be right a minute later"),
        (500, "InternalError", ConfigUnavailableError, r"failed on its side \(500 InternalError\)"),
        (503, "ServerBusy", ConfigUnavailableError, r"is busy \(503 ServerBusy\)"),
    ],
)
def test_what_storage_answers_is_told_as_what_it_means(
    trusted: ssl.SSLContext, status: int, code: str, kind: type[Exception], words: str
) -> None:
    headers = {"x-ms-error-code": code, "Content-Type": "application/xml", "Location": "https://HUSH.example/"}
    body = QUOTING % code.encode()
    with serving(lambda handler: answer(handler, status, headers, body), trusted) as server:
        for url in (of(server), of(server, "config/d/")):
            for ask in (blob(url).read, blob(url).version):
                with pytest.raises(kind, match=words) as caught:
                    ask()
                assert "HUSH" not in str(caught.value)
                assert of(server).removesuffix("/config/a.toml") in str(caught.value)
        assert server.asked <= 12


@pytest.mark.parametrize(
    "respond",
    [
        lambda handler: handler.connection.close(),
        lambda handler: handler.wfile.write(b"HUSH\r\n\r\n"),
        lambda handler: answer(handler, 200, {"Content-Length": "99"}, b"HUSH"),
        lambda handler: answer(handler, 200, {"Content-Type": "text/html"}, b"<html>HUSH"),
        lambda handler: answer(handler, 206, {"Content-Range": "HUSH", "ETag": "1"}, b"x"),
    ],
)
def test_what_is_no_answer_of_storage_says_nothing_of_the_configuration(
    trusted: ssl.SSLContext, respond: Respond
) -> None:
    with serving(respond, trusted) as server:
        for ask in (blob(of(server), patience_s=3).read, blob(of(server, "config/d/"), patience_s=3).version):
            with pytest.raises(ConfigUnavailableError) as caught:
                ask()
            assert "HUSH" not in str(caught.value)


def test_storage_that_says_nothing_is_given_up_in_time(trusted: ssl.SSLContext) -> None:
    done = threading.Event()

    def wait(_: BaseHTTPRequestHandler) -> None:
        done.wait(30)

    with serving(wait, trusted) as server:
        with pytest.raises(ConfigUnavailableError, match=r"did not answer within 0\.3 s\. Check the network path"):
            blob(of(server), patience_s=0.3).read()
        done.set()


def a_list(count: int) -> bytes:
    """What storage lists of a folder."""
    blobs = "".join(
        f"<Blob><Name>d/{number:02}.toml</Name><Properties><Etag>0x{number}</Etag>"
        "<BlobType>BlockBlob</BlobType></Properties></Blob>"
        for number in range(count)
    )
    return f'<?xml version="1.0"?><EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>'.encode()


def test_a_large_folder_may_take_its_time_as_long_as_its_blobs_keep_coming(trusted: ssl.SSLContext) -> None:
    one_at_a_time = threading.Lock()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if "comp=list" in handler.path:
            answer(handler, 200, {"Content-Type": "application/xml"}, a_list(30))
            return
        with one_at_a_time:
            time.sleep(0.1)
        answer(handler, 206, {"ETag": "1", "Content-Range": "bytes 0-2/3"}, b"a=1")

    with serving(respond, trusted) as server:
        begin = time.monotonic()
        reading = blob(of(server, "config/d/"), patience_s=2).read()
    assert time.monotonic() - begin > 2
    assert [text.text for text in reading.texts] == ["a=1"] * 30


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (403, ConfigError, r"/config/d/: may not be read \(403\)"),
        (503, ConfigUnavailableError, r"is busy \(503\)"),
    ],
)
def test_one_blob_that_fails_is_told_and_the_others_are_not_waited_for(
    trusted: ssl.SSLContext, status: int, kind: type[Exception], words: str
) -> None:
    done = threading.Event()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if "comp=list" in handler.path:
            answer(handler, 200, {"Content-Type": "application/xml"}, a_list(5))
        elif "03.toml" in handler.path:
            answer(handler, status, {})
        else:
            done.wait(30)

    with serving(respond, trusted) as server:
        with pytest.raises(kind, match=words):
            blob(of(server, "config/d/")).read()
        done.set()


def test_a_storage_account_that_nobody_trusts(tls_azurite: tuple[Azurite, str]) -> None:
    credential = Credential()
    source = blob(f"{tls_azurite[0].endpoint('Blob')}/config/a.toml", credential)
    with pytest.raises(ConfigUnavailableError, match=r"could not be reached \(.*\)\. Check .* TLS trust"):
        source.read()
    assert credential.closed


def test_storage_that_is_not_there() -> None:
    with serving(lambda handler: None) as server:
        url = of(server)
    with pytest.raises(ConfigUnavailableError, match="could not be reached"):
        blob(url).version()


def test_no_sign_in_is_told_at_once() -> None:
    asked: list[str] = []

    class SignedOut(Credential):
        async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
            asked.extend(scopes)
            raise CredentialUnavailableError("a long text with HUSH")

    with pytest.raises(
        ConfigUnavailableError, match=r"got no sign-in \(CredentialUnavailableError\).*az login"
    ) as caught:
        blob(f"{ADDRESS}/a.toml", SignedOut()).read()
    assert "HUSH" not in str(caught.value)
    assert len(asked) == 1


def test_a_server_that_wants_another_services_token_gets_none(trusted: ssl.SSLContext) -> None:
    challenge = "Bearer authorization_uri=https://login.example/tenant resource_id=https://graph.microsoft.com"
    credential = Credential()
    with (
        serving(lambda handler: answer(handler, 401, {"WWW-Authenticate": challenge}), trusted) as server,
        pytest.raises(ConfigError, match="401"),
    ):
        blob(of(server), credential).read()
    assert credential.scopes == {"https://storage.azure.com/.default"}
