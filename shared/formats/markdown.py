"""From a report to Markdown, for a ticket or a wiki: what others wrote makes no markup, no link and no mention."""

import re
from collections.abc import Iterable, Mapping

from shared.formats.words import OUTCOME_WORDS, closing_line, coverage_words, likely_causes, titles_by_fingerprint
from shared.model import CheckResult, Finding, Report, TargetReport
from shared.report import rfc3339, worst_first
from shared.text import plain
from shared.wording import LIKELY_CAUSE, split_causes

_NAME_LIMIT = 120
_SENTENCE_LIMIT = 600
_DETAIL_LIMIT = 2_000
_LINK_LIMIT = 2_000

_MARKUP = re.compile(r"([\\`*_\[\]<>&|~$^{}])")
# What turns into a link by itself: an address, a host, a scheme.
_AUTOLINK = re.compile(r"(?<=\w)\.(?=\w)|:(?=//)|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
# What turns into a heading, a list or a rule at the start of a line.
_LINE_START = re.compile(r"^(\d*)([#+=.)-])")
# People, teams and issues. No backslash keeps a tracker from linking these: an invisible word joiner does.
_REFERENCE = re.compile(r"([@#])(?=\w)")


def markdown(report: Report) -> str:
    """The whole report as CommonMark with GitHub's tables."""
    lines = [f"# Dawnwatch at {rfc3339(report.at)}", "", f"**{escaped(closing_line(report), _SENTENCE_LIMIT)}**", ""]
    lines += [f"> Notice: {escaped(notice, _SENTENCE_LIMIT)}\n" for notice in report.notices]
    for target in report.targets:
        lines += _target(target)
    return "\n".join(lines).rstrip("\n") + "\n"


def escaped(text: str, limit: int) -> str:
    """Text that a Markdown renderer shows as it stands."""
    line = plain(text, limit)
    line = _AUTOLINK.sub(lambda found: "\\" + found[0], _MARKUP.sub(r"\\\1", line))
    return _REFERENCE.sub("\\1\N{WORD JOINER}", _LINE_START.sub(r"\1\\\2", line))


def code(text: str, limit: int) -> str:
    """Text as a code span, whatever backticks are in it."""
    line = plain(text, limit)
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    gap = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{gap}{line}{gap}{fence}"


def _target(target: TargetReport) -> Iterable[str]:
    yield from (f"## {escaped(target.name, _NAME_LIMIT)}", "")
    yield from (
        "| check | outcome | read | ignored | not read | observed at |",
        "| --- | --- | --: | --: | --: | --- |",
    )
    yield from map(_check, target.checks)
    yield ""
    titles = titles_by_fingerprint(target)
    for finding in worst_first(target.findings):
        yield from _finding(finding, titles)


def _check(result: CheckResult) -> str:
    cells = (
        result.check.value,
        OUTCOME_WORDS[result.outcome],
        *coverage_words(result.coverage),
        rfc3339(result.observed_at),
    )
    return f"| {' | '.join(cells)} |"


def _finding(finding: Finding, titles: Mapping[str, str]) -> Iterable[str]:
    severity = finding.severity.upper() + (" (silenced)" if finding.silenced else "")
    subject = code(finding.subject.label, _NAME_LIMIT)
    yield from (f"### {severity}: {code(finding.id, _NAME_LIMIT)} {subject}", "")
    yield from (
        f"**{escaped(finding.title, _SENTENCE_LIMIT)}**",
        "",
        escaped(split_causes(finding.detail)[0], _DETAIL_LIMIT),
        "",
    )
    yield from _facts(finding, titles)
    for number, step in enumerate(finding.remedy.steps, start=1):
        yield f"{number}. {escaped(step, _SENTENCE_LIMIT)}"
    yield ""
    if finding.remedy.link:
        yield from (_link(finding.remedy.link), "")


def _facts(finding: Finding, titles: Mapping[str, str]) -> Iterable[str]:
    if finding.due_at:
        yield f"- Due: {rfc3339(finding.due_at)}"
    if finding.silenced:
        reason = escaped(finding.silenced.reason, _SENTENCE_LIMIT)
        yield f"- Silenced until {rfc3339(finding.silenced.until)}: {reason}"
    for cause in likely_causes(finding, titles):
        yield f"- {LIKELY_CAUSE} {escaped(cause, _SENTENCE_LIMIT)}"
    yield from (f"- Fingerprint: {code(finding.fingerprint, _NAME_LIMIT)}", "")


def _link(link: str) -> str:
    """The remedy's link, where it is an https one that nothing can break out of."""
    if re.fullmatch(r"https://[!-;=?-~]+", link) and len(link) <= _LINK_LIMIT:
        return f"<{link}>"
    return escaped(link, _LINK_LIMIT)
