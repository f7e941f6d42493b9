"""The configuration: what is right becomes settings, what is wrong is all said at once."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from shared.config import CloudName, ReportCards, Settings, load_settings
from shared.errors import ConfigError
from shared.expectations import AppKind, CredentialScope, PermissionExpectation, RoleExpectation, SnapshotExpectation
from shared.model import Severity
from tests.config_texts import TENANT, WORKSPACE, a_target, mistakes_of, settings_of, write

MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"
A_ROLE = '[[target.role]]\nprincipal = "Reporter"\nany_of = ["Reader"]\n'
AN_APP = '[[target.app]]\nname = "Connection"\n'
A_SET = '[[target.snapshot]]\nname = "Set"\ntables = ["T"]\n'
A_SILENCE = '[[silence]]\nid = "credential.*"\nuntil = 2027-01-01T00:00:00Z\nreason = "booked"\n'
CUSTOM = '[cloud]\nname = "custom"\n' + "".join(
    f'{key} = "https://localhost:8443/"\n' for key in ("authority", "resource_manager", "graph", "log_analytics")
)


def test_a_target_needs_a_name_a_tenant_and_a_workspace_and_nothing_else() -> None:
    settings = settings_of(a_target())
    (target,) = settings.targets
    assert (target.name, target.tenant_id, target.workspace_id) == ("contoso", TENANT, WORKSPACE)
    assert target.expects_nothing
    assert settings == Settings(targets=(target,), notices=settings.notices)
    assert settings.notices == (
        "Nothing is expected of contoso: give it a profile, or roles, apps or snapshots of its own.",
    )


def test_every_key_of_the_grammar_is_read() -> None:
    (target,) = settings_of(
        a_target(
            """
