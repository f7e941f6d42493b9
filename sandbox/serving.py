"""The box in the foreground, for `dawnwatch sandbox`."""

import shlex
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.tenant import Tenant


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
        say(box.cloud_toml())
        say("# In the environment (these secrets are made up and open nothing else):")
        for name, value in box.environment.items():
            say(f"export {name}={shlex.quote(value)}")
        try:
            while not stopped.wait(0.5):  # short waits: on Windows a long one would not let Ctrl+C through
                pass
        except KeyboardInterrupt:
            say("# The sandbox has stopped.")
