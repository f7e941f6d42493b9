"""Azure Storage's emulator for the time of a measurement, where Node and it are installed."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_SCRIPT = Path(__file__).parent.parent / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # every emulator's
_LISTENING = re.compile(r"(Blob|Queue|Table) service is successfully listening at (\S+)")


@contextmanager
def open_azurite() -> Iterator[str | None]:
    """Run the emulator on free ports of the loopback; yield the connection string, or None without it."""
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
    places = ""
    for line in process.stdout or ():
        if found := _LISTENING.search(line):
            places += f"{found[1]}Endpoint={found[2]}/{_ACCOUNT};"
        if places.count(";") == len(("blob", "queue", "table")):
            return f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};{places}"
    raise RuntimeError("Azurite did not start.")
