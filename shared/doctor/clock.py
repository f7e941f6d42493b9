"""The clock (pure): how far it is from those of the servers, which refuse tokens that seem too old or too new."""

from collections.abc import Mapping
from datetime import timedelta
from statistics import median_low

from shared.doctor.diagnosis import Area, Point, Verdict

WARN_S = 60
FAIL_S = 300
"""Microsoft Entra ID lets clocks differ by five minutes."""


def judge_clock(skews: Mapping[str, timedelta]) -> Point:
    """Judge by the middle one of the skews: how far each server's clock is ahead of ours."""
    what = "the clock"
    if not skews:
        return Point(Area.CLOCK, what, Verdict.UNKNOWN, "No server said what time it is.")
    seconds = {name: skew.total_seconds() for name, skew in skews.items()}
    middle = median_low(seconds.values())
    strangers = [f"{name} ({_said(skew)})" for name, skew in seconds.items() if abs(skew - middle) > WARN_S]
    others = f" Some servers have another time: {', '.join(strangers)}." if strangers else ""
    verdict = Verdict.FAILED if abs(middle) > FAIL_S else Verdict.WARNING if abs(middle) > WARN_S else Verdict.OK
    if verdict is Verdict.OK and not strangers:
        return Point(Area.CLOCK, what, verdict, "It agrees with the servers'.")
    if verdict is Verdict.OK:
        return Point(Area.CLOCK, what, Verdict.WARNING, f"It agrees with most servers'.{others}")
    detail = f"This machine's is {_said(-middle)}. Synchronise it (NTP): tokens and due times go by it.{others}"
    return Point(Area.CLOCK, what, verdict, detail)


def _said(skew_s: float) -> str:
    whole = round(abs(skew_s))
    return f"{whole:,} s {'ahead' if skew_s > 0 else 'behind'}"
