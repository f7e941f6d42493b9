"""The composed query, read by Microsoft's own Kusto parser (npm @kusto/language-service-next, through node)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.expectations import SnapshotExpectation
from shared.gather.own_access import compose_presence
from shared.gather.snapshot_query import compose
from tests.config_texts import a_target, settings_of
from tests.kusto.parser import NEEDED, errors

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PROFILES = ("desktop-analytics", "tenant-attach", "update-reports", "intune-logs")

pytestmark = NEEDED


def _sets(profile: str) -> tuple[SnapshotExpectation, ...]:
    return settings_of(a_target(f'profiles = ["{profile}"]')).targets[0].snapshots


def test_every_profiles_query_is_good_kusto() -> None:
    sets = [_sets(profile) for profile in PROFILES]
    everything = tuple(expected for some in sets for expected in some)
    with_content = tuple(replace(expected, content_column="LastWUScanTime") for expected in everything)
    tables = {table: "(TimeGenerated: datetime)" for expected in everything for table in expected.tables}
    for expected in everything:
        tables[expected.tables[0]] = "(TimeGenerated: datetime, LastWUScanTime: datetime)"
    queries = [
        compose(some, NOW - timedelta(days=20), NOW, bounded=bounded)
        for some in (*sets, everything, with_content, everything + with_content)
        for bounded in (False, True)
    ]
    assert errors(queries, tables) == [[] for _ in queries]


def test_the_query_for_which_tables_there_are_is_good_kusto() -> None:
    tables = {
        table: "(TimeGenerated: datetime)" for profile in PROFILES for one in _sets(profile) for table in one.tables
    }
    queries = [compose_presence(sorted(tables)), compose_presence([])]
    assert errors(queries, tables) == [[], []]


def test_the_parser_sees_mistakes() -> None:
    (query,) = {compose(_sets("intune-logs"), NOW, NOW)}
    tables = {"IntuneDevices": "(Other: datetime)", "IntuneDeviceComplianceOrg": "(TimeGenerated: datetime)"}
    assert [bool(found) for found in errors([query, "T | where", "print 1"], tables)] == [True, True, False]
