"""Beside the commands: files are written whole or not at all; a table is appended with all else kept byte for byte."""

import os
import tempfile
import tomllib
from pathlib import Path

from shared.cli.command import UsageError
from shared.errors import DawnwatchError
from shared.text import plain


class WriteError(DawnwatchError):
    """A file could not be written: which, and why. It is as it was."""


def append_table(path: Path, table: str) -> None:
    """Append a table to the file at `path`, at once or not at all.

    Raises:
        UsageError: it is no file, no TOML, or would be none; it is as it was.
        WriteError: it could not be read or written; it is as it was.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name the file in it that shall have the silence.")
    try:
        real = path.resolve(strict=True)
        old = real.read_bytes()
        new = appended(old, table, str(path))
        replace_file(real, new)
    except OSError as error:
        raise WriteError(f"{path} could not be written ({error.strerror}). It is as it was.") from error


def appended(old: bytes, table: str, name: str) -> bytes:
    """The file's bytes with the table after them, in the line ends that the file has.

    Raises:
        UsageError: what was there is no TOML, or the whole would not be what it says.
    """
    end = b"\r\n" if b"\r\n" in old else b"\n"
    gap = b"" if not old.strip() else end if old.endswith(b"\n") else end * 2
    new = old + gap + table.encode().replace(b"\n", end)
    before, after = _parse(old, name), _parse(new, name)
    if after != _joined(before, tomllib.loads(table)):
        raise UsageError(f"{name} cannot take a table at its end. It is as it was.")
    return new


def _joined(before: dict[str, object], more: dict[str, list[object]]) -> dict[str, object]:
    """What the whole should say."""
    whole = dict(before)
    for key, tables in more.items():
        earlier = before.get(key, [])
        whole[key] = [*earlier, *tables] if isinstance(earlier, list) else earlier
    return whole


def _parse(content: bytes, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = f"{name} is no TOML, or takes no further table at its end ({plain(str(error), 120)}). It is as it was."
        raise UsageError(msg) from error


def create_file(path: Path, content: bytes) -> None:
    """Make a file, whole or not at all.

    Raises:
        FileExistsError: there is one already; it is as it was.
    """
    path.touch(exist_ok=False)  # whoever else would make it finds it there
    try:
        replace_file(path, content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def replace_file(path: Path, content: bytes) -> None:
    """Put a file with the new content in the place of the old one, with its permissions."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
