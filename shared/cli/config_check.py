"""`dawnwatch config check`: is the configuration right, and what does it expect once the profiles are laid in?"""

import argparse
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shared.cli.command import add_config_option
from shared.cli.streams import open_console
from shared.expectations import AppExpectation, CredentialScope, Identity, SnapshotExpectation, Target
from shared.text import plain

if TYPE_CHECKING:
    from rich.console import Console

    from shared.cli.command import Commands

_NAME_LIMIT = 120
_LIST_LIMIT = 600


def add_to(commands: "Commands") -> None:
    """Add the command and its options."""
    group = commands.add_parser("config", help="check the configuration", allow_abbrev=False)
    parser = group.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser(
        "check",
        help="say every mistake, or what each target expects",
        description="Reads the configuration and nothing else. Exit status: 0 right, 2 every mistake listed, "
        "3 its storage does not answer.",
        allow_abbrev=False,
    )
    add_config_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print what each target expects, the notices, and what is missing here."""
    from rich.text import Text

    from shared.config import load_settings
    from shared.formats.table import print_wrapped

    settings = load_settings(args.config, environ)
    console = open_console()
    for target in settings.targets:
        _print_target(target, console)
    for notice in settings.notices:
        print_wrapped(Text(f"Notice: {plain(notice, _LIST_LIMIT)}"), "", console)
    for warning in _warnings(settings.targets, environ):
        print_wrapped(Text(f"Warning: {warning}"), "", console)
    targets = f"{len(settings.targets):,} target" + "s" * (len(settings.targets) != 1)
    console.print(f"The configuration is right: {targets}, cloud {settings.cloud.name}.")
    return 0


def _print_target(target: Target, console: "Console") -> None:
    from rich.text import Text

    from shared.formats.table import print_wrapped

    console.print(Text(plain(target.name, _NAME_LIMIT), style="bold"))
    for what, expected in _expectations(target):
        print_wrapped(Text(plain(expected, _LIST_LIMIT)), f"  {what:<13}", console)
    console.print()


def _expectations(target: Target) -> Iterable[tuple[str, str]]:
    """What is expected of a target, as pairs of kind and words."""
    yield "workspace", target.workspace_name
    yield "signs in", _identity(target.identity)
    yield "profiles", ", ".join(target.profiles) or "none"
    for role in target.roles:
        yield "role", f"{role.principal}: {' or '.join(role.any_of)}"
    for app in target.apps:
        yield "app", _app(app)
    for snapshot in target.snapshots:
        yield "snapshot", _snapshot(snapshot)
    for service in target.services:
        yield "service", service
    everywhere = target.credentials is CredentialScope.ALL
    days = ", ".join(str(days) for days in target.expiry_days)
    yield "credentials", f"{'of every app' if everywhere else 'of the apps above'}, told at {days} days left"


def _identity(identity: Identity | None) -> str:
    if identity is None:
        return "as the monitor's own identity"
    if identity.federated_by == "system":
        proof = "proven by the monitor's system-assigned managed identity"
    elif identity.federated_by:
        proof = f"proven by the managed identity {identity.federated_by}"
    elif identity.certificate_variable:
        proof = f"with the certificate in {identity.certificate_variable}"
    else:
        proof = f"with the secret in {identity.secret_variable}"
    return f"as the app {identity.client_id}, {proof}"


def _warnings(targets: Iterable[Target], environ: Mapping[str, str]) -> Iterable[str]:
    """What is no mistake in the configuration, and will keep a target from being read where it is so."""
    for target in targets:
        variable = target.identity and (target.identity.certificate_variable or target.identity.secret_variable)
        if variable and not environ.get(variable, "").strip():
            yield f"{variable}, with which {target.name} signs in, is not set here: set it where the monitor runs."


def _app(app: AppExpectation) -> str:
    roles = ", ".join(role for permission in app.permissions for role in permission.roles)
    expiry = f", recorded to expire {app.recorded_expiry}" if app.recorded_expiry else ""
    return f"{app.label} ({app.kind})" + (f", with {roles}" if roles else "") + expiry


def _snapshot(snapshot: SnapshotExpectation) -> str:
    day = f"of {snapshot.lag_days} days before" if snapshot.lag_days else "of the day"
    billable = ", billable" if snapshot.billable else ""
    return f"{snapshot.name}, due {snapshot.due:%H:%M} UTC, {day}{billable}: {', '.join(snapshot.tables)}"
