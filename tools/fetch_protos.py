"""Fetch the messages that the Functions host and its Python worker speak, for the tests that drive the real worker.

    python tools/fetch_protos.py FOLDER

They are generated code, and the only package that ships it is Microsoft's worker library for the older programming
model. That package is unzipped here and never installed: it brings a top-level package named `tests`.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

REQUIREMENT = "azure-functions-runtime-v1==1.2.0"
SHA256 = "6ae0abb681e28c61a404b52e1c4481f203bb113e5027fbe908989ea9585a02a0"
INSIDE = "tests/protos/"
PACKAGE = "azure_functions_protos"
INIT = '''"""Every message, under one name, as the worker library wants them."""

from .FunctionRpc_pb2 import *
from .shared.NullableTypes_pb2 import *
'''


def main(folder: Path) -> int:
    """Leave the package of messages in a folder; without it the tests that need it say so and are skipped."""
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory() as place:
        wheel = download(Path(place))
        if wheel is None:
            print(f"{REQUIREMENT} could not be downloaded: tests on the Functions worker will be skipped")
            return 0
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
            print(f"{wheel.name} is not the file that it was: its SHA-256 is not {SHA256}", file=sys.stderr)
            return 1
        unpack(wheel, folder / PACKAGE)
    (folder / ".ready").touch()
    return 0


def download(place: Path) -> Path | None:
    """Fetch the wheel with this environment's pip or, where uv made it without one, with the pip that uv brings."""
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--dest", str(place)]
    for pip in ([sys.executable, "-m", "pip"], ["uv", "tool", "run", "pip"]):
        command = [*pip, "download", *options, REQUIREMENT]
        if shutil.which(pip[0]) is not None:
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL)  # noqa: S603
        if found := next(place.glob("*.whl"), None):
            return found
    return None


def unpack(wheel: Path, package: Path) -> None:
    """Take the messages; leave out the gRPC stubs, for the tests speak to the worker through pipes."""
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(INSIDE) and not name.endswith("_grpc.py"):
                target = package / name.removeprefix(INSIDE)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
    (package / "__init__.py").write_text(INIT, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
