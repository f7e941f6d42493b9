"""`credentials = "all"`: every app of a tenant as a stream, and exactly those findings that should come of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sandbox import Fault, Tenant, load_tenant
from sandbox.records import Application, Federated, Secret, ServicePrincipal, guid_of
from shared.model import Outcome
from tests.watching import APPS, HURRIED, Watching, ids, named, unread

ALL = 'credentials = "all"\n'
OWN = "c0470500-1111-4a4a-8b8b-0123456789ab"
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


def _secret(tenant: Tenant, owner: str, *days: int) -> list[Secret]:
    starts_at = tenant.now - timedelta(days=300)
    return [
        Secret(
            key_id=guid_of("key", owner, day),
            name="renewed",
            starts_at=starts_at,
            ends_at=tenant.now + timedelta(days=day),
            value=f"zQ{day}-never-said-anywhere",
        )
        for day in days
    ]


def _app(tenant: Tenant, name: str, *days: int, **more: object) -> Application:
    app = Application(
        id=guid_of("id", name), app_id=guid_of("app", name), name=name, secrets=_secret(tenant, name, *days)
    )
    tenant.applications.append(replace(app, **more))  # type: ignore[arg-type]
    return tenant.applications[-1]


def _principal(tenant: Tenant, name: str, *days: int, owner: str = OWN, kind: str = "Application") -> ServicePrincipal:
    principal = ServicePrincipal(
        id=guid_of("sp", name),
        app_id=guid_of("app", name),
        name=name,
        type=kind,
        owner_tenant=owner,
        secrets=_secret(tenant, f"sp of {name}", *days),
    )
    tenant.service_principals.append(principal)
    return principal


def _crowd() -> Tenant:
    tenant = load_tenant("contoso")
    tenant.generated.applications, tenant.generated.service_principals = 3_000, 1_500
    return tenant


def test_a_tenant_in_order_has_nothing_to_tell(watching: Watching) -> None:
    watch = watching(_crowd(), ALL)
    report = watch.look(APPS)
    own = len(watch.tenant.applications) + len(watch.tenant.service_principals)
    assert (ids(report), report.outcome) == ([], Outcome.CLEAR)
    assert (report.checks[0].coverage.read, report.checks[0].coverage.unread) == (4_500 + own, 0)
    assert not watch.calls("graph", "$batch")


def test_the_troubled_ones_are_found_and_no_others(watching: Watching) -> None:
    tenant = _crowd()
    ada = tenant.users[0].id
    _app(tenant, "Ends", 5, owners=[ada])
    _app(tenant, "Ended", -1)
    _app(tenant, "Renewed", 5, 200)
    _app(tenant, "For ever", 9_000)
    _app(tenant, "Federated", -1, federated=[Federated(id="f", name="f", issuer="i", subject="s", audiences=["a"])])
    _app(tenant, "Covered by its principal", -1)
    _principal(tenant, "Covered by its principal", 300)
    _principal(tenant, "Principal ends", 5)
    _principal(tenant, "Microsoft's own", -1, owner=MICROSOFT)
    report = watching(tenant, ALL).look(APPS)
    known = [app.name for app in tenant.applications] + [sp.name for sp in tenant.service_principals]
    names = {guid_of("app", name): name for name in known}
    found = sorted((one.id, names[one.subject.parent or one.subject.id]) for one in report.findings)
    assert found == [
        ("credential.expired", "Ended"),
        ("credential.expiring", "Ends"),
        ("credential.expiring", "Principal ends"),
        ("credential.long_lived", "For ever"),
        ("credential.superseded", "Covered by its principal"),
        ("credential.superseded", "Federated"),
        ("credential.superseded", "Renewed"),
    ]
    (ends,) = [finding for finding in named(report, "credential.expiring") if finding.subject.name == "Ends"]
    assert "ada.lovelace@example.com" in ends.detail


def test_owners_are_asked_only_of_those_with_a_finding(watching: Watching) -> None:
    tenant = _crowd()
    for number in range(25):
        _app(tenant, f"Ends {number}", 5)
    watch = watching(tenant, ALL)
    assert len(named(watch.look(APPS), "credential.expiring")) == 25
    assert len(watch.calls("graph", "$batch")) == 4


def test_ignored_apps_are_counted_and_not_judged(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    _app(tenant, "Legacy One", -1)
    _app(tenant, "legacy two", -1)
    by_id = _app(tenant, "By its id", -1)
    _principal(tenant, "Identity", -1, kind="ManagedIdentity")
    _app(tenant, "ConnectSyncProvisioning_HOST1_0123456789ab", 5)
    watch = watching(tenant, f'{ALL}ignore_apps = ["Legacy *", "{by_id.app_id.upper()}"]\n')
    report = watch.look(APPS)
    assert ids(report) == []
    assert report.checks[0].coverage.ignored >= 5


def test_listed_apps_are_judged_once(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    tenant.application("Desktop-Analytics-Connection").secrets = _secret(tenant, "connection", 5)
    expected = f'{ALL}[[target.app]]\nname = "Desktop-Analytics-Connection"\nkind = "connection"\n'
    assert ids(watching(tenant, expected).look(APPS)) == ["credential.expiring"]


def test_a_later_page_that_fails_keeps_what_was_found(watching: Watching) -> None:
    tenant = _crowd()
    _app(tenant, "Ended", -1)
    watch = watching(tenant, ALL, HURRIED)
    watch.break_down(Fault(service="graph", kind="status", status=502, path_contains="/applications", after=2))
    report = watch.look(APPS)
    assert ids(report) == ["credential.expired", "monitor.gather_failed"]
    assert report.checks[0].coverage.unread is None
    assert report.checks[0].coverage.read > 999
    assert report.outcome is Outcome.UNKNOWN
    assert "the credentials of every app" in str(unread(report)[0].subject.name)


def test_owners_that_cannot_be_read_are_told(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    _app(tenant, "Ends", 5)
    watch = watching(tenant, ALL)
    watch.break_down(Fault(service="graph", kind="forbidden", path_contains="$batch"))
    report = watch.look(APPS)
    assert ids(report) == ["credential.expiring", "monitor.gather_failed"]
    assert "federated credential" in unread(report)[0].detail


@pytest.mark.parametrize("ending", ["9999-12-31T23:59:59.999999", "2299-12-31T00:00:00"])
def test_an_end_far_away_is_read(watching: Watching, ending: str) -> None:
    tenant = load_tenant("contoso")
    app = _app(tenant, "For ever", 9_000)
    app.secrets = [replace(app.secrets[0], ends_at=datetime.fromisoformat(ending).replace(tzinfo=UTC))]
    assert ids(watching(tenant, ALL).look(APPS)) == ["credential.long_lived"]
