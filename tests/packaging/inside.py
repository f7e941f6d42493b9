"""The app as Azure starts it, from the unpacked package alone. Run as `python -I -S inside.py`, told by JSON on stdin.

Nothing of this repository can be imported here, and nothing of its environment: only Python's own library and the
package. What became of it is printed as JSON.
"""

import asyncio
import contextlib
import importlib
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

STORAGE = "AzureWebJobsStorage"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    asked = json.load(sys.stdin)
    sys.addaudithook(stay_here)
    sys.path[:0] = [f"{asked['package']}/.python_packages/lib/site-packages", asked["package"]]
    os.chdir(asked["package"])
    send_telemetry()
    said = {
        "functions": index(),
        "tour": asyncio.run(make_tour(datetime.fromisoformat(asked["now"]))),
        "storage": asyncio.run(use_storage()),
        "signed_in": asyncio.run(sign_in(asked["authority"], asked["pem"], asked["proof"])),
        "groups": operations(),
        "not_imported": refused(asked["imports"]),
        "imported_anyway": [name for name in asked["must_not_import"] if can_import(name)],
    }
    flush_telemetry()
    said["modules"] = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    json.dump(said, sys.stdout)


def stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Let nothing out of this machine."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name not in (*LOOPBACK, None):
        raise RuntimeError(f"{event}: {name}")


def send_telemetry() -> None:
    """Do what the Functions worker does before it loads the app."""
    from azure.monitor.opentelemetry import configure_azure_monitor

    configure_azure_monitor(logger_name="")


def flush_telemetry() -> None:
    from opentelemetry import trace
    from opentelemetry._logs import get_logger_provider

    providers: list[Any] = [trace.get_tracer_provider(), get_logger_provider()]
    for provider in providers:
        provider.force_flush()


def index() -> list[str]:
    """Load the app and list its functions, as the worker does."""
    import function_app

    return sorted(str(function.get_function_name()) for function in function_app.app.get_functions())


async def make_tour(now: datetime) -> dict[str, Any]:
    """Every check of every target, with the ledger in Table Storage, and everything told."""
    from shared.model import Check
    from shared.tour import make_tour

    async with open_shell(now) as shell:
        tour = await make_tour(shell, shell.settings.targets, tuple(Check), lambda pages, objects: None)
    (stop,) = tour.stops
    assert stop.made, stop.trouble
    logging.getLogger("packaged").info("tour made", extra={"target": stop.target})
    return {
        "checks": {done.check: [done.coverage.read, len(done.unread)] for done in stop.made.passes},
        "told": stop.made.delivered.sent,
        "status": tour.status,
    }


@asynccontextmanager
async def open_shell(now: datetime) -> AsyncIterator[Any]:
    from functools import partial

    from shared.config import load_settings
    from shared.gather.connections import Connections
    from shared.ledger.open import open_store
    from shared.monitor import run_passes
    from shared.notify.channels import open_channels
    from shared.rounds import Shell

    settings = load_settings(None, os.environ)
    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(open_store(STORAGE, os.environ))
        channels = await opened.enter_async_context(open_channels(settings, os.environ))
        connections = await opened.enter_async_context(Connections(settings.cloud))
        yield Shell(settings, store, channels, lambda: now, partial(run_passes, connections))


async def use_storage() -> list[str]:
    """A message through a queue and a text through a blob."""
    from azure.storage.blob.aio import BlobServiceClient
    from azure.storage.queue.aio import QueueClient

    connection = os.environ[STORAGE]
    async with QueueClient.from_connection_string(connection, "packaged") as queue:
        await queue.create_queue()
        await queue.send_message("a pass")
        messages = [message.content async for message in queue.receive_messages()]
    async with BlobServiceClient.from_connection_string(connection) as blobs:
        container = await blobs.create_container("packaged")
        await container.upload_blob("dawnwatch.toml", b"a configuration")
        return [*messages, (await (await container.download_blob("dawnwatch.toml")).readall()).decode()]


async def sign_in(authority: str, pem: str, proof: str) -> dict[str, str]:
    """Every kind of credential that a deployed app may be given: a token, or the refusal of whoever was asked."""
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CredentialUnavailableError, ManagedIdentityCredential, aio

    who = os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"]
    where: dict[str, Any] = {"authority": authority, "disable_instance_discovery": True, "retry_total": 0}
    kinds: dict[str, Callable[[], Any]] = {
        "secret": lambda: aio.ClientSecretCredential(*who, os.environ["AZURE_CLIENT_SECRET"], **where),
        "certificate": lambda: aio.CertificateCredential(*who, certificate_data=pem.encode(), **where),
        "assertion": lambda: aio.ClientAssertionCredential(*who, lambda: Path(proof).read_text(), **where),
        "workload": lambda: aio.WorkloadIdentityCredential(
            tenant_id=who[0], client_id=who[1], token_file_path=proof, **where
        ),
        "managed": lambda: aio.ManagedIdentityCredential(retry_total=0),
        "command line": lambda: aio.AzureCliCredential(),
    }
    came: dict[str, str] = {}
    for kind, make in kinds.items():
        async with make() as credential:
            try:
                came[kind] = "a token" if (await credential.get_token(f"{authority}/.default")).token else "nothing"
            except (ClientAuthenticationError, CredentialUnavailableError) as error:
                came[kind] = type(error).__name__
    telemetry = ManagedIdentityCredential(retry_total=0)  # the exporter of telemetry signs in without asyncio
    came["managed, synchronous"] = "a token" if telemetry.get_token(f"{authority}/.default").token else "nothing"
    return came


def operations() -> int:
    """Every group of operations of the authorization client, in its default API version; how many there are."""
    from azure.identity.aio import ManagedIdentityCredential
    from azure.mgmt.authorization.aio import AuthorizationManagementClient

    client = AuthorizationManagementClient(ManagedIdentityCredential(), "00000000-0000-0000-0000-000000000000")
    groups = [name for name, found in vars(type(client)).items() if isinstance(found, property)]
    for name in groups:
        with contextlib.suppress(ValueError):  # a group that ended with an API version before the default one
            getattr(client, name)
    return len(groups)


def refused(statements: list[str]) -> dict[str, str]:
    """Make each import; what went wrong."""
    failed: dict[str, str] = {}
    for statement in statements:
        try:
            exec(statement, {})
        except ImportError as error:
            failed[statement] = str(error)
    return failed


def can_import(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    main()
