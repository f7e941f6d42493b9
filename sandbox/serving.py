"""The box in the foreground, for `dawnwatch sandbox`."""

import argparse
import shlex
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from sandbox.faults import Fault, parse_fault
from sandbox.server import Sandbox
from sandbox.tenant import Tenant
from shared.cli.check import instant
from shared.errors import DawnwatchError


def serve(
    tenants: Iterable[Tenant | Path | str],
    *,
    now: datetime | None = None,
    port: int = 0,
    faults: Iterable[Fault] = (),
    say: Callable[[str], None] = print,
    until: threading.Event | None = None,
) -> None:
    """Run a box until it is interrupted (Ctrl+C) or `until` is set, saying where it is and what a client needs."""
    stopped = until or threading.Event()
    with Sandbox(tenants, now=now, port=port, faults=faults) as box:
        say(f"# The sandbox listens at {box.url}; its clock stands at {box.now:%Y-%m-%d %H:%M} UTC. Ctrl+C ends it.")
        say("# In dawnwatch.toml:")
        say(box.cloud_toml() + box.targets_toml())
        say("# In the environment (these secrets are made up and open nothing else):")
        for name, value in box.environment.items():
            say(f"export {name}={shlex.quote(value)}")
        if box.administrator:
            say("# Or as the tenant's administrator, for `dawnwatch grant`:")
        for name, value in box.administrator.items():
            say(f"# export {name}={shlex.quote(value)}")
        try:
            while not stopped.wait(0.5):  # short waits: on Windows a long one would not let Ctrl+C through
                pass
        except KeyboardInterrupt:
            say("# The sandbox has stopped.")


def main(argv: Sequence[str]) -> int:
    """Serve tenants as `dawnwatch sandbox` is asked to."""
    parser = argparse.ArgumentParser(
        prog="dawnwatch sandbox",
        description="Serve a tenant in a box on this machine: Entra ID, Microsoft Graph, Azure Resource Manager, "
        "Log Analytics, a Teams webhook and an Event Grid topic, over TLS on loopback.",
        epilog="example: dawnwatch sandbox fabrikam --fault graph:throttle:retry_after=2.128:times=3",
    )
    parser.add_argument(
        "tenants",
        metavar="TENANT",
        nargs="*",
        default=["contoso"],
        help="contoso, fabrikam, tailspin, or a tenant's data file",
    )
    parser.add_argument("--port", type=int, default=0, help="(default: a free one)")
    parser.add_argument("--now", metavar="ISO8601", type=instant, help="where its clock stands (default: the tenant's)")
    parser.add_argument(
        "--fault", metavar="FAULT", type=_fault, action="append", default=[], help="service:kind[:key=value …]"
    )
    asked = parser.parse_args(argv)
    try:
        serve(asked.tenants, now=asked.now, port=asked.port, faults=asked.fault, say=_say)
    except (DawnwatchError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _fault(text: str) -> Fault:
    try:
        return parse_fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
