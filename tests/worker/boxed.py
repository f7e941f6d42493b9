"""An app that watches a tenant in a box: its settings, and the box now, by the clock that functions have."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox import Fault, Sandbox, Tenant, load_tenant
from shared.app_settings import SCHEDULES
from tests.worker.storage import Storage

TENANTS = Path(__file__).parents[2] / "sandbox" / "tenants"
CONFIG = """
[[target]]
name = "contoso"
tenant_id = "{tenant.tenant_id}"
workspace_id = "{tenant.workspace.id}"
profiles = ["desktop-analytics"]

[[target.app]]
name = "Desktop-Analytics-Connection"
kind = "connection"

[[target.service]]
name = "Microsoft Intune"

[report]
report_at = "00:00"

[notify.teams]
min_severity = "warning"

[notify.event_grid]
min_severity = "warning"
topic = "{topic}"
"""
READER = "MALogAnalyticsReader"


@dataclass
class Boxed:
    """The box, the tenant in it, and the storage account of the app."""

    box: Sandbox
    tenant: Tenant
    storage: Storage

    @property
    def config(self) -> str:
        """The configuration of the app."""
        return self.box.cloud_toml() + CONFIG.format(tenant=self.tenant, topic=self.box.topic_url)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of the app, as Azure gives them to the worker."""
        schedules = {setting.name: setting.usual or "" for setting in SCHEDULES}
        identity = {"AZURE_TOKEN_CREDENTIALS": "prod", **self.box.environment}
        return {**schedules, **identity, **self.storage.settings, "DAWNWATCH_CONFIG_TOML": self.config}

    @property
    def cards(self) -> list[str]:
        """What each card in Teams says in a line."""
        return [message.content["attachments"][0]["content"]["fallbackText"] for message in self.box.teams_messages]

    def break_down(self, service: str, kind: str, *, status: int | None = None) -> None:
        """Let a service have a trouble until `mend`."""
        self.box.faults.add(Fault(service=service, kind=kind, status=status))

    def mend(self) -> None:
        self.box.faults.clear()


@contextmanager
def open_boxed(storage: Storage, folder: Path) -> Iterator[Boxed]:
    """Open a box with Contoso in it, everything in order now."""
    now = datetime.now(UTC).replace(microsecond=0)
    tenant = contoso_at(now, folder)
    with Sandbox(tenant, now=now) as box:
        yield Boxed(box, tenant, storage)


def contoso_at(now: datetime, folder: Path) -> Tenant:
    """Load Contoso as of an instant; the snapshot never arrives at just that time of the day."""
    arrives = "04:40:00" if 6 <= now.hour < 8 else "06:40:00"
    text = (TENANTS / "contoso.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^now = .*$", f"now = {now:%Y-%m-%dT%H:%M:%SZ}", text)
    text = re.sub(r"(?m)^arrives = .*$", f'arrives = "{arrives}"', text)
    path = folder / "contoso.toml"
    path.write_text(text, encoding="utf-8")
    return load_tenant(path)
