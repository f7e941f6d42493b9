"""The expected apps: found by what they are called, with all that their expectations need."""

from dataclasses import replace

import pytest

from sandbox import Fault, Tenant, load_tenant
from shared.model import Outcome
from tests.watching import APPS, HURRIED, Watching, ids, named, unread

CONNECTION = "Desktop-Analytics-Connection"
APP_ID = "da0c0117-ec71-4011-8000-abcdefabcdef"
MICROSERVICE = "Configuration Manager Microservice"


def _app(line: str, kind: str = "connection") -> str:
    return f'[[target.app]]\n{line}\nkind = "{kind}"\n'


def _named(name: str, kind: str = "connection") -> str:
    return _app(f'name = "{name}"', kind)


@pytest.mark.parametrize(
    "line",
    [
        f'app_id = "{APP_ID}"',
        f'app_id = "{APP_ID.upper()}"',
        f'name = "{CONNECTION}"',
        f'name = "{CONNECTION.upper()}"',
    ],
)
def test_an_app_is_found_by_what_it_is_called(watching: Watching, line: str) -> None:
    report = watching(expected=_app(line)).look(APPS)
    assert (ids(report), report.outcome) == ([], Outcome.CLEAR)
    assert report.checks[0].coverage.read == 2


@pytest.mark.parametrize("name", ["O'Neill's \\\"app\\\"", "50 % & more?#/+", "日本 <b>", "a' or displayName ne '"])
def test_names_with_quotes_and_worse_are_found(watching: Watching, name: str) -> None:
    tenant = load_tenant("contoso")
    tenant.application(CONNECTION).name = name.replace('\\"', '"')
    assert ids(watching(tenant, _named(name)).look(APPS)) == []
    assert ids(watching(load_tenant("contoso"), _named(name)).look(APPS)) == ["app.missing"]


def test_two_apps_of_one_name_are_not_guessed_between_and_the_others_are_judged(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    twin = replace(tenant.application(CONNECTION), id="00000000-0000-4000-8000-0000000000a1", app_id=APP_ID[::-1])
    twin.app_id = "00000000-0000-4000-8000-0000000000a2"
    tenant.applications.append(twin)
    report = watching(tenant, _named(CONNECTION) + _named("Nobody")).look(APPS)
    assert ids(report) == ["app.missing", "monitor.gather_failed"]
    (finding,) = unread(report)
    assert APP_ID in finding.detail
    assert twin.app_id in finding.detail
    assert "app_id" in " ".join(finding.remedy.steps)
    assert report.outcome is Outcome.UNKNOWN


def _without_principal(tenant: Tenant) -> None:
    tenant.service_principals.remove(tenant.service_principal(CONNECTION))


def _without_api(tenant: Tenant) -> None:
    tenant.service_principals.remove(tenant.service_principal(MICROSERVICE))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_without_principal, ["app.consent_missing"]),
        (_without_api, ["app.consent_missing"]),
        (lambda tenant: tenant.service_principal(CONNECTION).granted.clear(), ["app.consent_missing"]),
        (lambda tenant: tenant.application(CONNECTION).requests.clear(), ["app.permission_missing"]),
        (lambda tenant: tenant.application(CONNECTION).owners.clear(), ["app.unowned"]),
        (lambda tenant: setattr(tenant.service_principal(CONNECTION), "enabled", False), ["app.disabled"]),
        (
            lambda tenant: setattr(tenant.application(CONNECTION), "audience", "AzureADMultipleOrgs"),
            ["app.wrong_audience"],
        ),
        (lambda tenant: tenant.application(CONNECTION).secrets.clear(), ["credential.missing"]),
    ],
)
def test_what_an_app_lacks_is_told(watching: Watching, change: object, found: list[str]) -> None:
    tenant = load_tenant("contoso")
    change(tenant)  # type: ignore[operator]
    report = watching(tenant, _named(CONNECTION)).look(APPS)
    assert sorted(set(ids(report))) == found
    assert report.outcome is not Outcome.UNKNOWN


def test_a_federated_credential_stands_in_for_a_secret(watching: Watching) -> None:
    assert ids(watching("fabrikam", _named("Deploy", "registration")).look(APPS)) == []


def test_an_enterprise_app_needs_no_registration(watching: Watching) -> None:
    expected = _named("malogANALYTICSreader", "enterprise") + _named("Gone", "enterprise")
    report = watching(expected=expected).look(APPS)
    assert ids(report) == ["app.missing"]
    assert report.checks[0].coverage.read == 1


def test_one_cause_of_many_failures_is_told_once(watching: Watching) -> None:
    watch = watching(limits=HURRIED)
    watch.break_down("graph:forbidden")
    report = watch.look(APPS)
    (finding,) = unread(report)
    assert CONNECTION in str(finding.subject.name)
    assert "MALogAnalyticsReader" in str(finding.subject.name)
    assert report.checks[0].coverage.read == 0


def test_different_causes_are_one_finding_that_names_each(watching: Watching) -> None:
    watch = watching(limits=HURRIED)
    watch.break_down(
        Fault(service="graph", kind="forbidden", path_contains="/applications"),
        Fault(service="graph", kind="throttle", retry_after="3600", path_contains="/servicePrincipals"),
    )
    (finding,) = unread(watch.look(APPS))
    assert "it refused" in finding.detail
    assert "it is throttling" in finding.detail
    assert finding.due_at is not None


def test_owners_that_cannot_be_read_are_told_and_the_rest_is_judged(watching: Watching) -> None:
    watch = watching(expected=_named(CONNECTION))
    watch.tenant.application(CONNECTION).audience = "AzureADMultipleOrgs"
    watch.break_down(Fault(service="graph", kind="forbidden", path_contains="$batch"))
    report = watch.look(APPS)
    assert ids(report) == ["app.wrong_audience", "monitor.gather_failed"]


def test_owners_of_many_apps_are_read_twenty_reads_to_a_call(watching: Watching) -> None:
    tenant = load_tenant("contoso")
    model = tenant.application(CONNECTION)
    for number in range(25):
        id_ = f"00000000-0000-4000-8000-0000000001{number:02d}"
        tenant.applications.append(replace(model, id=id_, app_id=id_, name=f"App {number}", requests=[]))
    watch = watching(tenant, "".join(_named(f"App {number}", "registration") for number in range(25)))
    assert not named(watch.look(APPS), "app.unowned")
    assert len(watch.calls("graph", "$batch")) == 4
