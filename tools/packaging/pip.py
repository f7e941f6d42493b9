"""pip, asked for what runs in Azure (Linux on x86_64, CPython 3.13) whatever machine asks."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence

from tools.packaging.contents import PYTHON
from tools.packaging.errors import PackageError, RegistryError

_FOR_AZURE = (
    *("--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_28_x86_64"),
    *("--implementation", "cp", "--python-version", ".".join(map(str, PYTHON))),
    *("--only-binary", ":all:", "--retries", "2", "--disable-pip-version-check", "--no-input", "--quiet"),
)
_NO_ANSWER = ("(from versions: none)", "Max retries exceeded", "Temporary failure", "ReadTimeoutError")


def pip(command: str, arguments: Sequence[str]) -> str:
    """Run a command of pip; what it printed.

    Raises:
        RegistryError: the package registry could not be reached.
        PackageError: pip refused.
    """
    ran = subprocess.run(  # noqa: S603
        [*_program(), command, *_FOR_AZURE, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode:
        said = [line for line in ran.stderr.splitlines() if line.startswith("ERROR: ")] or ["ERROR: it did not say why"]
        kind = RegistryError if any(sign in ran.stderr for sign in _NO_ANSWER) else PackageError
        raise kind(f"pip {command}: {said[0].removeprefix('ERROR: ')}")
    return ran.stdout


def _program() -> list[str]:
    """Find pip beside this Python, or through uv, which makes environments without it."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if uv := shutil.which("uv"):
        return [uv, "tool", "run", "pip"]
    raise PackageError("There is neither pip nor uv to fetch the libraries with: install pip into this environment.")
