"""`dawnwatch silence`: a `[[silence]]` of the configuration, to paste or appended to a file. It reads nothing else."""

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shared.cli.command import UsageError
from shared.cli.spans import after, when
from shared.cli.streams import say
from shared.formats.toml import quoted
from shared.report import rfc3339

if TYPE_CHECKING:
    from shared.cli.command import Commands

_EPILOG = """\
examples:
  dawnwatch silence credential.expiring --target contoso --until 14d --reason "renewal booked, CHG0042"
  dawnwatch silence --subject "Legacy-*" --until 2026-12-31T00:00:00Z --reason "to be retired" --write dawnwatch.toml

ID, --target and --subject are globs: * ? and [ stand for more than themselves.
"""

_KEYS = ("id", "target", "subject", "reason")


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "silence",
        help="write a silence for the configuration",
        description="Prints the [[silence]] to paste into the configuration, or appends it to a file.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("id", metavar="ID", nargs="?", help="finding id or glob (default: every finding)")
    parser.add_argument("--target", metavar="G", help="only of targets like this")
    parser.add_argument("--subject", metavar="G", help="only about names, appIds or keyIds like this")
    parser.add_argument("--until", metavar="7d", type=when, required=True, help="until then: 7d, or ISO 8601")
    parser.add_argument("--reason", metavar="WHY", required=True, help="why, for those who read it later")
    parser.add_argument("--write", metavar="FILE", type=Path, help="append it to this file")
    parser.set_defaults(run=run)


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Print the silence, or append it."""
    text = render_silence(*_entry(args, clock()))
    if args.write is None:
        sys.stdout.write(text)
        return 0
    from shared.cli.append import append_table

    append_table(args.write, text)
    say(f"Appended to {args.write}.")
    return 0


def _entry(args: argparse.Namespace, now: datetime) -> tuple[dict[str, str], datetime]:
    """What is to be written, each value as the configuration will read it.

    Raises:
        UsageError: a value is none that the configuration takes.
    """
    if not (args.id or args.target or args.subject):
        raise UsageError("That would silence everything: name an ID, --target or --subject.")
    given = {"id": args.id or "*", "target": args.target, "subject": args.subject, "reason": args.reason}
    entry = {key: _text(key, value) for key, value in given.items() if value is not None}
    return entry, _until(args, now)


def _text(key: str, value: str) -> str:
    from shared.config.values import WrongValueError, text

    try:
        return text(value)
    except WrongValueError as wrong:
        name = "ID" if key == "id" else f"--{key}"
        raise UsageError(f"{name}: {wrong.problems[0][1]}") from None


def _until(args: argparse.Namespace, now: datetime) -> datetime:
    try:
        until = after(args.until, now).replace(microsecond=0)
    except OverflowError:
        raise UsageError("--until: is beyond the calendar") from None
    if until <= now:
        raise UsageError(f"--until: {rfc3339(until)} is not in the future")
    return until


def render_silence(entry: Mapping[str, str], until: datetime) -> str:
    """A silence as TOML."""
    lines = [f"{key} = {quoted(entry[key])}" for key in _KEYS if key in entry]
    lines.insert(-1, f"until = {rfc3339(until)}")
    return "\n".join(["[[silence]]", *lines]) + "\n"
