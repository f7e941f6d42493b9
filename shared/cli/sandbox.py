"""`dawnwatch demo` and `dawnwatch sandbox`: the tenant in a box, which is an extra and so may not be there."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, cast

from shared.cli.command import UsageError

if TYPE_CHECKING:
    from shared.cli.command import Commands

type Entry = Callable[[Sequence[str]], int]


def add_to(commands: "Commands") -> None:
    """Add both commands; their options are the sandbox's own."""
    for name, module, words in (
        ("demo", "sandbox.demo", "a bad morning in a tenant in a box, in under a minute"),
        ("sandbox", "sandbox.serving", "serve a tenant in a box on this machine"),
    ):
        parser = commands.add_parser(name, help=words, add_help=False, allow_abbrev=False)
        parser.set_defaults(run=partial(run, module=module), takes_rest=True)


def run(
    args: argparse.Namespace,
    _environ: Mapping[str, str],
    *,
    module: str,
    load: Callable[[str], ModuleType] = import_module,
) -> int:
    """Hand over to the sandbox's own entry point, with all the arguments that are left."""
    try:
        entry = cast("Entry", load(module).main)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == "shared":
            raise
        msg = (
            f"The sandbox is an extra, and its module {missing.name} is not installed. Install it with one of\n"
            'uv sync --extra sandbox\npip install "dawnwatch[sandbox]"'
        )
        raise UsageError(msg) from missing
    return entry(args.rest)
