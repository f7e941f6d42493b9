"""Puts the package together: our own files, the locked libraries without what is left out, and the bytecode of both."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.packaging.compiled import bytecode
from tools.packaging.contents import (
    FUNCIGNORE,
    LIBRARIES_LEFT_OUT,
    OWN,
    OWN_LEFT_OUT,
    SITE_PACKAGES,
    is_left_out,
)
from tools.packaging.lock import read_lock
from tools.packaging.wheels import fetch, read

type Tree = Mapping[str, bytes]
"""The content of each file, by its path in the package."""


def build(root: Path, wheels: Path, *, trimmed: bool = True, compiled: bool = True) -> Tree:
    """Build the package of a work tree; `wheels` is the folder where fetched libraries are kept.

    Raises:
        PackageError: it cannot be built, and why.
    """
    locked = read_lock((root / "requirements.lock").read_text(encoding="utf-8"))
    tree = {".funcignore": FUNCIGNORE.encode(), **dict(_own(root))}
    for name, archive in read(fetch(locked, wheels)):
        if not trimmed or not is_left_out(name, LIBRARIES_LEFT_OUT):
            tree[f"{SITE_PACKAGES}/{name}"] = archive.read(name)
    if compiled:
        tree |= dict(bytecode(tree))
    return tree


def _own(root: Path) -> Iterator[tuple[str, bytes]]:
    for pattern in OWN:
        for path in root.glob(pattern):
            name = path.relative_to(root).as_posix()
            if not is_left_out(name, OWN_LEFT_OUT):
                yield name, path.read_bytes()
