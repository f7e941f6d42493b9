"""The `dawnwatch` command: one file per command, each loading what is heavy only once it runs."""

from shared.cli.program import main

__all__ = ["main"]
