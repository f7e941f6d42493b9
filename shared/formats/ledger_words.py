"""What the ledger's commands say in a line: what a round changed, what a channel does not take."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from shared.formats.words import count
from shared.ledger.deliveries import Waiting
from shared.model import Finding, Severity, Transition, TransitionKind
from shared.tour import Stop
from shared.wording import say_instant


def stop_line(stop: Stop, now: datetime) -> str:
    """A target's round in a line: what is new, what is open, what could not be done."""
    return f"{say_instant(now)}  {stop.target}: {'; '.join(_stop_words(stop))}"


def _stop_words(stop: Stop) -> Iterator[str]:
    if stop.made is None:
        yield f"not done: {stop.trouble}"
        return
    yield _news(stop.made.transitions)
    yield f"open: {open_words(stop.open)}"
    if unread := [done.check.value for done in stop.made.passes if done.unread]:
        yield f"could not read all of {', '.join(unread)}"
    if failing := [trouble.channel for trouble in stop.made.delivered.failing]:
        yield f"not delivered to {', '.join(failing)}"


def _news(transitions: Iterable[Transition]) -> str:
    kinds = Counter(transition.kind for transition in transitions)
    return ", ".join(f"{kinds[kind]:,} {kind.value}" for kind in TransitionKind if kinds[kind]) or "nothing new"


def open_words(findings: Sequence[Finding]) -> str:
    """What is open, by severity; what is silenced is counted by itself."""
    loud = Counter(finding.severity for finding in findings if finding.silenced is None)
    words = [f"{loud[severity]:,} {severity.value}" for severity in Severity if loud[severity]]
    silenced = sum(finding.silenced is not None for finding in findings)
    return ", ".join([*words, *([f"{silenced:,} silenced"] if silenced else [])]) or "nothing"


def failing_lines(waiting: Iterable[Waiting]) -> Iterator[str]:
    """A line for each channel that does not take what it is sent, whatever the number of targets."""
    by_channel: dict[str, list[Waiting]] = {}
    for item in waiting:
        if item.since is not None:
            by_channel.setdefault(item.channel, []).append(item)
    for channel, items in sorted(by_channel.items()):
        worst = min(items, key=lambda item: (item.since is None, item.since))
        number, targets = sum(item.count for item in items), count(len(items), "target")
        since = f" since {say_instant(worst.since)}" if worst.since else ""
        yield f"Not delivered to {channel}{since}: {count(number, 'message')} of {targets} wait. {worst.reason or ''}"
