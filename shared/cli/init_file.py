"""The file that `dawnwatch init` writes: never over another one unasked, whole or not at all, and known to be right."""

import shlex
from datetime import datetime
from pathlib import Path

from shared.cli.append import WriteError, create_file, replace_file
from shared.cli.command import UsageError
from shared.cli.streams import say
from shared.config import load_settings
from shared.config.environment import TEXT_VARIABLE
from shared.config.source import DEFAULT_FILE
from shared.init.propose import Proposal
from shared.init.render import render_config


def refuse_existing(path: Path, *, force: bool) -> None:
    """Refuse a file that is there already, unless with `force`, and a folder that is not there.

    Raises:
        UsageError: it cannot be written there.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"--output: {path} {'is a folder' if path.is_dir() else 'is in no folder that is there'}")
    if not force and (path.exists() or path.is_symlink()):
        raise UsageError(f"{path} is there already. It is as it was: --force writes over it, --output writes another.")


def write_config(path: Path, proposal: Proposal, now: datetime, *, force: bool) -> None:
    """Write the configuration, once it is known to be one.

    Raises:
        UsageError: a file has appeared there meanwhile.
        WriteError: it could not be written. Nothing has changed.
    """
    text = render_config(proposal, now)
    load_settings(None, {TEXT_VARIABLE: text})
    real = path.resolve()
    try:
        if force and real.exists():
            replace_file(real, text.encode())
        else:
            create_file(real, text.encode())
    except FileExistsError:
        raise UsageError(f"{path} is there already. It is as it was: --force writes over it.") from None
    except OSError as error:
        raise WriteError(f"{path} could not be written ({error.strerror}). Nothing has changed.") from error
    named = "" if str(path) == DEFAULT_FILE else f" --config {shlex.quote(str(path))}"
    say(f"Wrote {path}. Next: `dawnwatch config check{named}`, then `dawnwatch check{named}`.")
