"""Azure Storage's emulator for the time of a measurement, where Node and it are installed."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_SCRIPT = Path(__file__).parent.parent / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # every emulator's
_LISTENING = "Table service is successfully listening at "


@contextmanager
def open_azurite() -> Iterator[str | None]:
    """Run the emulator's tables on a free port of the loopback; yield the connection string, or None without it."""
    node = shutil.which("node")
    if node is None or not _SCRIPT.exists():
        yield None
        return
    places = [f"--{service}{word}" for service in ("blob", "queue", "table") for word in ("Host=127.0.0.1", "Port=0")]
    options = [*places, "--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(  # noqa: S603
            [node, str(_SCRIPT), *options], cwd=folder, stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            yield _connection(process)
        finally:
            process.terminate()
            process.communicate()  # it says good-bye


def _connection(process: "subprocess.Popen[str]") -> str:
    for line in process.stdout or ():
        if _LISTENING in line:
            place = line.partition(_LISTENING)[2].strip()
            account = f"AccountName={_ACCOUNT};AccountKey={_KEY};TableEndpoint={place}/{_ACCOUNT};"
            return f"DefaultEndpointsProtocol=http;{account}"
    raise RuntimeError("Azurite did not start.")
