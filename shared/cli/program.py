"""Where the command starts: arguments to a command, what it raises to an exit status."""

import argparse
import os
import sys
from collections.abc import Sequence

from shared.cli import (
    check,
    config_check,
    doctor,
    findings,
    grant,
    history,
    init,
    ledger,
    notify_test,
    run,
    sandbox,
    serve,
    silence,
    streams,
)
from shared.cli.command import INTERRUPTED, PIPE_CLOSED, UNREAD, USAGE, UsageError
from shared.errors import ConfigError, DawnwatchError

_EPILOG = """\
examples:
  dawnwatch demo                              a bad morning in a tenant in a box
  dawnwatch init                              write a configuration from what you can see
  dawnwatch config check                      is the configuration right, and what does it expect?
  dawnwatch grant --identity id-dawnwatch     give the monitor's identity what it needs
  dawnwatch doctor                            may it read what it needs? what is missing, and what grants it
  dawnwatch check                             look at every target now
  dawnwatch run --every 5m                    keep watching: tell each trouble once, and when it is over
  dawnwatch serve                             keep watching by the schedules of the Azure Functions app
  dawnwatch findings                          what is open now, from the ledger
  dawnwatch check --target contoso --only app-registrations
  dawnwatch check --format json > report.json
  dawnwatch check --at 2026-11-22T08:05:00Z   judge as if it were then

exit status:
  0  nothing at or above warning
  1  findings at or above warning
  2  bad usage or configuration; every mistake is listed
  3  something could not be read, or a message could not be delivered

Sign in with `az login`, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET.
Each command has its own --help.
"""

_COMMANDS = (
    init,
    check,
    run,
    serve,
    findings,
    history,
    silence,
    notify_test,
    ledger,
    config_check,
    grant,
    doctor,
    sandbox,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit status."""
    streams.prepare()
    parser = _parser()
    try:
        args, rest = parser.parse_known_args(argv)
        if rest and not getattr(args, "takes_rest", False):
            parser.error(f"unrecognized arguments: {' '.join(rest)}")
        args.rest = rest
        if "run" not in args:
            parser.print_help(sys.stderr)
            return USAGE
        return guarded(args)
    except SystemExit as leaving:  # argparse leaves this way, from --help too.
        return leaving.code if isinstance(leaving.code, int) else USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dawnwatch",
        description="Watches what a tenant's daily data depends on: says what is broken or about to break, why, and "
        "what to do.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in _COMMANDS:
        command.add_to(commands)
    return parser


def guarded(args: argparse.Namespace) -> int:
    """Run the chosen command, and say in one line what stopped it."""
    try:
        status: int = args.run(args, os.environ)
        sys.stdout.flush()
    except (UsageError, ConfigError) as error:
        streams.say(str(error))
        return USAGE
    except DawnwatchError as error:
        streams.say(str(error))
        return UNREAD
    except KeyboardInterrupt:
        streams.say("Interrupted.")
        return INTERRUPTED
    except OSError as error:
        # Status 1 would mean findings, and Python's own for an unhandled error is 1.
        streams.abandon_stdout()
        if streams.is_closed_pipe(error):
            return PIPE_CLOSED
        streams.say(f"The report could not be written: {error.strerror or type(error).__name__}")
        return UNREAD
    return status
