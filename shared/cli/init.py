"""`dawnwatch init`: what the caller can see becomes a commented dawnwatch.toml. It reads Azure and writes one file."""

import argparse
import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shared.cli.command import UNREAD, UsageError
from shared.cli.progress import Progress
from shared.cli.questions import questions_at_terminal
from shared.cli.streams import say
from shared.errors import GatherError

if TYPE_CHECKING:
    from shared.cli.command import Commands

_EPILOG = """\
examples:
  dawnwatch init                                        ask, then write ./dawnwatch.toml
  dawnwatch init --yes                                  ask nothing: all that is recognised
  dawnwatch init --workspace law-contoso --name contoso --credentials all
  dawnwatch init --tenant contoso.onmicrosoft.com --all-workspaces --output contoso.toml

Sign in with `az login` first, as somebody who may read the workspaces and the app registrations.

exit status: 0 written, 2 bad usage or an answer that cannot be, 3 something could not be read: the file is written all
the same, and says what; where nothing at all could be read, there is none.
"""


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "init",
        help="write a configuration from what you can see",
        description="Lists the workspaces that you can see, recognises what is in them, and writes a configuration.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--tenant", metavar="ID", help="the tenant: id, domain or name (default: where you are signed in)"
    )
    _add_several(parser, "--subscription", "look only here: ids or names (default: all)")
    which = parser.add_mutually_exclusive_group()
    _add_several(which, "--workspace", "watch these: resource ids, names or workspace ids")
    which.add_argument("--all-workspaces", action="store_true", help="watch every workspace that is found")
    parser.add_argument("--name", metavar="N", type=_target_name, help="the target's name; in front of several ones'")
    parser.add_argument("--credentials", choices=("listed", "all"), help="whose are judged (default: listed)")
    parser.add_argument(
        "--output", metavar="F", type=Path, default=Path("dawnwatch.toml"), help="(default: %(default)s)"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    parser.add_argument("--cloud", choices=("public", "usgov", "china", "custom"), help="(default: public)")
    parser.add_argument("--config", metavar="F", type=Path, help="take [cloud] and [limits] from this file")
    parser.set_defaults(run=run)


def _add_several(parser: "argparse._ActionsContainer", option: str, words: str) -> None:
    parser.add_argument(option, metavar="ID", nargs="+", action="extend", default=[], help=words)


def _target_name(text: str) -> str:
    from shared.config.values import WrongValueError, target_name

    try:
        return target_name(text)
    except WrongValueError as wrong:
        raise argparse.ArgumentTypeError(wrong.problems[0][1]) from None


def run(
    args: argparse.Namespace,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Look, choose, write. What is said goes to stderr."""
    from shared.cli.init_file import refuse_existing, write_config
    from shared.cli.init_steps import choose_cloud, find_tenant, look, propose_targets
    from shared.init.render import notes

    refuse_existing(args.output, force=args.force)
    ask = None if args.yes else questions_at_terminal()
    (cloud, limits), now = choose_cloud(args, environ), clock()
    try:
        tenant = find_tenant(args, ask, cloud, limits, now)
        with Progress() as progress:
            seen = asyncio.run(look(args, tenant, cloud, limits, now, progress.advance))
    except GatherError as error:
        say("\n".join([f"Nothing was written: {error.why}.", *(f"- {step}" for step in error.steps)]))
        return UNREAD
    for line in notes(seen):
        say(line)
    proposal = propose_targets(args, ask, seen, cloud)
    if ask is not None and not ask.yes(f"Write {args.output}?"):
        raise UsageError("Nothing was written.")
    write_config(args.output, proposal, now, force=args.force)
    return UNREAD if seen.unread else 0
