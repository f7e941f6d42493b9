"""`dawnwatch check`: the contract of its exit statuses and its streams. The look is handed in, never patched."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import pytest

from shared.cli.check import choose_checks, choose_targets, instant, run
from shared.cli.command import UsageError
from shared.config import Settings
from shared.errors import ConfigError
from shared.expectations import Target
from shared.model import Check, Report, Severity
from tests.config_texts import a_target, settings_of
from tests.reports import AT, a_finding, a_report

ENVIRON = {
    "DAWNWATCH_CONFIG_TOML": a_target() + a_target(name="fabrikam"),
    "DAWNWATCH_TEAMS_WEBHOOK_URL": "https://host/workflows/1?sig=SECRET",
}


class Monitor:
    """A monitor that finds what it was told to find, and remembers how it was asked."""

    def __init__(self, report: Report, failures: Sequence[str] = ()) -> None:
        self.report = report
        self.failures = failures
        self.asked: list[object] | None = None
        self.notified = False

    async def look(
        self,
        settings: Settings,
        targets: Sequence[Target],
        checks: Sequence[Check],
        now: datetime,
        progress: Callable[[int, int], None],
    ) -> Report:
        assert settings.targets
        self.asked = [[target.name for target in targets], [*checks], now]
        progress(1, 999)
        return self.report

    async def notify(self, settings: Settings, report: Report, environ: Mapping[str, str]) -> Sequence[str]:
        assert settings.teams is not None
        assert report is self.report
        assert "DAWNWATCH_TEAMS_WEBHOOK_URL" in environ
        self.notified = True
        return self.failures

    def run(self, environ: Mapping[str, str] = ENVIRON, **options: object) -> int:
        given = {"config": None, "target": None, "only": None, "at": None, "format": "table", "notify": False}
        args = argparse.Namespace(**(given | options))
        return run(args, environ, look=self.look, notify=self.notify, clock=lambda: AT)


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (a_report(), 0),
        (a_report(a_finding(Severity.INFORMATIONAL)), 0),
        (a_report(a_finding()), 1),
        (a_report(a_finding(), unread=True), 3),
    ],
)
@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_the_exit_status_tells_the_outcome_in_every_format(report: Report, status: int, form: str) -> None:
    assert Monitor(report).run(format=form) == status


def test_json_stands_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    Monitor(a_report(a_finding()), ["Teams did not answer"]).run(format="json", notify=True)
    streams = capsys.readouterr()
    assert json.loads(streams.out)["schema"] == "dawnwatch.report/1"
    assert streams.err == "Not delivered: Teams did not answer\n"


def test_everything_is_looked_at_now_unless_said_otherwise() -> None:
    monitor = Monitor(a_report())
    monitor.run()
    assert monitor.asked == [["contoso", "fabrikam"], [*Check], AT]
    then = datetime(2026, 1, 1, tzinfo=UTC)
    monitor.run(target=["fabrikam"], only=["snapshot-currency"], at=then)
    assert monitor.asked == [["fabrikam"], [Check.SNAPSHOT_CURRENCY], then]


@pytest.mark.parametrize(("failures", "status"), [((), 1), (("Teams: refused",), 3)])
def test_a_message_that_is_not_delivered_makes_the_status_3(failures: Sequence[str], status: int) -> None:
    monitor = Monitor(a_report(a_finding()), failures)
    assert monitor.run(notify=True) == status
    assert monitor.notified


def test_nothing_is_sent_unasked() -> None:
    monitor = Monitor(a_report(a_finding()))
    monitor.run()
    assert not monitor.notified


def test_notifying_without_the_webhooks_secret_stops_before_looking() -> None:
    monitor = Monitor(a_report())
    environ = {"DAWNWATCH_CONFIG_TOML": a_target() + "[notify.teams]"}
    with pytest.raises(ConfigError, match="environment: DAWNWATCH_TEAMS_WEBHOOK_URL: is missing"):
        monitor.run(environ, notify=True)
    assert monitor.asked is None


def test_an_unknown_target_is_answered_with_the_known_ones() -> None:
    targets = settings_of(ENVIRON["DAWNWATCH_CONFIG_TOML"]).targets
    with pytest.raises(UsageError, match=r"no target is called contoos\. The targets: contoso, fabrikam"):
        choose_targets(targets, ["contoso", "contoos"])


def test_checks_come_in_their_usual_order_and_once() -> None:
    names = ["snapshot-currency", "workspace-access", "snapshot-currency"]
    assert choose_checks(names) == (Check.WORKSPACE_ACCESS, Check.SNAPSHOT_CURRENCY)


@pytest.mark.parametrize(
    "text", ["2026-11-22T08:05:00Z", "2026-11-22T08:05Z", "2026-11-22T10:05:00+02:00", "20261122T080500Z"]
)
def test_an_instant_has_an_offset(text: str) -> None:
    assert instant(text) == AT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2026-11-22T08:05:00", "says no offset from UTC"),
        ("2026-11-22", "says no offset from UTC"),
        ("yesterday", "is no ISO 8601 date and time"),
        ("", "is no ISO 8601 date and time"),
        ("0001-01-01T00:00:00+14:00", "is no ISO 8601 date and time"),
    ],
)
def test_an_instant_that_is_none_is_told_what_would_be_right(text: str, fault: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"{fault}; write it as 2026-11-22T08:05:00Z"):
        instant(text)
