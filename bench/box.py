"""The box in a process of its own: its interpreter lock and its memory stay out of what is measured."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import Sandbox, load_tenant
from shared.config import Settings, load_settings

PROFILES = 'profiles = ["desktop-analytics"]\n'
ALL_APPS = 'credentials = "all"\n'


@dataclass(frozen=True, slots=True)
class Box:
    """A running box, seen from the process that measures. `config` is a dawnwatch.toml with one bare target."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    now: datetime
    config: str
    environment: Mapping[str, str]

    def config_file(self, more: str) -> Path:
        """The configuration that a user of this box would write; `more` stands in its one target."""
        path = self.folder / "dawnwatch.toml"
        path.write_text(self.config + more, encoding="utf-8")
        return path

    def settings(self, more: str) -> Settings:
        """That configuration, read."""
        return load_settings(self.config_file(more), self.environment)

    def cpu_s(self) -> float:
        """The processor time that the server has used so far."""
        return float(self._ask("cpu"))

    def requests(self, service: str) -> int:
        """How many requests to a service have come in so far."""
        return int(self._ask(service))

    def run_apart(self, module: str) -> str:
        """Run a module of this package in a fresh interpreter, on this box with every app watched; what it printed."""
        command = [sys.executable, "-m", module, str(self.config_file(ALL_APPS)), self.now.isoformat()]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        return done.stdout

    def _ask(self, question: str) -> str:
        print(question, file=self.process.stdin, flush=True)
        return self.process.stdout.readline() if self.process.stdout else ""


@contextmanager
def open_box(*, applications: int = 0, role_assignments: int = 0, latency_ms: int = 0) -> Iterator[Box]:
    """Start a box with so many made-up objects beside the few that its tenant names, and sign this process in to it.

    No answer comes sooner than after `latency_ms`.
    """
    command = [sys.executable, "-m", "bench.box", str(applications), str(role_assignments), str(latency_ms)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    with process, TemporaryDirectory(prefix="dawnwatch-bench-") as folder:
        hello = json.loads(process.stdout.readline() if process.stdout else "")
        os.environ.update(hello["environment"])
        now = datetime.fromisoformat(hello["now"])
        try:
            yield Box(process, Path(folder), hello["url"], now, hello["config"], hello["environment"])
        finally:
            if process.stdin:
                process.stdin.close()  # which ends it


def _serve(applications: int, role_assignments: int, latency_ms: int) -> None:
    """Serve until stdin ends, answering what the parent asks."""
    tenant = load_tenant("contoso")
    tenant.generated.applications = applications
    tenant.generated.role_assignments = role_assignments
    with Sandbox(tenant, latency_s=latency_ms / 1000) as box:
        hello = {
            "url": box.url,
            "now": box.now.isoformat(),
            "config": box.cloud_toml() + box.targets_toml(),
            "environment": box.environment,
        }
        print(json.dumps(hello), flush=True)
        for line in sys.stdin:
            asked = line.strip()
            if asked == "cpu":
                print(time.process_time(), flush=True)
            else:
                print(sum(request.service == asked for request in box.requests), flush=True)


if __name__ == "__main__":
    _serve(*map(int, sys.argv[1:]))
