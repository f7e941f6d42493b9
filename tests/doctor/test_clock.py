"""How far this machine's clock is from the servers', and what that means."""

from datetime import timedelta

import pytest

from shared.doctor.clock import judge_clock
from shared.doctor.diagnosis import Verdict


@pytest.mark.parametrize(
    ("skews_s", "verdict", "said"),
    [
        ([0, 0, 0, 0], Verdict.OK, "It agrees with the servers'."),
        ([60, -60, 0, 1], Verdict.OK, "It agrees with the servers'."),
        ([60, 60, 60, 60], Verdict.OK, "It agrees with the servers'."),
        ([61, 61, 61, 61], Verdict.WARNING, "This machine's is 61 s behind."),
        ([-61, -61, -61, -61], Verdict.WARNING, "This machine's is 61 s ahead."),
        ([300, 300, 300, 300], Verdict.WARNING, "This machine's is 300 s behind."),
        ([301, 301, 301, 301], Verdict.FAILED, "This machine's is 301 s behind."),
        ([-4000, -4000, -4000], Verdict.FAILED, "This machine's is 4,000 s ahead."),
        (
            [0, 0, 0, 3600],
            Verdict.WARNING,
            "It agrees with most servers'. Some servers have another time: server 3 (3,600",
        ),
        ([400, 400, 400, 0], Verdict.FAILED, "Some servers have another time: server 3 (0 s"),
        ([], Verdict.UNKNOWN, "No server said what time it is."),
    ],
)
def test_the_clock_is_judged_by_most_servers(skews_s: list[float], verdict: Verdict, said: str) -> None:
    point = judge_clock({f"server {number}": timedelta(seconds=skew) for number, skew in enumerate(skews_s)})
    assert point.verdict is verdict
    assert said in point.detail
