"""From findings to the same findings, with those marked that people asked not to be told of."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

from shared.expectations import Silence
from shared.model import Finding, Silenced


def apply_silences(findings: Iterable[Finding], silences: Iterable[Silence], now: datetime) -> tuple[Finding, ...]:
    """Mark the findings that a silence in force matches; where several do, the one that lasts longest.

    `monitor.*` can be silenced like any other: a known gap need not be told every day. That never makes a look green:
    a check that could not read ends unknown because of what it could not read, not because of the finding about it, and
    the finding stays in the report. What was not read hides nothing behind its silence.
    """
    in_force = sorted((silence for silence in silences if now < silence.until), key=lambda silence: silence.until)
    return tuple(_marked(finding, in_force) for finding in findings)


def _marked(finding: Finding, in_force: list[Silence]) -> Finding:
    matching = [silence for silence in in_force if _matches(silence, finding)]
    if not matching:
        return finding
    return replace(finding, silenced=Silenced(matching[-1].until, matching[-1].reason))


def _matches(silence: Silence, finding: Finding) -> bool:
    return (
        _is_like(finding.id, silence.id)
        and (silence.target is None or _is_like(finding.target, silence.target))
        and (silence.subject is None or any(_is_like(name, silence.subject) for name in _names_of(finding)))
    )


def _names_of(finding: Finding) -> Iterator[str]:
    """Yield all that a subject glob may mean: name, id, and the appId and keyIds in the evidence."""
    yield finding.subject.id
    if finding.subject.name is not None:
        yield finding.subject.name
    for key in ("app_id", "key_ids"):
        known = finding.evidence.get(key)
        if isinstance(known, str):
            yield known
        elif isinstance(known, list):
            yield from known


def _is_like(text: str, glob: str) -> bool:
    return fnmatchcase(text.lower(), glob.lower())
