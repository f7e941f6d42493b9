"""From a grant to a terminal: what is there, what will change or has, and what somebody else must run."""

from rich.console import Console
from rich.text import Text

from shared.formats.table import print_wrapped
from shared.grant.plan import Principal, State, Step
from shared.grant.report import Elsewhere, GrantReport, Instead, Part
from shared.permissions import RoleNeed
from shared.text import plain
from shared.wording import say_count, say_list

_NAME, _SENTENCE, _COMMAND = 120, 600, 1_000_000
_STYLES = {
    State.ADD: "yellow",
    State.REMOVE: "yellow",
    State.ADDED: "green",
    State.REMOVED: "green",
    State.REFUSED: "bold magenta",
    State.FAILED: "bold red",
}


def print_grant(report: GrantReport, console: Console) -> None:
    """Print a plan, or what came of it."""
    print_wrapped(Text(plain(f"Signed in as {report.caller}, tenant {report.tenant_id}.", _SENTENCE)), "", console)
    for part in report.parts:
        _print_part(part, console)
    for one in report.elsewhere:
        _print_elsewhere(one, console)
    console.print()
    for notice in report.notices:
        print_wrapped(Text(f"Notice: {plain(notice, _SENTENCE)}"), "", console)
    print_wrapped(Text(closing_line(report), style="bold"), "", console)


def _print_part(part: Part, console: Console) -> None:
    console.print()
    console.print(Text(plain(_who(part.found.principal), _NAME), style="bold"), soft_wrap=True)
    place = None
    for step in part.steps:
        if _place(step) != place:
            place = _place(step)
            console.print(Text(f"  {plain(place, _SENTENCE)}"), soft_wrap=True)  # whole, for who copies the id
        _print_step(step, console)
    if part.instead:
        _print_instead(part.instead, console)


def _who(principal: Principal) -> str:
    return f"{principal.name} ({principal.object_id})" if principal.name else principal.object_id


def _place(step: Step) -> str:
    return step.need.scope if isinstance(step.need, RoleNeed) else "Microsoft Graph"


def _print_step(step: Step, console: Console) -> None:
    line = Text.assemble((f"{step.state:<8} ", _STYLES.get(step.state, "dim")), plain(step.need.name, _NAME))
    print_wrapped(line, "    ", console)
    for detail in (f"for {step.need.why}", step.note, *step.advice):
        if detail:
            print_wrapped(Text(plain(detail, _SENTENCE), style="dim"), " " * 13, console)


def _print_instead(instead: Instead, console: Console) -> None:
    console.print()
    print_wrapped(Text(f"You may not do all of it. Ask {say_list(instead.who)} to run"), "  ", console)
    _print_commands((instead.command,), console)
    print_wrapped(Text("or, by hand,"), "  ", console)
    _print_commands(instead.by_hand, console)


def _print_elsewhere(one: Elsewhere, console: Console) -> None:
    console.print()
    about = f" for {say_list(one.targets)}" if one.targets else ""
    words = f"In the tenant {one.tenant_id}{about}, somebody who may must run"
    print_wrapped(Text(plain(words, _SENTENCE)), "", console)
    _print_commands(one.commands, console)


def _print_commands(commands: tuple[str, ...], console: Console) -> None:
    """On one line each, whatever the width: a command that is broken in two does something else."""
    for command in commands:
        console.print(Text("    " + plain(command, _COMMAND)), soft_wrap=True)


def closing_line(report: GrantReport) -> str:
    """How it stands, in a sentence."""
    if not report.parts:
        return "Nothing was done: none of this is in the tenant that you are signed in to."
    count = {state: sum(len(part.having(state)) for part in report.parts) for state in State}
    said = [
        f"{words}: {say_count(count[state], 'permission')}."
        for state, words in (
            (State.ADD, "To be added"),
            (State.REMOVE, "To be removed"),
            (State.ADDED, "Added"),
            (State.REMOVED, "Removed"),
            (State.REFUSED, "Refused"),
            (State.FAILED, "Failed"),
        )
        if count[state]
    ]
    return " ".join(said) or "Nothing to do."
