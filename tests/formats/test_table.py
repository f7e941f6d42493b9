"""The table: readable at 80 columns, plain where there is no terminal, inert whatever others wrote."""

from io import StringIO

import pytest
from rich.console import Console

from shared.formats.table import print_table
from shared.model import Report, Severity
from tests.reports import AT, a_finding, a_report


def shown(report: Report, *, terminal: bool = False) -> str:
    stream = StringIO()
    console = Console(file=stream, width=80, force_terminal=terminal, markup=False, highlight=False, emoji=False)
    print_table(report, console)
    return stream.getvalue()


def test_the_table_reads_as_plain_text() -> None:
    cause = a_finding(title="The role was taken away", name="Cause", subject_id="cause")
    late = a_finding(Severity.CRITICAL, name="Late", explained_by=(cause.fingerprint, "beef"), due_at=AT)
    assert shown(a_report(cause, late, notices=("An old profile.",))) == (
        "Notice: An old profile.\n"
        "\n"
        "contoso\n"
        "  check              outcome    read  ignored  not read\n"
        "  workspace-access   findings     12        0         0\n"
        "  app-registrations  clear     2,500        3         0\n"
        "\n"
        "  CRITICAL  access.role_missing  Late\n"
        "    MALogAnalyticsReader cannot read the workspace\n"
        "    It holds none of Log Analytics Reader, Reader.\n"
        "    Due: 2026-11-22T08:05:00Z\n"
        "    Likely cause: The role was taken away\n"
        "    Likely cause: finding beef\n"
        "    1. Open the workspace.\n"
        "    2. Select Access control (IAM).\n"
        "    https://portal.azure.com/#blade/x\n"
        "\n"
        "  ERROR  access.role_missing  Cause\n"
        "    The role was taken away\n"
        "    It holds none of Log Analytics Reader, Reader.\n"
        "    1. Open the workspace.\n"
        "    2. Select Access control (IAM).\n"
        "    https://portal.azure.com/#blade/x\n"
        "\n"
        "Found: 1 critical, 1 error. Read 2,512 objects in 2 checks of 1 target.\n"
    )


READ = "Read 2,512 objects in 2 checks of 1 target."
UNKNOWN = "Unknown: could not read all of contoso (app-registrations)."


@pytest.mark.parametrize(
    ("report", "closing"),
    [
        (a_report(), f"Clear: nothing at or above warning. {READ}"),
        (
            a_report(a_finding(Severity.INFORMATIONAL), a_finding(silenced=True)),
            f"Clear: nothing at or above warning. Also 1 informational and 1 silenced. {READ}",
        ),
        (a_report(unread=True), f"{UNKNOWN} Found so far: nothing at or above warning. {READ}"),
        (a_report(a_finding(), unread=True), f"{UNKNOWN} Found: 1 error. {READ}"),
        (Report(AT, (), ()), "Nothing was looked at."),
    ],
)
def test_the_closing_line_says_the_outcome_and_what_was_read(report: Report, closing: str) -> None:
    assert " ".join(shown(report).rpartition("\n\n")[2].split()) == closing


def test_what_could_not_be_read_never_looks_clear() -> None:
    (line,) = [
        line for line in shown(a_report(unread=True)).splitlines() if "app-registrations" in line and "3" in line
    ]
    assert "clear" not in line
    assert " ".join(line.split()) == "app-registrations unknown: not all was read 2,500 3 unknown how many"


def test_a_silenced_finding_is_marked_with_until_and_why() -> None:
    text = shown(a_report(a_finding(silenced=True)))
    assert "ERROR (silenced)  access.role_missing" in text
    assert "Silenced until 2026-12-31T00:00:00Z: renewal booked" in text


def test_hostile_text_is_inert_and_short() -> None:
    hostile = "[bold]\x1b[31mred\x1b[0m[/bold]\u202egnp.exe\x07\r\nnext :smile:" + "x" * 10_000
    text = shown(a_report(a_finding(name=hostile, title=hostile, detail=hostile), notices=(hostile,)))
    assert {char for char in text if not char.isprintable()} == {"\n"}
    assert "[bold]red[/bold]gnp.exe next" in text
    assert len(text) < 6_000
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_link_is_never_broken_in_two() -> None:
    report = a_report(a_finding())
    link = "https://portal.azure.com/#blade/" + "segment/" * 20
    finding = report.targets[0].findings[0]
    object.__setattr__(finding.remedy, "link", link)
    assert link in shown(report)


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[" in shown(a_report(a_finding()), terminal=True)
