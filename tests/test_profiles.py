"""The profiles as data, and how they are laid into a target."""

from datetime import date, time

import pytest

from shared.config import load_profiles
from shared.config.profiles import lay_in, read_profile
from shared.config.rows import Rows
from shared.errors import ConfigError
from shared.expectations import AppExpectation, AppKind, RoleExpectation, SnapshotExpectation
from shared.facts import Application, Credential, ServicePrincipal
from shared.ignored import make_ignored
from shared.profiles import load_rotated
from tests.config_texts import a_target, settings_of

MICROSERVICE = AppExpectation(
    name="Configuration Manager Microservice", app_id="557c67cf-c916-4293-8373-d584996f60ae", kind=AppKind.ENTERPRISE
)


@pytest.mark.parametrize(
    ("name", "roles", "apps", "snapshots"),
    [
        (
            "desktop-analytics",
            [("MALogAnalyticsReader", ("Log Analytics Reader", "Reader"))],
            ["Configuration Manager Microservice", "MALogAnalyticsReader", "Desktop Analytics"],
            [
                (
                    [
                        *("MADevice", "MADeviceReadiness", "MAApplication", "MAApplicationReadiness"),
                        *("MADriverReadiness", "MADeploymentPlan", "MAWindowsDeploymentStatus"),
                    ],
                    0,
                    False,
                )
            ],
        ),
        ("tenant-attach", [], ["Configuration Manager Microservice"], []),
        (
            "update-reports",
            [],
            [],
            [
                (["UCClient"], 1, False),
                (
                    [
                        *("UCClientUpdateStatus", "UCServiceUpdateStatus", "UCUpdateAlert", "UCDeviceAlert"),
                        *("UCClientReadinessStatus", "UCDOStatus", "UCDOAggregatedStatus"),
                    ],
                    2,
                    False,
                ),
            ],
        ),
        ("intune-logs", [], [], [(["IntuneDevices", "IntuneDeviceComplianceOrg"], 1, True)]),
    ],
)
def test_a_profile_expects_what_the_design_says(
    name: str,
    roles: list[tuple[str, tuple[str, ...]]],
    apps: list[str],
    snapshots: list[tuple[list[str], int, bool]],
) -> None:
    rows = load_profiles()[name].rows
    assert [(role.principal, role.any_of) for role in rows.roles] == roles
    assert [app.label for app in rows.apps] == apps
    assert all(app.kind is AppKind.ENTERPRISE for app in rows.apps)
    assert [(list(each.tables), each.lag_days, each.billable) for each in rows.snapshots] == snapshots
    assert all(each.due == time(8) and each.time_column == "TimeGenerated" for each in rows.snapshots)


def test_there_are_four_profiles_and_one_of_them_is_retired() -> None:
    profiles = load_profiles()
    assert list(profiles) == ["desktop-analytics", "intune-logs", "tenant-attach", "update-reports"]
    assert {name: each.retired for name, each in profiles.items() if each.retired} == {
        "desktop-analytics": date(2022, 11, 30)
    }


def test_no_two_profiles_have_a_snapshot_of_one_name() -> None:
    names = [snapshot.name for profile in load_profiles().values() for snapshot in profile.rows.snapshots]
    assert len(names) == len(set(names))


def test_a_retired_profile_is_said_once_with_who_uses_it() -> None:
    more = 'profiles = ["desktop-analytics", "tenant-attach"]'
    settings = settings_of("".join(a_target(more, name=f"t-{number}") for number in range(7)))
    (notice,) = settings.notices
    assert notice.startswith(
        "Profile desktop-analytics, used by t-0, t-1, t-2, t-3, t-4 and 2 more: Desktop Analytics "
    )


def test_two_profiles_with_one_app_bring_it_once() -> None:
    (target,) = settings_of(a_target('profiles = ["tenant-attach", "desktop-analytics"]')).targets
    assert target.apps.count(MICROSERVICE) == 1
    assert len(target.apps) == 3


@pytest.mark.parametrize(
    "own",
    [
        AppExpectation(name="CONFIGURATION manager Microservice"),
        AppExpectation(app_id=MICROSERVICE.app_id),
        AppExpectation(name="Renamed", app_id=MICROSERVICE.app_id),
    ],
)
def test_a_targets_own_app_replaces_the_profiles(own: AppExpectation) -> None:
    assert lay_in(Rows(apps=(own,)), [load_profiles()["tenant-attach"]]).apps == (own,)


def test_a_targets_own_rows_replace_or_join_the_profiles() -> None:
    role = RoleExpectation("maloganalyticsreader", ("Reader",))
    replaced = SnapshotExpectation(name="desktop analytics", tables=("MADevice",))
    joined = SnapshotExpectation(name="Mine", tables=("MADevice",))
    app = AppExpectation(name="Mine")
    own = Rows(roles=(role,), apps=(app,), snapshots=(replaced, joined), services=("Microsoft Intune",))
    laid = lay_in(own, [load_profiles()["desktop-analytics"]])
    assert laid.roles == (role,)
    assert [each.label for each in laid.apps][:2] == ["Mine", "Configuration Manager Microservice"]
    assert laid.snapshots == (replaced, joined)
    assert laid.services == ("Microsoft Intune",)


def test_a_profile_with_a_mistake_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"x\.toml: role\[0\]\.any_of: is missing"):
        read_profile("x", 'summary = "x"\n[[role]]\nprincipal = "y"\n', "x.toml")


# --- what Microsoft rotates by itself ---

IS_IGNORED = make_ignored((), load_rotated())


@pytest.mark.parametrize(
    ("app", "covered"),
    [
        ({"display_name": "ConnectSyncProvisioning_DC01_8f2e"}, True),
        ({"display_name": "connectsyncprovisioning_x"}, True),
        ({"display_name": "P2P Server"}, True),
        ({"display_name": "P2P Server of ours"}, False),
        ({"display_name": "web-identity", "service_principal_type": "ManagedIdentity"}, True),
        ({"display_name": "web", "service_principal_type": "Application"}, False),
        ({"display_name": None}, False),
    ],
)
def test_an_app_that_microsoft_rotates_is_covered(app: dict[str, str | None], covered: bool) -> None:
    assert IS_IGNORED(ServicePrincipal(id="o", app_id="x", **app)) is covered  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "covered"), [("CWAP_AuthSecret", True), ("CWAP", False), (None, False)])
def test_a_credential_that_microsoft_rotates_is_covered(name: str | None, covered: bool) -> None:
    app = Application(id="o", app_id="x", display_name="web", password_credentials=(Credential(name=name),))
    assert IS_IGNORED(app) is covered


def test_every_entry_has_a_reason_and_a_matcher() -> None:
    for each in load_rotated():
        assert each.reason
        assert each.app_ids or each.display_names or each.service_principal_types or each.credential_names
