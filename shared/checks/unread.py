"""From what could not be read to findings: a failed read is said aloud, and never taken for a clear answer."""

from collections.abc import Sequence

from shared.catalogue import make_finding
from shared.expectations import Target
from shared.facts import Unread
from shared.model import Check, Finding, Subject, SubjectKind
from shared.wording import say_instant


def unread_findings(target: Target, check: Check, unread: Sequence[Unread]) -> tuple[Finding, ...]:
    """Return `monitor.gather_failed` for each read that failed: what, why, what it hides, and when to come back."""
    return tuple(_failed_read(target, check, read) for read in unread)


def _failed_read(target: Target, check: Check, read: Unread) -> Finding:
    parts = [_sentence(read.why), f"Not judged because of it: {_sentence(read.hides)}"]
    if read.again_at is not None:
        parts.append(f"The server asks to be left alone until {say_instant(read.again_at)}.")
    return make_finding(
        "monitor.gather_failed",
        target,
        Subject(SubjectKind.READ, f"{check.value}/{read.scope}", read.what),
        detail=" ".join(parts),
        due_at=read.again_at,
        evidence={"check": check.value, "scope": read.scope, "why": read.why, "hides": read.hides},
        extra_steps=read.steps,
    )


def _sentence(words: str) -> str:
    stripped = words.strip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."
