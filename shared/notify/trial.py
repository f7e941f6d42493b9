"""A message that says that it is a test, for those who want to see that a channel works."""

from datetime import datetime

from shared.model import Finding, Remedy, Severity, Subject, SubjectKind, Transition, TransitionKind
from shared.notify.channel import Message


def a_test(now: datetime, command: str = "dawnwatch notify-test") -> Message:
    """A message of one finding, opened, which names the command that somebody ran."""
    finding = Finding(
        id="monitor.test",
        family="monitor.test",
        target="dawnwatch",
        severity=Severity.INFORMATIONAL,
        subject=Subject(SubjectKind.CHANNEL, "test", "This channel"),
        title="This is a test: Dawnwatch reaches this channel",
        detail=f"Somebody ran {command}. Nothing is wrong.",
        remedy=Remedy(("There is nothing to do.",)),
    )
    return Message(finding.target, now, (Transition(TransitionKind.OPENED, finding, now),))
