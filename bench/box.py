"""The box in a process of its own: its interpreter lock and its memory stay out of what is measured."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import Sandbox, load_tenant
from shared.config import Settings, load_settings
from shared.expectations import Target

PROFILES = 'profiles = ["desktop-analytics"]\n'
ALL_APPS = 'credentials = "all"\n'


@dataclass(frozen=True, slots=True)
class Box:
    """A running box, seen from the process that measures. `config` is a dawnwatch.toml with one bare target."""

    process: subprocess.Popen[str]
    folder: Path
    config: str
    environment: Mapping[str, str]

    def settings(self, more: str) -> Settings:
        """The configuration that a user of this box would write; `more` stands in its one target."""
        return load_settings(self.config_file(more), {**os.environ, **self.environment})

    def config_file(self, more: str) -> Path:
        """That configuration as a file."""
        path = self.folder / "dawnwatch.toml"
        path.write_text(self.config + more, encoding="utf-8")
        return path

    def target(self, more: str = "") -> Target:
        """Its one target."""
        return self.settings(more).targets[0]

    @property
    def url(self) -> str:
        """Its one endpoint."""
        return str(self.settings(ALL_APPS).cloud.graph)

    def cpu_s(self) -> float:
        """The processor time that the server has used so far."""
        return float(self._ask("cpu"))

    def requests(self, service: str) -> int:
        """How many requests to a service have come in so far."""
        return int(self._ask(service))

    def _ask(self, question: str) -> str:
        if self.process.stdin is None or self.process.stdout is None:
            message = "the box was started without pipes"
            raise RuntimeError(message)
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def open_box(*, applications: int = 0, role_assignments: int = 0) -> Iterator[Box]:
    """Start a box with so many made-up objects beside the few that its tenant names."""
    asked = [sys.executable, "-m", "bench.box", str(applications), str(role_assignments)]
    with (
        TemporaryDirectory(prefix="dawnwatch-bench-") as folder,
        subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,  # noqa: S603
    ):
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        try:
            hello = json.loads(process.stdout.readline())
            yield Box(process, Path(folder), hello["config"], hello["environment"])
        finally:
            process.stdin.close()


def _serve(applications: int, role_assignments: int) -> None:
    """Serve until stdin ends, answering what the parent asks."""
    tenant = load_tenant("contoso")
    tenant.generated.applications = applications
    tenant.generated.role_assignments = role_assignments
    with Sandbox(tenant) as box:
        _say(json.dumps({"config": box.cloud_toml() + box.targets_toml(), "environment": box.environment}))
        for line in sys.stdin:
            question = line.strip()
            requests = [each for each in box.requests if each.service == question]
            _say(str(time.process_time() if question == "cpu" else len(requests)))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
