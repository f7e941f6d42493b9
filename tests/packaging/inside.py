"""The app as Azure starts it, from the unpacked package alone. Run as `python -I -S inside.py`, told by JSON on stdin.

Nothing of this repository can be imported here, and nothing of its environment: only Python's own library and the
package. What became of it is printed as JSON.
"""

import asyncio
import base64
import contextlib
import importlib
import inspect
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

STORAGE = "AzureWebJobsStorage"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
TRACE = SimpleNamespace(trace_context=SimpleNamespace(trace_parent=f"00-{'a' * 32}-{'b' * 16}-01"))


def main() -> None:
    asked = json.load(sys.stdin)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    sys.addaudithook(stay_here)
    sys.path[:0] = [f"{asked['package']}/.python_packages/lib/site-packages", asked["package"]]
    os.chdir(asked["package"])
    said = {
        "app": asyncio.run(operate()),
        "blob": asyncio.run(use_a_blob()),
        "signed_in": asyncio.run(sign_in(asked["authority"], asked["pem"], asked["proof"])),
        "groups": operations(),
        "not_imported": refused(asked["imports"]),
        "imported_anyway": [name for name in asked["must_not_import"] if can_import(name)],
    }
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


async def operate() -> dict[str, Any]:
    """Load the app and call each of its functions as the worker does: timers, then what they planned, then HTTP."""
    from opentelemetry import context  # the worker ties lines to traces with it
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    import function_app

    context.attach(TraceContextTextMapPropagator().extract({"traceparent": TRACE.trace_context.trace_parent}))
    functions = {str(function.get_function_name()): function for function in function_app.app.get_functions()}
    for function in _triggered_by("timerTrigger", functions.values()):
        await _call(function, timer=SimpleNamespace(past_due=False))
    performed = 0
    for body in await _take("dawnwatch-passes"):
        await _call(functions["passes"], message=_message(body))
        performed += 1
    await _call(functions["passes_poison"], message=_message(b"nobody's"))
    answers = {}
    for function in _triggered_by("httpTrigger", functions.values()):
        answer = await _call(function, req=_request(function))
        answers[str(function.get_function_name())] = [answer.status_code, answer.get_body().decode()]
    from shared.app.opened import the_app

    await the_app().close()
    return {"functions": sorted(functions), "performed": performed, "answers": answers}


def _triggered_by(kind: str, functions: Iterable[Any]) -> list[Any]:
    return [function for function in functions if function.get_trigger().type == kind]


async def _call(function: Any, **given: object) -> Any:
    work: Callable[..., Any] = function.get_user_function()
    wanted = inspect.signature(work).parameters
    came = work(**{name: value for name, value in {**given, "context": TRACE}.items() if name in wanted})
    return await came if inspect.isawaitable(came) else came


def _message(body: bytes) -> Any:
    import azure.functions as func

    return func.QueueMessage(id="1", body=body)


def _request(function: Any) -> Any:
    import azure.functions as func

    (method,) = function.get_trigger().methods
    return func.HttpRequest(str(getattr(method, "value", method)), "https://localhost/api", body=b"{}")


async def _take(name: str) -> list[bytes]:
    from azure.storage.queue.aio import QueueClient

    async with QueueClient.from_connection_string(os.environ[STORAGE], name) as queue:
        return [base64.b64decode(message.content) async for message in queue.receive_messages()]


async def use_a_blob() -> str:
    from azure.storage.blob.aio import BlobServiceClient

    async with BlobServiceClient.from_connection_string(os.environ[STORAGE]) as blobs:
        container = await blobs.create_container("packaged")
        await container.upload_blob("dawnwatch.toml", b"a configuration")
        return (await (await container.download_blob("dawnwatch.toml")).readall()).decode()


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
