"""Watching tenants in a box with the real SDKs, as the command does; no secret may be in what comes of it."""

import asyncio
import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from sandbox import Fault, Sandbox, Tenant, load_tenant
from shared.config import Settings, load_settings
from shared.formats.markdown import markdown
from shared.model import Check, Finding, Report, TargetReport
from shared.monitor import look
from shared.report import report_json

HURRIED = "[limits]\nrequest_timeout_s = 2\npatience_s = 3\n"
"""For faults that last: an answer may take two seconds on a busy machine, and patience ends after three."""
PATIENT = "[limits]\nrequest_timeout_s = 2\npatience_s = 15\n"
"""For faults that pass."""
APPS, ACCESS, SNAPSHOTS, HEALTH = (
    Check.APP_REGISTRATIONS,
    Check.WORKSPACE_ACCESS,
    Check.SNAPSHOT_CURRENCY,
    Check.SERVICE_HEALTH,
)
DESKTOP_ANALYTICS = """
profiles = ["desktop-analytics"]
[[target.app]]
name = "Desktop-Analytics-Connection"
kind = "connection"
"""


@dataclass
class Watch:
    """A box with one tenant in it, what is expected of the tenant, and all that was said of it."""

    box: Sandbox
    expected: str
    limits: str = ""
    url: str = ""
    was_broken: bool = False
    said: list[str] = field(default_factory=list)

    @property
    def tenant(self) -> Tenant:
        return self.box.tenant()

    @property
    def config(self) -> str:
        tenant = self.tenant
        ids = f'tenant_id = "{tenant.tenant_id}"\nworkspace_id = "{tenant.workspace.id}"'
        cloud = self.box.cloud_toml().replace(self.box.url, self.url or self.box.url)
        return f'{cloud}{self.limits}[[target]]\nname = "{tenant.name}"\n{ids}\n{self.expected}'

    @property
    def settings(self) -> Settings:
        return load_settings(None, {"DAWNWATCH_CONFIG_TOML": self.config})

    def report(self, *checks: Check, at: datetime | None = None) -> Report:
        settings = self.settings
        wanted, now = checks or tuple(Check), at or self.box.now
        report = asyncio.run(look(settings, settings.targets, wanted, now, lambda pages, objects: None))
        self.said += [report_json(report), markdown(report)]
        return report

    def look(self, *checks: Check, at: datetime | None = None) -> TargetReport:
        (target,) = self.report(*checks, at=at).targets
        return target

    def break_down(self, *faults: str | Fault, **more: object) -> None:
        """Switch faults on, instead of those that are on."""
        self.was_broken = True
        self.box.faults.clear()
        for fault in faults:
            service, _, kind = str(fault).partition(":")
            self.box.faults.add(
                fault if isinstance(fault, Fault) else Fault(service=service, kind=kind, **more)  # type: ignore[arg-type]
            )

    def calls(self, service: str, part: str = "") -> list[str]:
        """Return the paths of the calls to a service, in order."""
        return [call.path for call in self.box.requests if call.service == service and part in call.path]


type Watching = Callable[..., Watch]


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Watching]:
    """Open boxes for a test; at its end none of their secrets may have been said anywhere."""
    boxes: list[Watch] = []
    with ExitStack() as stack:

        def watch(
            tenant: Tenant | Path | str = "contoso", expected: str = DESKTOP_ANALYTICS, limits: str = ""
        ) -> Watch:
            given = tenant if isinstance(tenant, Tenant) else load_tenant(tenant)
            box = stack.enter_context(Sandbox(given))
            for name, value in box.environment.items():
                monkeypatch.setenv(name, value)
            boxes.append(Watch(box, expected, limits))
            return boxes[-1]

        yield watch
        if any(box.was_broken for box in boxes):
            _collect_sockets()
        out, err = capsys.readouterr()
        for box in boxes:
            assert_no_secret(box.box, out, err, *box.said)


def _collect_sockets() -> None:
    """Let go of what httpcore leaves to the collector: the socket of a TLS handshake that was called off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def assert_no_secret(box: Sandbox, *texts: str) -> None:
    """Fail where any secret of a box stands in a text: secrets, their hints, tokens, signatures, keys."""
    leaked = [secret[:3] + "…" for secret in box.secrets for text in texts if secret in text]
    assert not leaked, f"secrets were said: {leaked}"


def ids(report: TargetReport) -> list[str]:
    return sorted(finding.id for finding in report.findings)


def named(report: TargetReport, finding_id: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.id == finding_id]


def unread(report: TargetReport) -> list[Finding]:
    return named(report, "monitor.gather_failed")
