"""`dawnwatch check`: one look at the targets, no state needed. Settings to look to report to stdout."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from shared.cli.command import UNREAD, UsageError, add_config_option
from shared.cli.progress import Progress
from shared.cli.streams import open_console, say
from shared.model import Check, Report
from shared.text import plain

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.config import Settings
    from shared.expectations import Target

_EPILOG = """\
examples:
  dawnwatch check --target contoso --target fabrikam
  dawnwatch check --only snapshot-currency --at 2026-11-22T08:05:00Z
  dawnwatch check --format json | jq '.targets[].findings[].title'
  dawnwatch check --notify

exit status: 0 nothing at or above warning, 1 findings, 2 bad usage or configuration,
3 something could not be read or delivered. The report goes to stdout, all else to stderr.
"""


class Look(Protocol):
    """One look at the targets: shared.monitor.look."""

    def __call__(
        self,
        settings: "Settings",
        targets: "Sequence[Target]",
        checks: Sequence[Check],
        now: datetime,
        progress: Callable[[int, int], None],
    ) -> Awaitable[Report]:
        """Read, judge, report."""
        ...


class Notify(Protocol):
    """Tell the channels what one look found: shared.notify.channels.tell_report."""

    def __call__(self, settings: "Settings", report: Report, environ: Mapping[str, str]) -> Awaitable[Sequence[str]]:
        """Send; the lines say what could not be delivered."""
        ...


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "check",
        help="look at the targets once and report",
        description="One look: reads, judges, reports. Remembers nothing.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_config_option(parser)
    parser.add_argument("--target", metavar="N", nargs="+", action="extend", help="only these targets (default: all)")
    parser.add_argument(
        "--only",
        metavar="CHECK",
        nargs="+",
        action="extend",
        choices=[check.value for check in Check],
        help=f"only these checks: {', '.join(Check)} (default: all)",
    )
    parser.add_argument("--at", metavar="ISO8601", type=instant, help="judge as of then (default: now)")
    parser.add_argument("--format", choices=sorted(_PRINTERS), default="table", help="(default: table)")
    parser.add_argument("--notify", action="store_true", help="tell Teams and Event Grid what this look finds")
    parser.set_defaults(run=run)


def instant(text: str) -> datetime:
    """An instant as the command line takes it: ISO 8601 with an offset or Z."""
    try:
        at = datetime.fromisoformat(text)
        fault = "" if at.tzinfo else "says no offset from UTC"
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        fault = "is no ISO 8601 date and time"
    if fault:
        msg = f'"{plain(text, 60)}" {fault}; write it as 2026-11-22T08:05:00Z'
        raise argparse.ArgumentTypeError(msg)
    return at


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    look: Look | None = None,
    notify: Notify | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Look, print the report, and tell the channels where that was asked for."""
    from shared.config import load_settings
    from shared.report import exit_status

    settings = load_settings(args.config, environ, notifying=args.notify)
    targets, checks = choose_targets(settings.targets, args.target), choose_checks(args.only)
    with Progress() as progress:
        looking = (look or _monitors_look())(settings, targets, checks, args.at or clock(), progress.advance)
        report = asyncio.run(_completed(looking))
    _PRINTERS[args.format](report)
    sys.stdout.flush()
    failures = asyncio.run(_completed((notify or _channels_tell())(settings, report, environ))) if args.notify else ()
    for failure in failures:
        say(f"Not delivered: {failure}")
    return UNREAD if failures else exit_status(report)


async def _completed[T](work: Awaitable[T]) -> T:
    return await work


def choose_targets(known: "Sequence[Target]", names: Iterable[str] | None) -> "tuple[Target, ...]":
    """The targets with these names, in the configuration's order; all without names.

    Raises:
        UsageError: a name is not known.
    """
    if names is None:
        return tuple(known)
    wanted = dict.fromkeys(names)
    unknown = wanted.keys() - {target.name for target in known}
    if unknown:
        strangers = ", ".join(sorted(unknown))
        msg = f"--target: no target is called {strangers}. The targets: {', '.join(target.name for target in known)}"
        raise UsageError(msg)
    return tuple(target for target in known if target.name in wanted)


def choose_checks(names: Sequence[str] | None) -> tuple[Check, ...]:
    """The checks with these names, in their usual order; all without names."""
    return tuple(check for check in Check if names is None or check.value in names)


def _monitors_look() -> Look:
    from shared.monitor import look

    return look


def _channels_tell() -> Notify:
    from shared.notify.channels import tell_report

    return tell_report


def _print_json(report: Report) -> None:
    from shared.report import report_json

    sys.stdout.write(report_json(report) + "\n")


def _print_markdown(report: Report) -> None:
    from shared.formats.markdown import markdown

    sys.stdout.write(markdown(report))


def _print_table(report: Report) -> None:
    from shared.formats.table import print_table

    print_table(report, open_console())


_PRINTERS: Mapping[str, Callable[[Report], None]] = {
    "json": _print_json,
    "markdown": _print_markdown,
    "table": _print_table,
}
