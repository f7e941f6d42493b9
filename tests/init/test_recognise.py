"""Which profiles fit a workspace, and the reasons that are given."""

from collections.abc import Iterable

import pytest

from shared.config import load_profiles
from shared.init.recognise import recognise, recognise_attached
from tests.init.sights import APP, TABLES, a_sight

DA, UC, INTUNE = (TABLES[name] for name in ("desktop-analytics", "update-reports", "intune-logs"))


@pytest.mark.parametrize(
    ("solutions", "tables", "profiles"),
    [
        ((), (), []),
        (None, None, []),
        (("security", "changetracking"), (), []),
        (("microsoft365analytics",), (), ["desktop-analytics"]),
        ((), DA, ["desktop-analytics"]),
        (("waasupdateinsights",), (), ["update-reports"]),
        (("waasupdateinsights",), None, ["update-reports"]),
        ((), ("UCClient",), ["update-reports"]),
        (None, ("IntuneDevices",), ["intune-logs"]),
        ((), ("IntuneDeviceComplianceOrg",), ["intune-logs"]),
        (("microsoft365analytics",), UC | INTUNE, ["desktop-analytics", "intune-logs", "update-reports"]),
    ],
)
def test_a_profile_fits_by_its_solution_or_by_rows_in_its_tables(
    solutions: Iterable[str] | None, tables: Iterable[str] | None, profiles: list[str]
) -> None:
    found = recognise(a_sight(solutions=solutions, tables=tables), load_profiles())
    assert [one.profile for one in found] == profiles


@pytest.mark.parametrize(
    ("solutions", "tables", "said"),
    [
        (("waasupdateinsights",), UC, "Rows came in the last 30 days into each of its tables."),
        (("waasupdateinsights",), UC, "The solution WaaSUpdateInsights is in the workspace."),
        (("waasupdateinsights",), None, "Whether its tables get rows could not be read."),
        (("waasupdateinsights",), (), "No rows came in the last 30 days into UCClient, UCClientUpdateStatus"),
        ((), UC - {"UCDOStatus"}, "No rows came in the last 30 days into UCDOStatus: Dawnwatch will report that."),
        (("microsoft365analytics",), DA, "It was retired on 2022-11-30. Desktop Analytics was retired"),
    ],
)
def test_the_reasons_say_what_was_seen_and_what_will_come_of_it(
    solutions: Iterable[str], tables: Iterable[str] | None, said: str
) -> None:
    (found,) = recognise(a_sight(solutions=solutions, tables=tables), load_profiles())
    assert said in " ".join(found.reasons)


def test_a_connection_app_means_tenant_attach() -> None:
    (found,) = recognise_attached((APP,), load_profiles())
    assert (found.profile, "ConfigMgrSvc_1" in found.reasons[0]) == ("tenant-attach", True)
    assert recognise_attached((), load_profiles()) == ()
