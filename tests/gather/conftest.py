"""A scripted server whose tenant the SDKs sign in to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.gather.scripted import TENANT, Script, Scripted

type Scripting = Callable[..., Scripted]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripting]:
    with ExitStack() as stack:

        def serve(script: Script, takes_s: float = 0) -> Scripted:
            server = stack.enter_context(Scripted(script, takes_s))
            for name, value in (
                ("AZURE_TENANT_ID", TENANT),
                ("AZURE_CLIENT_ID", TENANT),
                ("AZURE_CLIENT_SECRET", "not-a-secret"),
                ("SSL_CERT_FILE", server.ca_path),
                ("REQUESTS_CA_BUNDLE", server.ca_path),
            ):
                monkeypatch.setenv(name, value)
            return server

        yield serve
