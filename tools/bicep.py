"""The Bicep compiler, wherever it is: on PATH, where `az bicep` or azd put it, or beside the clone."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
INFRA = ROOT / "infra"
PARAMETERS = (INFRA / "main.bicepparam", INFRA / "tests" / "everything.bicepparam")
SNAPSHOTS = tuple(file.with_suffix(".snapshot.json") for file in PARAMETERS)
MADE_WITH = "0.49.2"
"""The version that the snapshots were made with: another may lint, format or foresee otherwise."""

HOW_TO_INSTALL = (
    f"No Bicep compiler: install it with `az bicep install --version v{MADE_WITH}`, or put `bicep` on PATH "
    "(https://aka.ms/bicep-install)."
)

# What parameter files read is of a deployment: on a machine that has one, the snapshots would be of that.
_READ_BY_FILES = ("AZURE_", "DAWNWATCH_")

# A deployment that never was: what a snapshot says of subscriptions and tenants is the same on every machine.
_SCOPE = (
    "--tenant-id=00000000-0000-0000-0000-00000000000a",
    "--subscription-id=00000000-0000-0000-0000-00000000000b",
    "--location=westeurope",
)


@dataclass(frozen=True, slots=True)
class Ran:
    """What the compiler said: `said` is what it wrote to either stream."""

    ok: bool
    said: str


@dataclass(frozen=True, slots=True)
class Bicep:
    """A compiler that was found."""

    path: Path

    def run(self, *arguments: str, environ: dict[str, str] | None = None) -> Ran:
        """Run one command in the root of the project. Of the environment, parameter files read what is given here."""
        command = [str(self.path), *arguments]
        known = {name: value for name, value in os.environ.items() if not name.startswith(_READ_BY_FILES)}
        environment = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", **known, **(environ or {})}
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        return Ran(done.returncode == 0, (done.stdout + done.stderr).strip())

    def snapshot(self, parameters: Path, mode: str, environ: dict[str, str] | None = None) -> Ran:
        """Work out what a parameter file would deploy, into the file beside it or against it."""
        return self.run("snapshot", str(parameters), f"--mode={mode}", *_SCOPE, environ=environ)

    def version(self) -> str:
        """Its version, such as 0.49.2."""
        words = self.run("--version").said.split()
        return words[words.index("version") + 1] if "version" in words else "?"


def find() -> Bicep | None:
    """Look for a compiler where people have it."""
    name = "bicep.exe" if os.name == "nt" else "bicep"
    azure_cli = Path(os.environ.get("AZURE_CONFIG_DIR") or Path.home() / ".azure")
    on_path = shutil.which("bicep")
    places = (
        *((Path(on_path),) if on_path else ()),
        azure_cli / "bin" / name,
        Path.home() / ".azd" / "bin" / name,
        ROOT.parent / "shared" / "tools" / "bicep" / name,
    )
    return next((Bicep(place) for place in places if place.is_file()), None)
