"""From a report to a terminal: readable at 80 columns, and plain text where there is no terminal."""

from collections.abc import Iterable, Mapping
from itertools import chain

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shared.formats.words import OUTCOME_WORDS, closing_line, coverage_words, likely_causes, titles_by_fingerprint
from shared.model import CheckResult, Finding, Outcome, Report, Severity, TargetReport
from shared.report import rfc3339, worst_first
from shared.text import plain
from shared.wording import LIKELY_CAUSE, split_causes

SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFORMATIONAL: "cyan",
}
_OUTCOME_STYLES = {Outcome.CLEAR: "green", Outcome.FINDINGS: "yellow", Outcome.UNKNOWN: "bold magenta"}

_NAME_LIMIT = 120
_SENTENCE_LIMIT = 600
_DETAIL_LIMIT = 2_000
_LINK_LIMIT = 2_000


def print_table(report: Report, console: Console) -> None:
    """Print a report for a person. Whatever others wrote goes through `printable`, and is never read as markup."""
    for notice in report.notices:
        print_wrapped(_line("Notice: ", "bold", notice, _SENTENCE_LIMIT), "", console)
    for target in report.targets:
        _print_target(target, console)
    console.print()
    closing = Text(plain(closing_line(report), _SENTENCE_LIMIT), style=_OUTCOME_STYLES[report.outcome])
    print_wrapped(closing, "", console)


def _print_target(target: TargetReport, console: Console) -> None:
    console.print()
    console.print(Text(plain(target.name, _NAME_LIMIT), style="bold"))
    console.print(Padding(_checks_table(target.checks), (0, 0, 0, 2), expand=False))
    titles = titles_by_fingerprint(target)
    for finding in worst_first(target.findings):
        _print_finding(finding, titles, console)


def _checks_table(results: Iterable[CheckResult]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("check", "outcome"):
        table.add_column(heading)
    for heading in ("read", "ignored", "not read"):
        table.add_column(heading, justify="right")
    for result in results:
        outcome = Text(OUTCOME_WORDS[result.outcome], style=_OUTCOME_STYLES[result.outcome])
        table.add_row(Text(result.check), outcome, *(Text(words) for words in coverage_words(result.coverage)))
    return table


def _print_finding(finding: Finding, titles: Mapping[str, str], console: Console) -> None:
    console.print()
    print_wrapped(_headline(finding), "  ", console)
    for line in chain(_facts(finding), _causes(finding, titles)):
        print_wrapped(line, "    ", console)
    for number, step in enumerate(finding.remedy.steps, start=1):
        print_wrapped(Text(plain(step, _SENTENCE_LIMIT)), f"    {number}. ", console)
    if finding.remedy.link:
        # On one line whatever the width: a link that is broken in two opens nothing.
        link = Text("    " + plain(finding.remedy.link, _LINK_LIMIT), style="blue")
        console.print(link, soft_wrap=True)


def print_wrapped(text: Text, margin: str, console: Console) -> None:
    """Print text beside a margin, its further lines indented as deep, without the blanks that Padding would add."""
    for line in text.wrap(console, max(console.width - len(margin), 20), overflow="fold"):
        line.rstrip()
        console.print(Text(margin).append_text(line), soft_wrap=True)
        margin = " " * len(margin)


def _headline(finding: Finding) -> Text:
    silenced = " (silenced)" if finding.silenced else ""
    style = "dim" if finding.silenced else SEVERITY_STYLES[finding.severity]
    names = f"  {plain(finding.id, _NAME_LIMIT)}  {plain(finding.subject.label, _NAME_LIMIT)}"
    return Text.assemble((finding.severity.upper() + silenced, style), names)


def _facts(finding: Finding) -> Iterable[Text]:
    yield Text(plain(finding.title, _SENTENCE_LIMIT), style="bold")
    yield Text(plain(split_causes(finding.detail)[0], _DETAIL_LIMIT))
    if finding.due_at:
        yield _line("Due: ", "dim", rfc3339(finding.due_at), _NAME_LIMIT)
    if finding.silenced:
        words = f"until {rfc3339(finding.silenced.until)}: {finding.silenced.reason}"
        yield _line("Silenced ", "dim", words, _SENTENCE_LIMIT)


def _causes(finding: Finding, titles: Mapping[str, str]) -> Iterable[Text]:
    for cause in likely_causes(finding, titles):
        yield _line(f"{LIKELY_CAUSE} ", "bold", cause, _SENTENCE_LIMIT)


def _line(label: str, style: str, text: str, limit: int) -> Text:
    return Text.assemble((label, style), plain(text, limit))
