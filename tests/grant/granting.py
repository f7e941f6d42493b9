"""Granting in a box as its administrator, with the real SDKs; no secret may be in what is said of it."""

import asyncio
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import replace
from dataclasses import dataclass, field

import pytest

from sandbox import Fault, Sandbox, Tenant, load_tenant
from sandbox.records import Identity, ServicePrincipal, guid_of
from shared import expectations
from shared.config import Settings, load_settings
from shared.errors import ConfigError
from shared.formats.grant_json import grant_json
from shared.grant.asked import read_asked
from shared.grant.plan import State
from shared.grant.report import GrantReport, Part
from shared.grant.shell import Request, grant
from shared.grant.wishes import make_wishes
from tests.watching import assert_no_secret

NAME = "Dawnwatch"
READ_APPS, HEALTH, READER, DATA, SENDER = (
    "Application.Read.All",
    "ServiceHealth.Read.All",
    "Reader",
    "Log Analytics Data Reader",
    "EventGrid Data Sender",
)
PATIENT = "[limits]\nrequest_timeout_s = 4\npatience_s = 20\n"
HURRIED = "[limits]\nrequest_timeout_s = 2\npatience_s = 2\n"


def yes(plan: GrantReport) -> bool:
    return plan.is_to_do


def no(plan: GrantReport) -> bool:
    return False


@dataclass
class Granting:
    """A box, who is signed in, and what was said."""

    box: Sandbox
    monkeypatch: pytest.MonkeyPatch
    limits: str = PATIENT
    expected: str = ""
    identities: dict[str, expectations.Identity] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def tenant(self) -> Tenant:
        return self.box.tenant("tailspin")

    @property
    def workspace(self) -> str:
        return self.tenant.workspace.id

    @property
    def topic(self) -> str:
        return self.tenant.topic_ids[0]

    @property
    def config(self) -> str:
        return self.box.cloud_toml() + self.limits + self.box.targets_toml() + self.expected

    @property
    def settings(self) -> Settings:
        settings = load_settings(None, {"DAWNWATCH_CONFIG_TOML": self.config})
        targets = (replace(one, identity=self.identities.get(one.name)) for one in settings.targets)
        return replace(settings, targets=tuple(targets))

    def sign_in(self, who: Identity, tenant: Tenant | None = None) -> None:
        self.monkeypatch.setenv("AZURE_TENANT_ID", (tenant or self.tenant).tenant_id)
        self.monkeypatch.setenv("AZURE_CLIENT_ID", who.client_id)
        self.monkeypatch.setenv("AZURE_CLIENT_SECRET", who.client_secret)

    def run(self, agree: Callable[[GrantReport], bool] = yes, **options: object) -> GrantReport:
        given = {"identity": NAME, "workspace": None, "graph_role": None, "topic": None, "target": None} | options
        settings, asked = self.settings, read_asked(Namespace(**given), self.environ)
        chosen = [one for one in settings.targets if given["target"] in (None, one.name)]
        wishes = make_wishes(asked, chosen, everything=given["target"] is None)
        request = Request(asked=asked, revoke=bool(options.get("revoke")))
        report = asyncio.run(grant(settings, wishes, request, agree, self.box.now))
        self.said.append(grant_json(report))
        return report

    def mistakes(self, **options: object) -> list[tuple[str, str]]:
        """Run into mistakes; nothing may have been changed then."""
        with pytest.raises(ConfigError) as caught:
            self.run(yes, **options)
        assert self.writes() == []
        return [(one.key, one.problem) for one in caught.value.mistakes]

    def writes(self) -> list[str]:
        """What was written, by the end of its path."""
        written = {"PUT", "DELETE", "POST"}
        return [
            f"{call.method} {call.path.partition('?')[0].rsplit('/', 2)[-2]}"
            for call in self.box.requests
            if call.method in written and call.service in {"arm", "graph"}
        ]

    def break_down(self, fault: Fault, *, hurried: bool = False) -> None:
        self.box.faults.add(fault)
        self.limits = HURRIED if hurried else self.limits


def states(part: Part) -> dict[str, str]:
    return {step.need.name: step.state.value for step in part.steps}


def all_of(part: Part, state: State) -> bool:
    return all(step.state is state for step in part.steps)


def administrator_of(tenant: Tenant) -> Identity:
    """Give a tenant that has none somebody who may do everything in it."""
    client_id = guid_of(tenant.tenant_id, "administrator")
    who = Identity(
        client_id=client_id,
        client_secret=f"Hb9~administrator-of-{tenant.name}-0123456789",
        object_id=guid_of(tenant.tenant_id, "sp", client_id),
        app_roles=["Application.Read.All", "AppRoleAssignment.ReadWrite.All"],
        as_assigned=True,
    )
    tenant.administrator = who
    tenant.service_principals.append(ServicePrincipal(id=who.object_id, app_id=client_id, name="Administrator"))
    tenant.assign_role(who.object_id, "Owner", "subscription")
    return who


type Grants = Callable[..., Granting]


@pytest.fixture
def grants(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Grants]:
    """Open boxes for a test, signed in as tailspin's administrator; their secrets may not be said anywhere."""
    opened: list[Granting] = []
    with ExitStack() as stack:

        def open_box(*others: Tenant | str, **more: str) -> Granting:
            tenants = [load_tenant("tailspin"), *(load_tenant(one) if isinstance(one, str) else one for one in others)]
            box = stack.enter_context(Sandbox(tenants))
            for name, value in (box.environment | box.administrator).items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
            opened.append(Granting(box, monkeypatch, **more))  # type: ignore[arg-type]  # texts for its fields
            return opened[-1]

        yield open_box
        out, err = capsys.readouterr()
        for one in opened:
            assert_no_secret(one.box, out, err, *one.said)
