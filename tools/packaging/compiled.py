"""The bytecode of the package, made ahead: where it runs nothing can be written, and every start would compile anew.

The files say of themselves that nobody need look whether they are up to date: their dates mean nothing once unpacked.
Source: https://peps.python.org/pep-0552/
"""

import marshal
import sys
import warnings
from collections.abc import Iterator, Mapping
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import PurePosixPath

from tools.packaging.contents import HOME, PYTHON
from tools.packaging.errors import PackageError

_UNCHECKED_HASH = (0b01).to_bytes(4, "little")


def bytecode(tree: Mapping[str, bytes], running: tuple[int, int] = sys.version_info[:2]) -> Iterator[tuple[str, bytes]]:
    """Compile each module of a tree: the paths, and what to put there. `running` is the Python that does it.

    Raises:
        PackageError: it is another one than will run the package.
    """
    if running != PYTHON:
        have, need = (".".join(map(str, version)) for version in (running, PYTHON))
        raise PackageError(
            f"The package runs on Python {need} and is compiled for it; this is {have}: use {need} here."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the libraries' authors should know
        for path, source in tree.items():
            if path.endswith(".py"):
                yield _place(path), _compile(path, source)


def _place(path: str) -> str:
    module = PurePosixPath(path)
    return str(module.parent / "__pycache__" / f"{module.stem}.cpython-{''.join(map(str, PYTHON))}.pyc")


def _compile(path: str, source: bytes) -> bytes:
    """Compile a module. Nothing else holds on to its code: marshal writes down whether anything does."""
    body = marshal.dumps(compile(source, f"{HOME}/{path}", "exec", dont_inherit=True, optimize=0))
    return MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(source) + body
