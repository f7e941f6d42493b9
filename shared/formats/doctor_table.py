"""From a diagnosis to a terminal: a line for each point, and what to do below those that are not well."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from shared.doctor.diagnosis import Diagnosis, Outcome, Point, Verdict
from shared.formats.table import print_wrapped
from shared.formats.words import count
from shared.text import plain

STYLES = {
    Verdict.OK: "green",
    Verdict.WARNING: "yellow",
    Verdict.FAILED: "bold red",
    Verdict.UNKNOWN: "bold magenta",
}
_CLOSING = {Outcome.OK: "green", Outcome.WRONG: "yellow", Outcome.UNKNOWN: "bold magenta"}
_MARGIN = " " * 10
_DETAIL_LIMIT = 2_000
_COMMAND_LIMIT = 4_000


def print_diagnosis(diagnosis: Diagnosis, console: Console) -> None:
    """Print a diagnosis for a person; what others wrote is made plain, and commands stand on one line each."""
    for target in diagnosis.targets:
        _print_part(target.name, target.points, console)
    _print_part("the monitor itself", diagnosis.points, console)
    print_wrapped(Text(_closing(diagnosis), style=_CLOSING[diagnosis.outcome]), "", console)


def _print_part(name: str, points: Iterable[Point], console: Console) -> None:
    console.print(Text(plain(name, 120), style="bold"))
    for point in points:
        _print_point(point, console)
    console.print()


def _print_point(point: Point, console: Console) -> None:
    margin = Text(f"  {point.verdict.upper():<8}", style=STYLES[point.verdict])
    said = Text.assemble((plain(point.what, 200), "bold"), ": ", plain(point.detail, _DETAIL_LIMIT))
    for line in said.wrap(console, max(console.width - len(_MARGIN), 20), overflow="fold"):
        line.rstrip()
        console.print(margin + line, soft_wrap=True)
        margin = Text(_MARGIN)
    for command in point.commands:
        # On one line whatever the width: a command that is broken in two is another one.
        console.print(Text(_MARGIN + plain(command, _COMMAND_LIMIT), style="cyan"), soft_wrap=True)


def _closing(diagnosis: Diagnosis) -> str:
    counts = diagnosis.counts
    if diagnosis.outcome is Outcome.OK:
        return f"All is well: {count(counts.total(), 'point')} examined."
    failed, warned, unknown = (counts[verdict] for verdict in (Verdict.FAILED, Verdict.WARNING, Verdict.UNKNOWN))
    told = [f"{failed} failed"] * bool(failed) + [count(warned, "warning")] * bool(warned)
    told += [f"{unknown} could not be told"] * bool(unknown)
    return f"Not all is well: {', '.join(told)}; {counts[Verdict.OK]} ok."
