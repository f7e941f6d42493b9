"""Which transitions are for which channel, and that a message of nothing is not sent."""

import pytest

from shared.model import Severity, Silenced, TransitionKind
from shared.notify.channel import for_channel, is_told
from tests.notify.examples import NOW, finding, message, told

TOLD = [
    (TransitionKind.OPENED, Severity.WARNING, Severity.WARNING, True),
    (TransitionKind.OPENED, Severity.CRITICAL, Severity.WARNING, True),
    (TransitionKind.OPENED, Severity.INFORMATIONAL, Severity.WARNING, False),
    (TransitionKind.RESOLVED, Severity.INFORMATIONAL, Severity.WARNING, False),
    (TransitionKind.EASED, Severity.INFORMATIONAL, Severity.WARNING, True),
    (TransitionKind.EASED, Severity.INFORMATIONAL, Severity.ERROR, False),
    (TransitionKind.REMINDED, Severity.ERROR, Severity.CRITICAL, False),
]


@pytest.mark.parametrize(("kind", "severity", "least", "is_for_it"), TOLD)
def test_a_channel_is_told_from_its_severity_on(
    kind: TransitionKind, severity: Severity, least: Severity, is_for_it: bool
) -> None:
    assert is_told(told(finding(severity=severity), kind), least) is is_for_it


def test_what_is_silenced_is_told_to_nobody() -> None:
    quiet = told(finding(silenced=Silenced(NOW, "booked")))
    loud = told(finding(subject_id="other"))
    assert for_channel(message(quiet, loud), Severity.INFORMATIONAL).transitions == (loud,)
