"""`dawnwatch grant`: give the monitor's identity what it needs, or take it back, as whoever runs the command."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shared.cli.check import choose_targets
from shared.cli.command import UNREAD, UsageError, add_config_option
from shared.cli.streams import open_console, say
from shared.errors import GatherError

if TYPE_CHECKING:
    from shared.cli.command import Commands
    from shared.config import Settings
    from shared.grant.asked import Asked
    from shared.grant.report import GrantReport

_EPILOG = """\
examples:
  dawnwatch grant --identity id-dawnwatch --dry-run         what would change, for the targets of dawnwatch.toml
  dawnwatch grant --identity id-dawnwatch --target contoso  shows it, and asks
  dawnwatch grant --identity id-dawnwatch --workspace /subscriptions/…/workspaces/law-contoso --yes
  dawnwatch grant --identity id-dawnwatch --revoke          takes back exactly what it gives

Sign in with `az login` first; it acts in that tenant only. From the environment, where an option is not there:
DAWNWATCH_IDENTITY_PRINCIPAL_ID, DAWNWATCH_WORKSPACES (with commas between), DAWNWATCH_TOPIC_ID.

exit status: 0 done, or nothing to do; 1 something would change and was left as it is (--dry-run, or nobody agreed);
2 bad usage, or something that was named is not there: nothing was changed; 3 something was refused or could not be
read: what an administrator must run instead is printed, and the rest was done.
"""


_WHOLE = 1_000_000  # characters of a line: one that says what to run is of use only as a whole


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "grant",
        help="give the monitor's identity what it needs, or take it back",
        description="Reads what the identity has, shows what it lacks, and gives it that once you agree.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--identity", metavar="ID", help="its object id, client id or display name")
    parser.add_argument(
        "--workspace", metavar="ID", nargs="+", action="extend", help="only these workspaces, by resource id"
    )
    add_config_option(parser)
    parser.add_argument("--target", metavar="N", nargs="+", action="extend", help="only these targets (default: all)")
    parser.add_argument(
        "--graph-role",
        metavar="NAME",
        nargs="+",
        action="extend",
        help="permissions on Microsoft Graph beside Application.Read.All",
    )
    parser.add_argument("--topic", metavar="ID", help="the Event Grid topic that is told, by resource id")
    parser.add_argument("--revoke", action="store_true", help="take back exactly what this gives, and nothing else")
    parser.add_argument("--dry-run", action="store_true", help="change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--format", choices=("json", "table"), default="table", help="(default: table; json never asks)"
    )
    parser.set_defaults(run=run)


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    answer: Callable[[], str | None] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Read, plan, show, ask, act. `answer` asks whether to go on; without a terminal nobody answers."""
    from shared.grant.asked import read_asked
    from shared.grant.shell import Request, grant
    from shared.grant.wishes import make_wishes

    if args.workspace and args.target:
        raise UsageError("--target: name targets, or workspaces with --workspace, and not both")
    asked = read_asked(args, environ)
    settings = _settings(args, asked, environ)
    chosen = choose_targets(settings.targets, args.target)
    wishes = make_wishes(asked, chosen, everything=args.target is None)
    request = Request(asked=asked, revoke=args.revoke, config=args.config)
    agree = Agreement(args, answer or _ask_terminal)
    try:
        report = asyncio.run(grant(settings, wishes, request, agree, clock()))
    except GatherError as error:
        say("\n".join((error.why, *error.steps)), _WHOLE)
        return UNREAD
    if not agree.has_shown or report.acted:
        show(report, as_json=args.format == "json")
    return report.exit_status


class Agreement:
    """Shows a plan and asks whether to go on; remembers whether it has shown it."""

    def __init__(self, args: argparse.Namespace, answer: Callable[[], str | None]) -> None:
        self._args = args
        self._answer = answer
        self.has_shown = False

    def __call__(self, plan: "GrantReport") -> bool:
        """Agree to a plan that has something to do."""
        if self._args.dry_run:
            return False
        if self._args.yes:
            return True
        if self._args.format == "json":
            say("Nothing was changed: add --yes to go on.")
            return False
        show(plan, as_json=False)
        self.has_shown = True
        answer = self._answer()
        if answer is None:
            say("Nothing was changed: there is no terminal to ask at. Add --yes to go on, or --dry-run to look only.")
        elif answer.strip().lower() not in {"y", "yes"}:
            say("Nothing was changed.")
        return answer is not None and answer.strip().lower() in {"y", "yes"}


def _ask_terminal() -> str | None:
    if not sys.stdin.isatty():
        return None
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline()


def show(report: "GrantReport", *, as_json: bool) -> None:
    """Print a plan, or what came of it."""
    if as_json:
        from shared.formats.grant_json import grant_json

        sys.stdout.write(grant_json(report) + "\n")
    else:
        from shared.formats.grant_table import print_grant

        print_grant(report, open_console())
    sys.stdout.flush()


def _settings(args: argparse.Namespace, asked: "Asked", environ: Mapping[str, str]) -> "Settings":
    """The configuration; where there is none, and workspaces are named without it, only cloud and limits."""
    from shared.config import Settings, load_cloud, load_settings
    from shared.config.environment import FILE_VARIABLE, TEXT_VARIABLE
    from shared.config.source import DEFAULT_FILE

    is_there = args.config or environ.get(FILE_VARIABLE) or environ.get(TEXT_VARIABLE) or Path(DEFAULT_FILE).exists()
    if is_there or args.target or not (asked.workspaces or asked.topic):
        return load_settings(args.config, environ)
    cloud, limits = load_cloud(None, environ)
    return Settings(targets=(), cloud=cloud, limits=limits)
