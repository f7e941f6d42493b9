"""Azurite, Azure Storage's emulator, for tests that need tables, queues or blobs; without it they are skipped."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

import pytest

SCRIPT = Path(__file__).parent.parent / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # every emulator's
_LISTENING = re.compile(r"(Blob|Queue|Table) service is successfully listening at (\S+)")
_START_S = 60


@dataclass
class Azurite:
    """A running emulator; `endpoints` by service: Blob, Queue and Table."""

    process: subprocess.Popen[str]
    endpoints: dict[str, str]

    def endpoint(self, service: str) -> str:
        return f"{self.endpoints[service]}/{ACCOUNT}"

    @property
    def connection_string(self) -> str:
        places = "".join(f"{service}Endpoint={self.endpoint(service)};" for service in sorted(self.endpoints))
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{places}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def start(directory: Path, *options: str) -> Iterator[Azurite]:
    """Run an Azurite that listens on free ports of the loopback, and stop it."""
    node = shutil.which("node")
    if node is None or not SCRIPT.exists():
        pytest.skip(f"{'Node is' if node is None else 'Azurite is'} not installed: run `npm ci` for tests with storage")
    hosts = [f"--{service}Host=127.0.0.1" for service in ("blob", "queue", "table")]
    ports = [f"--{service}Port=0" for service in ("blob", "queue", "table")]
    command = [node, str(SCRIPT), "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence", "--silent"]
    with subprocess.Popen(
        [*command, *hosts, *ports, *options], cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines: Queue[str] = Queue()
        reader = threading.Thread(target=_copy, args=(process, lines))
        reader.start()
        try:
            yield Azurite(process, _endpoints(process, lines))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join()


def _copy(process: subprocess.Popen[str], lines: "Queue[str]") -> None:
    """Read on for as long as it writes, so that it never waits for a reader."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put("")


def _endpoints(process: subprocess.Popen[str], lines: "Queue[str]") -> dict[str, str]:
    found: dict[str, str] = {}
    said = ""
    while len(found) < 3:
        try:
            line = lines.get(timeout=_START_S)
        except Empty:
            line = ""
        if not line:
            pytest.fail(f"Azurite did not start within {_START_S} s: {said}")
        said += line
        if match := _LISTENING.search(line):
            found[match[1]] = match[2]
    return found


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Run one Azurite for all tests: use names of your own for tables, queues and containers."""
    yield from start(tmp_path_factory.mktemp("azurite"))


@pytest.fixture
def own_azurite(tmp_path: Path) -> Iterator[Azurite]:
    """Run an Azurite that this test may kill."""
    yield from start(tmp_path)
