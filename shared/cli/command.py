"""What every command of the command line has: arguments that it adds, a function that it runs, and exit statuses."""

import argparse
from typing import TYPE_CHECKING

from shared.errors import DawnwatchError

if TYPE_CHECKING:
    # argparse has no public name for what add_subparsers() gives.
    type Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

USAGE = 2
UNREAD = 3
INTERRUPTED = 130
PIPE_CLOSED = 141


class UsageError(DawnwatchError):
    """The command was called with something that cannot be: what, and what could."""


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """The option that names the configuration."""
    parser.add_argument(
        "--config",
        metavar="F",
        help="the configuration: a file, a folder of *.toml files, or the https address of a blob or a folder of blobs "
        "(default: what DAWNWATCH_CONFIG names, else ./dawnwatch.toml)",
    )