onboarded_at = 2026-11-20T02:00:00+02:00
credentials = "all"
ignore_apps = ["Legacy *"]
expiry_days = [7, 30]
[[target.role]]
principal = "MALogAnalyticsReader"
any_of = ["Reader"]
[[target.app]]
app_id = "557C67CF-C916-4293-8373-D584996F60AE"
kind = "enterprise"
permissions = [{ api = "557c67cf-c916-4293-8373-d584996f60ae", roles = ["CmCollectionData.read"] }]
recorded_expiry = 2027-03-01
[[target.snapshot]]
name = "Inventory"
tables = ["MADevice"]
time_column = "SnapshotTime"
due = "06:30"
lag_days = 1
min_rows_ratio = 0
billable = true
content_column = "LastWUScanTime"
max_content_age_hours = 36.5
[[target.service]]
name = "Microsoft Intune"
"""
        )
    ).targets
    assert target.onboarded_at == datetime(2026, 11, 20, tzinfo=UTC)
    assert (target.credentials, target.ignore_apps, target.expiry_days) == (CredentialScope.ALL, ("Legacy *",), (30, 7))
    assert target.roles == (RoleExpectation("MALogAnalyticsReader", ("Reader",)),)
    (app,) = target.apps
    assert (app.app_id, app.kind, app.recorded_expiry) == (MICROSERVICE, AppKind.ENTERPRISE, date(2027, 3, 1))
    assert app.permissions == (PermissionExpectation(MICROSERVICE, ("CmCollectionData.read",)),)
    assert target.snapshots == (
        SnapshotExpectation(
            name="Inventory",
            tables=("MADevice",),
            time_column="SnapshotTime",
            due=time(6, 30),
            lag_days=1,
            min_rows_ratio=0,
            billable=True,
            content_column="LastWUScanTime",
            max_content_age_hours=36.5,
        ),
    )
    assert target.services == ("Microsoft Intune",)


@pytest.mark.parametrize(
    ("listed", "roles"),
    [
        ("", [(MICROSERVICE, ("CmCollectionData.read", "CmCollectionData.write"))]),
        (
            f'permissions = [{{ api = "{MICROSERVICE}", roles = ["cmcollectiondata.READ"] }}]',
            [(MICROSERVICE, ("cmcollectiondata.READ", "CmCollectionData.write"))],
        ),
        (
            f'permissions = [{{ api = "{TENANT}", roles = ["X.Read"] }}]',
            [(TENANT, ("X.Read",)), (MICROSERVICE, ("CmCollectionData.read", "CmCollectionData.write"))],
        ),
    ],
)
def test_a_connection_app_brings_its_permissions(listed: str, roles: list[tuple[str, tuple[str, ...]]]) -> None:
    (target,) = settings_of(a_target(AN_APP + 'kind = "connection"\n' + listed)).targets
    assert [(permission.api, permission.roles) for permission in target.apps[0].permissions] == roles


@pytest.mark.parametrize(
    ("more", "key", "problem"),
    [
        ("workpace = 1", "target[contoso].workpace", "unknown key; did you mean workspace_id[?]"),
        ("zzz = 1", "target[contoso].zzz", "unknown key; known here: name, tenant_id, .*"),
        ('profiles = ["update-report"]', "target[contoso].profiles[0]", r'"update-report" is no profile; did you .*'),
        ('profiles = "x"', "target[contoso].profiles", 'must be a list, not "x"'),
        ('profiles = ["intune-logs", "intune-logs"]', "target[contoso].profiles[1]", '"intune-logs" is given twice'),
        ("onboarded_at = 2026-11-20T00:00:00", "target[contoso].onboarded_at", "must be a date and time with Z .*"),
        ("onboarded_at = 2026-11-20", "target[contoso].onboarded_at", "must be a date and time with Z .*"),
        ("onboarded_at = 0001-01-01T00:00:00+14:00", "target[contoso].onboarded_at", "must be a date and time .*"),
        ('credentials = "some"', "target[contoso].credentials", 'must be one of listed, all, not "some"'),
        ("ignore_apps = [1]", "target[contoso].ignore_apps[0]", "must be a text of one line in quotes, not 1"),
        ("expiry_days = []", "target[contoso].expiry_days", "must have at least one item"),
        ("expiry_days = [true]", "target[contoso].expiry_days[0]", "must be a whole number from 1 to 3650, not true"),
        ("expiry_days = [0]", "target[contoso].expiry_days[0]", "must be a whole number from 1 to 3650, not 0"),
        ("expiry_days = [7, 7]", "target[contoso].expiry_days[1]", "7 is given twice"),
        ("role = 3", "target[contoso].role", r"must be a list of tables, written \[\[…role\]\], not 3"),
        ("role = [3]", "target[contoso].role[0]", "must be a table, not 3"),
        ('[target.role]\nprincipal="x"', "target[contoso].role", "must be a list of tables, .*, not a table"),
        ('[[target.role]]\nany_of = ["Reader"]', "target[contoso].role[0].principal", "is missing"),
        ('[[target.role]]\nprincipal = "x"', "target[contoso].role[0].any_of", "is missing"),
        ('[[target.role]]\nprincipal = "x"\nany_of = []', "target[contoso].role[0].any_of", "must have at least .*"),
        (
            '[[target.role]]\nprincipal = "x"\nany_of = ["a", ""]',
            "target[contoso].role[0].any_of[1]",
            'must be a text of one line in quotes, not ""',
        ),
        (A_ROLE + A_ROLE.replace("Rep", "rEP"), "target[contoso].role[1].principal", ".* is role.0.'s already"),
        ('[[target.app]]\nkind = "connection"', "target[contoso].app[0].name", "is missing: an app needs a name or .*"),
        ('[[target.app]]\napp_id = "x"', "target[contoso].app[0].app_id", 'must be a GUID, .*, not "x"'),
        (AN_APP + 'kind = "saml"', "target[contoso].app[0].kind", "must be one of registration, .*"),
        (
            AN_APP + "recorded_expiry = 2027-03-01T00:00:00Z",
            "target[contoso].app[0].recorded_expiry",
            "must be a date,.*",
        ),
        (AN_APP + 'recorded_expiry = "2027-03-01"', "target[contoso].app[0].recorded_expiry", "must be a date,.*"),
        (AN_APP + "permissions = [{ roles = ['x'] }]", "target[contoso].app[0].permissions[0].api", "is missing"),
        (AN_APP + AN_APP.lower(), "target[contoso].app[1].name", r"app\[0\] is the same app already"),
        (
            f'[[target.app]]\napp_id = "{TENANT}"\n' * 2,
            "target[contoso].app[1].app_id",
            r"app\[0\] is the same app already",
        ),
        ('[[target.snapshot]]\ntables = ["T"]', "target[contoso].snapshot[0].name", "is missing"),
        ('[[target.snapshot]]\nname = "S"', "target[contoso].snapshot[0].tables", "is missing"),
        (A_SET.replace('"T"', '"T | take 1"'), "target[contoso].snapshot[0].tables[0]", "must be a name of A-Z, .*"),
        (A_SET.replace('"T"', '"T\\n"'), "target[contoso].snapshot[0].tables[0]", "must be a name of A-Z, .*"),
        (A_SET + 'time_column = "1st"', "target[contoso].snapshot[0].time_column", "must be a name of A-Z, .*"),
        (A_SET + 'content_column = "a-b"', "target[contoso].snapshot[0].content_column", "must be a name of A-Z, .*"),
        (
            A_SET + 'due = "24:00"',
            "target[contoso].snapshot[0].due",
            'must be a UTC time of day in quotes, "HH:MM", .*',
        ),
        (A_SET + "due = 08:00:00", "target[contoso].snapshot[0].due", "must be a UTC time .*, not 08:00:00"),
        (
            A_SET + "lag_days = -1",
            "target[contoso].snapshot[0].lag_days",
            "must be a whole number from 0 to 365, not -1",
        ),
        (A_SET + "lag_days = 1.0", "target[contoso].snapshot[0].lag_days", "must be a whole number .*, not 1.0"),
        (
            A_SET + "min_rows_ratio = 1.01",
            "target[contoso].snapshot[0].min_rows_ratio",
            "must be a number from 0 to 1, .*",
        ),
        (
            A_SET + "min_rows_ratio = nan",
            "target[contoso].snapshot[0].min_rows_ratio",
            "must be a number from 0 to 1, .*",
        ),
        (
            A_SET + "min_rows_ratio = true",
            "target[contoso].snapshot[0].min_rows_ratio",
            "must be a number .*, not true",
        ),
        (A_SET + "billable = 1", "target[contoso].snapshot[0].billable", "must be true or false, not 1"),
        (
            A_SET + "max_content_age_hours = 0",
            "target[contoso].snapshot[0].max_content_age_hours",
            "must be a number .*",
        ),
        (A_SET + A_SET, "target[contoso].snapshot[1].name", r"\"Set\" is snapshot\[0\]'s already"),
        ("[[target.service]]", "target[contoso].service[0].name", "is missing"),
    ],
)
def test_a_mistake_in_a_target_names_its_key_and_what_would_be_right(more: str, key: str, problem: str) -> None:
    ((file, found, said),) = mistakes_of(a_target(more))
    assert (file, found) == ("environment", key)
    assert re.fullmatch(problem, said), said


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("# nothing", ["target"]),
        ("target = []", ["target"]),
        ("[[target]]", ["target[0].name", "target[0].tenant_id", "target[0].workspace_id"]),
        (a_target(name="Contoso"), ["target[0].name"]),
        (a_target(name="a" * 41), ["target[0].name"]),
        (a_target() + a_target(), ["target[1].name"]),
        (a_target().replace(TENANT, "not-a-guid"), ["target[contoso].tenant_id", "target[contoso].workspace_id"]),
        (a_target().replace("/law-contoso", "/law-contoso/tables/x"), ["target[contoso].workspace_id"]),
        (a_target().replace("OperationalInsights", "Insights"), ["target[contoso].workspace_id"]),
        (a_target('Name = "x"'), ["target[contoso].Name"]),
        (a_target() + "[limit]", ["limit"]),
        (a_target() + "[limits]\npatience_s = 0", ["limits.patience_s"]),
        (a_target() + "[limits]\npatience_s = true", ["limits.patience_s"]),
        (a_target() + '[limits]\npatience_s = "60"', ["limits.patience_s"]),
        (a_target() + "[limits]\npatience_s = inf", ["limits.patience_s"]),
        (a_target() + "[limits]\npatience_s = 1" + "0" * 400, ["limits.patience_s"]),
        ("limits = 3\n" + a_target(), ["limits"]),
        (a_target() + '[report]\nreport_at = "8:05"', ["report.report_at"]),
        (a_target() + "[report]\nreport_at = 08:05:00", ["report.report_at"]),
        (a_target() + '[report]\ncards = "each"', ["report.cards"]),
        (a_target() + '[report]\nat = "08:05"', ["report.at"]),
        (a_target() + "[[silence]]", ["silence[0].id", "silence[0].until", "silence[0].reason"]),
        (a_target() + A_SILENCE.replace("Z", ""), ["silence[0].until"]),
        (a_target() + "[notify.event_grid]", ["notify.event_grid.topic"]),
        (a_target() + '[notify.event_grid]\ntopic = "http://x/"', ["notify.event_grid.topic"]),
        (a_target() + '[notify.event_grid]\ntopic = "https:///"', ["notify.event_grid.topic"]),
        (a_target() + '[notify.event_grid]\ntopic = "https://x:99999/"', ["notify.event_grid.topic"]),
        (a_target() + '[notify.teams]\nmin_severity = "Sev2"', ["notify.teams.min_severity"]),
        (a_target() + "[notify.slack]", ["notify.slack"]),
        (a_target() + '[cloud]\nname = "germany"', ["cloud.name"]),
        (a_target() + '[cloud]\ngraph = "https://x"', ["cloud.graph"]),
        (
            a_target() + '[cloud]\nname = "custom"',
            ["cloud.authority", "cloud.resource_manager", "cloud.graph", "cloud.log_analytics"],
        ),
        (a_target() + CUSTOM.replace("8443/", "8443/v1.0"), ["cloud.graph"]),
        (a_target() + CUSTOM + 'scopes = { vault = "x" }', ["cloud.scopes.vault"]),
    ],
)
def test_each_mistake_is_found_at_its_key(text: str, keys: list[str]) -> None:
    found = [key for _, key, _ in mistakes_of(text)]
    assert sorted(found) == sorted(keys)


def test_all_mistakes_are_said_at_once() -> None:
    text = (
        '[cloud]\nname = "mars"\n[limits]\npatience_s = -1\nspeed = 9\n'
        + a_target('profiles = ["nope"]\n[[target.role]]\nprincipal = 1\n')
        + a_target().replace(TENANT, "x")
        + "[[silence]]\nuntil = 2026-01-01\n[notify.event_grid]\n"
    )
    keys = {key for _, key, _ in mistakes_of(text, {"DAWNWATCH_LIMITS_PATIENCE": "5"})}
    assert keys == {
        "cloud.name",
        "limits.patience_s",
        "limits.speed",
        "target[contoso].profiles[0]",
        "target[contoso].role[0].principal",
        "target[contoso].role[0].any_of",
        "target[1].name",
        "target[contoso].tenant_id",
        "target[contoso].workspace_id",
        "silence[0].id",
        "silence[0].until",
        "silence[0].reason",
        "notify.event_grid.topic",
        "DAWNWATCH_LIMITS_PATIENCE",
    }


def test_two_apps_of_one_name_are_two_when_both_have_an_id() -> None:
    text = a_target(AN_APP + f'app_id = "{TENANT}"\n' + AN_APP + f'app_id = "{MICROSERVICE}"\n')
    assert [app.app_id for app in settings_of(text).targets[0].apps] == [TENANT, MICROSERVICE]


def test_the_workspace_id_is_matched_whatever_its_case() -> None:
    text = a_target().replace(WORKSPACE, WORKSPACE.lower())
    assert settings_of(text).targets[0].workspace_name == "law-contoso"


@pytest.mark.parametrize(
    ("cloud", "portal"),
    [
        ("", "https://portal.azure.com"),
        ('[cloud]\nname = "usgov"', "https://portal.azure.us"),
        ('[cloud]\nname = "china"', "https://portal.azure.cn"),
        (CUSTOM, "https://portal.azure.com"),
    ],
)
def test_remedies_link_to_the_portal_of_the_cloud(cloud: str, portal: str) -> None:
    assert settings_of(a_target() + cloud).targets[0].portal == portal


def test_a_custom_cloud_gives_its_endpoints_without_a_closing_slash() -> None:
    cloud = settings_of(a_target() + CUSTOM + 'scopes = { graph = "https://localhost/.default" }').cloud
    assert cloud.name is CloudName.CUSTOM
    assert {cloud.authority, cloud.resource_manager, cloud.graph, cloud.log_analytics} == {"https://localhost:8443"}
    assert cloud.scopes == {"graph": "https://localhost/.default"}


def test_a_silence_in_the_past_is_no_mistake() -> None:
    (silence,) = settings_of(a_target() + A_SILENCE.replace("2027", "2001")).silences
    assert silence.until == datetime(2001, 1, 1, tzinfo=UTC)


def test_the_morning_report_is_made_at_five_past_eight_on_a_card_for_each_target() -> None:
    usual = settings_of(a_target()).report
    assert (usual.report_at, usual.cards) == (time(8, 5), ReportCards.TARGET)
    other = settings_of(a_target() + '[report]\nreport_at = "off"\ncards = "all"').report
    assert (other.report_at, other.cards) == (None, ReportCards.ALL)


def test_a_silence_that_names_no_target_is_told_as_a_notice() -> None:
    notices = settings_of(a_target() + A_SILENCE + 'target = "contso*"').notices
    assert "The silence of credential.* names the target contso*; there is none: it silences nothing." in notices


# --- the environment ---


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("DAWNWATCH_CLOUD_NAME", "china", lambda settings: settings.cloud.name == "china"),
        ("DAWNWATCH_CLOUD_SCOPES_GRAPH", "api://x/.default", lambda s: s.cloud.scopes == {"graph": "api://x/.default"}),
        ("DAWNWATCH_LIMITS_PATIENCE_S", "30.5", lambda settings: settings.limits.patience_s == 30.5),
        ("DAWNWATCH_LIMITS_PATIENCE_S", "", lambda settings: settings.limits.patience_s == 99),
        ("DAWNWATCH_REPORT_REPORT_AT", "06:30", lambda s: s.report.report_at == time(6, 30)),
        ("DAWNWATCH_REPORT_REPORT_AT", "off", lambda s: s.report.report_at is None),
        ("DAWNWATCH_REPORT_CARDS", "all", lambda s: s.report.cards is ReportCards.ALL),
        ("DAWNWATCH_NOTIFY_TEAMS_MIN_SEVERITY", "error", lambda s: s.teams.min_severity is Severity.ERROR),
        (
            "DAWNWATCH_NOTIFY_EVENT_GRID_TOPIC",
            "https://t/api/events",
            lambda s: s.event_grid.topic == "https://t/api/events",
        ),
        ("DAWNWATCH_TEAMS_WEBHOOK_URL", "https://w/?sig=1", lambda s: s.teams.min_severity is Severity.WARNING),
        ("DAWNWATCH_SCHEDULE", "0 0 * * * *", lambda settings: settings.teams is None),
    ],
)
def test_the_environment_wins_over_the_file(variable: str, value: str, read: object) -> None:
    settings = settings_of(a_target() + "[limits]\npatience_s = 99", {variable: value})
    assert callable(read)
    assert read(settings)


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("DAWNWATCH_LIMITS_PATIENCE_S", "soon", 'must be a number above 0 and up to 86400, not "soon"'),
        ("DAWNWATCH_LIMITS_PATIENCE_S", "nan", "must be a number above 0 and up to 86400, .*"),
        ("DAWNWATCH_LIMITS_PATIENCE", "30", "unknown variable; did you mean DAWNWATCH_LIMITS_PATIENCE_S[?]"),
        ("DAWNWATCH_REPORT_REPORT_AT", "25:00", 'must be a UTC time of day in quotes, "HH:MM", or "off", not "25:00"'),
        ("DAWNWATCH_REPORT_AT", "07:00", "unknown variable; .*"),
        ("DAWNWATCH_NOTIFY_SLACK", "x", "unknown .*"),
        ("DAWNWATCH_CLOUD_NAME", "mars", 'must be one of public, usgov, china, custom, not "mars"'),
        ("DAWNWATCH_NOTIFY_TEAMS_WEBHOOK_URL", "https://w", ".* goes into DAWNWATCH_TEAMS_WEBHOOK_URL"),
        ("DAWNWATCH_CONFIG", "/x", ""),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(variable: str, value: str, problem: str) -> None:
    ((file, key, said),) = mistakes_of(a_target(), {variable: value})
    assert file == "environment"
    if problem:
        assert key == variable
        assert re.fullmatch(problem, said), said
    else:
        assert (key, said) == ("DAWNWATCH_CONFIG_TOML", "is set, and so is DAWNWATCH_CONFIG: keep one of them")


@pytest.mark.parametrize(
    ("more", "webhook", "keys"),
    [
        ("[notify.teams]", "", ["DAWNWATCH_TEAMS_WEBHOOK_URL"]),
        ("[notify.teams]", "ftp://SECRET", ["DAWNWATCH_TEAMS_WEBHOOK_URL"]),
        ("[notify.teams]", "https://host:443/workflows/1?sig=SECRET", []),
        ("", "", ["notify"]),
        ('[notify.event_grid]\ntopic = "https://t/api/events"', "", []),
        ("[limits]\npatience_s = 0\n[notify.teams]", "", ["limits.patience_s", "DAWNWATCH_TEAMS_WEBHOOK_URL"]),
    ],
)
def test_a_missing_secret_is_a_mistake_only_for_who_wants_to_notify(more: str, webhook: str, keys: list[str]) -> None:
    environ = {"DAWNWATCH_TEAMS_WEBHOOK_URL": webhook}
    found = mistakes_of(a_target() + more, environ, notifying=True)
    assert [key for _, key, _ in found] == keys
    assert "SECRET" not in repr(found)
    quiet = mistakes_of(a_target() + more, environ)
    assert [key for _, key, _ in quiet] == [key for key in keys if key.startswith("limits")]


@pytest.mark.parametrize(
    ("text", "key", "advice"),
    [
        (
            '[notify.teams]\nwebhook_url = "https://host/SECRET"',
            "notify.teams.webhook_url",
            "DAWNWATCH_TEAMS_WEBHOOK_URL",
        ),
        ('[notify]\nwebhook = "SECRET"', "notify.webhook", "DAWNWATCH_TEAMS_WEBHOOK_URL"),
        ('client_secret = "SECRET"', "target[contoso].client_secret", "DefaultAzureCredential"),
        ('name = "https://host/SECRET"', "target[0].name", "a URL"),
        ('[notify.event_grid]\ntopic = "https://host/?sig=SECRET"', "notify.event_grid.topic", "without user, query"),
        ('[notify.event_grid]\ntopic = "https://user:SECRET@host/"', "notify.event_grid.topic", "without user, query"),
        ('"https://host/S?sig=SECRET" = 1', "target[contoso]", "take it out"),
    ],
)
def test_no_secret_is_echoed(text: str, key: str, advice: str) -> None:
    base = a_target().replace('name = "contoso"\n', "") if text.startswith("name") else a_target()
    ((_, found, said),) = mistakes_of(base + text)
    assert found == key
    assert advice in said
    assert "SECRET" not in said


# --- the file ---


@pytest.mark.parametrize(
    ("content", "key", "problem"),
    [
        (b"a = 1\nb = = 2\n", "line 2, column 5", "is not TOML: Invalid value"),
        (b"a = 1\n[x", "line 2, its end", "is not TOML: .*"),
        (b"a = 1\na = 2", "line 2, its end", "is not TOML: Cannot overwrite a value"),
        (b"\xff\xfea\x00", "", "is not UTF-8: save it as UTF-8"),
        (b"a = " + b"[" * 100_000, "", "is nested too deeply"),
        (b"a = 1" + b"0" * 5_000, "", "is not TOML: .*"),
    ],
)
def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path, content: bytes, key: str, problem: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.key) == (str(path), key)
    assert re.fullmatch(problem, mistake.problem), mistake.problem


def test_a_file_that_notepad_wrote_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf" + a_target().replace("\n", "\r\n").encode())
    assert load_settings(path, {}).targets[0].name == "contoso"


def test_a_path_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    cases = {tmp_path / "none.toml": "there is no such file; ", tmp_path: "is a directory, not a file; "}
    for path, problem in cases.items():
        with pytest.raises(ConfigError, match=problem):
            load_settings(path, {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(Path("a\0b"), {})


def test_the_callers_path_wins_over_the_environment(tmp_path: Path) -> None:
    path = write(tmp_path, a_target(name="from-file"))
    assert load_settings(path, {"DAWNWATCH_CONFIG_TOML": "!"}).targets[0].name == "from-file"
    assert load_settings(None, {"DAWNWATCH_CONFIG": str(path)}).targets[0].name == "from-file"


def test_without_a_name_the_file_is_looked_for_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"dawnwatch\.toml: there is no such file; write one, or name another"):
        load_settings(None, {})
