"""From the ledger to a terminal: what is open, since when, and who was told; readable at 80 columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from shared.formats.ledger_words import open_words
from shared.formats.table import SEVERITY_STYLES, print_wrapped
from shared.incident import Incident
from shared.ledger.deliveries import Waiting
from shared.ledger.overview import Overview, Passed, silence_of, told_at
from shared.text import plain
from shared.wording import LIKELY_CAUSE, say_instant, say_span, split_causes

_NAME, _SENTENCE = 120, 600
_SHORT = 12  # characters of a fingerprint: enough to tell a million apart


def print_overviews(overviews: Sequence[Overview], now: datetime, console: Console) -> None:
    """Print what is known of each target."""
    for overview in overviews:
        console.print(Text(plain(overview.target, _NAME), style="bold"))
        for name, passed in overview.checks.items():
            print_wrapped(_check(name, passed, now), "  ", console)
        for waiting in overview.waiting:
            print_wrapped(_waiting(waiting), "  ", console)
        for incident in overview.incidents:
            _print_incident(incident, overview.titles, now, console)
        console.print()
    still_open = [item.finding for overview in overviews for item in overview.incidents if item.is_open]
    print_wrapped(Text(f"Open: {open_words(still_open)}."), "", console)


def _check(name: str, passed: Passed, now: datetime) -> Text:
    words = "never read everything" if passed.good_at is None else f"read everything {_ago(passed.good_at, now)}"
    if passed.passed_at is not None and passed.passed_at != passed.good_at:
        words += f", not all of it {_ago(passed.passed_at, now)}"
    return Text.assemble(f"{name:<18} ", (words, "" if passed.is_good(now) else "bold magenta"))


def _waiting(waiting: Waiting) -> Text:
    words = f"{waiting.channel}: {waiting.count:,} to be delivered"
    if waiting.since is None:
        return Text(words)
    return Text(plain(f"{words}; failing since {say_instant(waiting.since)}: {waiting.reason}", _SENTENCE), style="red")


def _print_incident(incident: Incident, titles: Mapping[str, str], now: datetime, console: Console) -> None:
    console.print()
    print_wrapped(_headline(incident, now), "  ", console)
    for line in _lines(incident, titles, now):
        print_wrapped(Text(plain(line, _SENTENCE)), "    ", console)


def _headline(incident: Incident, now: datetime) -> Text:
    finding = incident.finding
    state = " (silenced)" if silence_of(finding, now) else ""
    state = state if incident.is_open else " (over)"
    style = "dim" if state else SEVERITY_STYLES[finding.severity]
    names = f"  {plain(finding.id, _NAME)}  {plain(finding.subject.label, _NAME)}  "
    return Text.assemble((finding.severity.upper() + state, style), names, (finding.fingerprint[:_SHORT], "dim"))


def _lines(incident: Incident, titles: Mapping[str, str], now: datetime) -> Iterator[str]:
    finding = incident.finding
    yield finding.title
    told = told_at(incident)
    words = f"Open since {_ago(incident.opened_at, now)}; " if incident.is_open else ""
    if incident.resolved_at is not None:
        words = f"Open from {say_instant(incident.opened_at)} to {_ago(incident.resolved_at, now)}."
    yield words + (("last told " + _ago(told, now) if told else "not told") + "." if incident.is_open else "")
    if silenced := silence_of(finding, now):
        yield f"Silenced until {say_instant(silenced.until)}: {silenced.reason}"
    yield from _causes(finding.detail, finding.explained_by, titles)


def _causes(detail: str, explained_by: Iterable[str], titles: Mapping[str, str]) -> Iterator[str]:
    known = [titles[fingerprint] for fingerprint in explained_by if fingerprint in titles]
    for cause in known or split_causes(detail)[1]:
        yield f"{LIKELY_CAUSE} {cause}"


def _ago(at: datetime, now: datetime) -> str:
    """An instant, and how long ago it was; one that is ahead of now stands for itself."""
    return f"{say_instant(at)} ({say_span(now - at)} ago)" if at <= now else say_instant(at)


def print_history(incidents: Sequence[Incident], console: Console) -> None:
    """Print every line of some incidents, the oldest first."""
    for incident in incidents:
        finding = incident.finding
        head = f"{finding.target}  {finding.fingerprint}  {finding.title}"
        print_wrapped(Text(plain(head, _SENTENCE), style="bold"), "", console)
        for moment in incident.history:
            line = (
                f"{say_instant(moment.at)}  {moment.reason.value:<9}  {moment.severity.value:<13}  {moment.finding_id}"
            )
            print_wrapped(Text(plain(line, _SENTENCE)), "  ", console)
