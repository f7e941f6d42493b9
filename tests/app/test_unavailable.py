"""A configuration in a blob, and its storage account that goes down and comes back."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme

from shared.app.examining import doctor
from shared.app.opened import App, Places
from shared.app.standing import status
from shared.errors import ConfigUnavailableError
from tests.answering import answer, serving
from tests.app.operated import ListQueue
from tests.azurite_tls import managed_identity
from tests.config_texts import a_target


@dataclass
class Blob:
    """A blob with a configuration; or, where its account is down, an answer that the SDK does not try again."""

    text: str
    is_down: bool = False
    url: str = ""

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        if self.is_down:
            answer(handler, 501, {"x-ms-error-code": "Down"}, b"HUSH")
            return
        body = self.text.encode()
        headers = {"ETag": f'"{hash(self.text)}"', "Last-Modified": "Mon, 23 Nov 2026 04:00:00 GMT"}
        headers |= {"Content-Type": "application/octet-stream", "x-ms-blob-type": "BlockBlob"}
        headers["Content-Range"] = f"bytes 0-{len(body) - 1}/{len(body)}"
        answer(handler, 206 if handler.command == "GET" else 200, headers, body)


@pytest.fixture
def blob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Blob]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    made = Blob(a_target())
    with managed_identity(monkeypatch), serving(made.respond, context) as server:
        made.url = f"https://127.0.0.1:{server.server_address[1]}/account/config/dawnwatch.toml"
        yield made


def an_app(blob: Blob, folder: Path) -> App:
    return App(Places(blob.url, "dawnwatch.db", folder), {}, queue=ListQueue(), settings_for_s=0)


async def names(app: App) -> list[str]:
    async with app.opened() as opened:
        return [target.name for target in opened.settings.targets]


async def test_the_last_good_configuration_is_used_while_its_storage_is_down(
    blob: Blob, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = an_app(blob, tmp_path)
    assert await names(app) == ["contoso"]
    blob.text, blob.is_down = a_target(name="fabrikam"), True
    assert await names(app) == ["contoso"]
    assert [record.getMessage() for record in caplog.records if record.name == "dawnwatch"] == [
        "configuration unavailable"
    ]
    blob.is_down = False
    assert await names(app) == ["fabrikam"]
    await app.close()


async def test_without_one_every_function_says_what_does_not_answer(blob: Blob, tmp_path: Path) -> None:
    blob.is_down = True
    app = an_app(blob, tmp_path)
    with pytest.raises(ConfigUnavailableError, match="501 Down"):
        await names(app)
    for said in (await status(app, {}), await doctor(app, {})):
        assert (said.status, said.headers["Retry-After"]) == (503, "60")
        assert "HUSH" not in said.body
    assert "501 Down" in json.loads((await doctor(app, {})).body)["error"]
