"""What every format for people says in the same words: the outcome, the coverage, the likely causes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from shared.model import Coverage, Finding, Outcome, Report, Severity, TargetReport
from shared.wording import split_causes

_NAMES_SHOWN = 5

OUTCOME_WORDS = {
    Outcome.CLEAR: "clear",
    Outcome.FINDINGS: "findings",
    Outcome.UNKNOWN: "unknown: not all was read",
}


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def coverage_words(coverage: Coverage) -> tuple[str, str, str]:
    """Read, ignored and not read, as the columns of a table."""
    unread = "unknown how many" if coverage.unread is None else f"{coverage.unread:,}"
    return f"{coverage.read:,}", f"{coverage.ignored:,}", unread


def closing_line(report: Report) -> str:
    """The outcome in words: what could not be looked at first, then what was found, and what was read."""
    sentences = {
        Outcome.UNKNOWN: f"Unknown: could not read all of {_unknown_places(report)}. {_tally(report)}",
        Outcome.FINDINGS: _tally(report),
        Outcome.CLEAR: _clear(report),
    }
    return sentences[report.outcome]


def _clear(report: Report) -> str:
    if not any(target.checks for target in report.targets):
        return "Nothing was looked at."
    others = [finding for target in report.targets for finding in target.findings]
    return f"Clear: nothing at or above warning. {_others(others)}{_what_was_read(report)}"


def _tally(report: Report) -> str:
    findings = [finding for target in report.targets for finding in target.findings]
    counting = Counter(finding.severity for finding in findings if finding.counts)
    worst = ", ".join(f"{number} {severity}" for severity in Severity if (number := counting[severity]))
    found = f"Found: {worst}. " if worst else "Found so far: nothing at or above warning. "
    return found + _others(finding for finding in findings if not finding.counts) + _what_was_read(report)


def _others(findings: Iterable[Finding]) -> str:
    """The findings that decide nothing: counted, so that none is lost from sight."""
    silenced = informational = 0
    for finding in findings:
        silenced += finding.silenced is not None
        informational += finding.silenced is None
    told = [f"{informational} informational"] * bool(informational) + [f"{silenced} silenced"] * bool(silenced)
    return f"Also {' and '.join(told)}. " if told else ""


def _what_was_read(report: Report) -> str:
    results = [result for target in report.targets for result in target.checks]
    objects = count(sum(result.coverage.read for result in results), "object")
    looked = [target for target in report.targets if target.checks]
    return f"Read {objects} in {count(len(results), 'check')} of {count(len(looked), 'target')}."


def _unknown_places(report: Report) -> str:
    places = [
        f"{target.name} ({', '.join(result.check for result in target.checks if result.outcome is Outcome.UNKNOWN)})"
        for target in report.targets
        if target.outcome is Outcome.UNKNOWN
    ]
    shown = ", ".join(places[:_NAMES_SHOWN])
    return f"{shown} and {len(places) - _NAMES_SHOWN:,} more" if len(places) > _NAMES_SHOWN else shown


def titles_by_fingerprint(target: TargetReport) -> Mapping[str, str]:
    """The titles that `explained_by` points at."""
    return {finding.fingerprint: finding.title for finding in target.findings}


def likely_causes(finding: Finding, titles: Mapping[str, str]) -> Sequence[str]:
    """What explains a finding: in the words of its detail, else by title, else by fingerprint."""
    told = split_causes(finding.detail)[1]
    return told or [titles.get(fingerprint, f"finding {fingerprint}") for fingerprint in finding.explained_by]
