"""The real compiler: the committed snapshots are what would be there, and bad input is refused before anything is."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.infra.foreseen import INFRA
from tools.bicep import HOW_TO_INSTALL, PARAMETERS, SNAPSHOTS, Bicep, Ran, find

BICEP = find()
pytestmark = pytest.mark.skipif(BICEP is None, reason=HOW_TO_INSTALL)

WORKSPACE = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/"
    "Microsoft.OperationalInsights/workspaces/law"
)
REFUSED: Mapping[str, tuple[dict[str, str], str]] = {
    "a workspace that is none": ({"DAWNWATCH_WORKSPACES": "law-contoso"}, '"law-contoso" is no workspace id'),
    "a workspace of no subscription": (
        {"DAWNWATCH_WORKSPACES": WORKSPACE.replace("11111111-", "", 1)},
        "is no workspace id. It would be /subscriptions/GUID/",
    ),
    "another resource than a workspace": (
        {"DAWNWATCH_WORKSPACES": WORKSPACE.replace("OperationalInsights/workspaces", "Storage/storageAccounts")},
        "is no workspace id",
    ),
    "two addresses": ({"DAWNWATCH_ALERT_EMAIL": "a@example.com b@example.com"}, "is no e-mail address"),
    "a network that is too small": (
        {"DAWNWATCH_NETWORK": "private", "DAWNWATCH_ADDRESS_PREFIX": "10.0.0.0/28"},
        '"10.0.0.0/28" is too small: the subnets need a /25 or larger',
    ),
    "an environment that resources cannot be named after": (
        {"AZURE_ENV_NAME": "prod_eu.1"},
        '"prod_eu.1" would name resources',
    ),
    "an environment whose name ends in a hyphen": ({"AZURE_ENV_NAME": "prod-"}, '"prod-" would name resources'),
    "fewer instances than Azure takes": ({"DAWNWATCH_MAXIMUM_INSTANCES": "39"}, "greater than or equal to '40'"),
    "a secret without a name": (
        {"DAWNWATCH_VAULT_SETTINGS": "FABRIKAM_SECRET"},
        'FABRIKAM_SECRET names the secret "FABRIKAM_SECRET"; it would be SETTING=secret-name',
    ),
}
REFUSED_AT_ONCE = {
    "DAWNWATCH_NETWORK=closed": "'private' | 'public'",
    "DAWNWATCH_INSTANCE_MEMORY_MB=1024": '"2048", "4096", "512"',
    "DAWNWATCH_EVENT_GRID=perhaps": 'Failed to evaluate parameter "eventGridTopic"',
    "DAWNWATCH_OPERATOR_ID=me@example.com": "minimum allowable length is 36",
    "DAWNWATCH_OPERATOR_TYPE=Robot": "'Group' | 'ServicePrincipal' | 'User'",
    "DAWNWATCH_REDUNDANCY=planet": "'local' | 'zone'",
    "DAWNWATCH_DIAGNOSTICS=some": "'full' | 'lean'",
    f"AZURE_ENV_NAME={'n' * 41}": "maximum allowable length is 40",
}
BY_FILE: Mapping[str, tuple[str, str]] = {
    "a schedule of five fields": (
        "param schedules = { DELIVERY_SCHEDULE: '*/5 * * * *' }",
        'DELIVERY_SCHEDULE "*/5 * * * *" has not six fields',
    ),
    "a schedule of nothing": ("param schedules = { NIGHTLY: '0 0 0 * * *' }", 'The property "NIGHTLY" is not allowed'),
    "a limit of no check": (
        "param quietLimits = [{ check: 'weather', fromHour: 0, toHour: 24, minutes: 60 }]",
        "'app-registrations' | 'service-health' | 'snapshot-currency' | 'workspace-access'",
    ),
    "a limit that the alert cannot look back on": (
        "param quietLimits = [{ check: 'service-health', fromHour: 0, toHour: 24, minutes: 3000 }]",
        "maximum allowable value is 2880",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, where a snapshot may be written."""
    return Path(shutil.copytree(INFRA, tmp_path_factory.mktemp("infra") / "infra"))


def foresee(copy: Path, parameters: str, environ: dict[str, str] | None = None) -> Ran:
    assert isinstance(BICEP, Bicep)
    return BICEP.snapshot(copy / parameters, "overwrite", environ)


@pytest.mark.parametrize("number", range(len(PARAMETERS)), ids=lambda number: PARAMETERS[number].stem)
def test_the_committed_snapshot_is_what_would_be_there(
    copy: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever this machine deploys otherwise."""
    monkeypatch.setenv("AZURE_ENV_NAME", "mine")
    monkeypatch.setenv("DAWNWATCH_TEAMS", "true")
    path = PARAMETERS[number].relative_to(INFRA)
    ran = foresee(copy, str(path))
    assert (ran.ok, ran.said) == (True, "")
    written, committed = (
        json.loads(file.read_text(encoding="utf-8"))
        for file in ((copy / path).with_suffix(".snapshot.json"), SNAPSHOTS[number])
    )
    assert written == committed, "run `make infra ARGS=--write`, and commit it"


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_with_what_would_be_right(copy: Path, case: str) -> None:
    environ, expected = REFUSED[case]
    ran = foresee(copy, "main.bicepparam", environ)
    assert not ran.ok
    assert expected in ran.said


def test_values_of_no_type_are_refused_all_at_once(copy: Path) -> None:
    environ = dict(pair.split("=") for pair in REFUSED_AT_ONCE)
    ran = foresee(copy, "main.bicepparam", environ)
    assert not ran.ok
    assert [expected for expected in REFUSED_AT_ONCE.values() if expected not in ran.said] == []


@pytest.mark.parametrize("case", BY_FILE)
def test_bad_input_of_a_file_is_refused_too(copy: Path, case: str) -> None:
    line, expected = BY_FILE[case]
    text = f"using 'main.bicep'\n\nparam environmentName = 'x'\nparam location = 'westeurope'\n{line}\n"
    (copy / "other.bicepparam").write_text(text, encoding="utf-8")
    ran = foresee(copy, "other.bicepparam")
    assert not ran.ok
    assert expected in ran.said


def test_what_azd_knows_is_what_is_deployed(copy: Path) -> None:
    """The environment comes to what it says; a workspace that is named twice is given its roles once."""
    environ = {
        "AZURE_ENV_NAME": "prod",
        "AZURE_LOCATION": "uksouth",
        "DAWNWATCH_WORKSPACES": f"{WORKSPACE}, {WORKSPACE},",
        "DAWNWATCH_TEAMS_WEBHOOK_URL": "https://example.com/workflow?sig=SECRET",
        "DAWNWATCH_EVENT_GRID": "false",
        "DAWNWATCH_ALERT_EMAIL": "mornings@example.com",
        "DAWNWATCH_VAULT_SETTINGS": "A_SECRET=a-secret, B_SECRET = b-secret",
    }
    ran = foresee(copy, "main.bicepparam", environ)
    assert (ran.ok, ran.said) == (True, "")
    text = (copy / "main.snapshot.json").read_text(encoding="utf-8")
    resources = json.loads(text)["predictedResources"]
    by_type: dict[str, list[dict[str, object]]] = {}
    for one in resources:
        by_type.setdefault(one["type"], []).append(one)
    assert by_type["Microsoft.Resources/resourceGroups"][0]["name"] == "rg-prod"
    assert {one["location"] for one in resources if "location" in one} == {"uksouth", "global"}
    assert "Microsoft.EventGrid/topics" not in by_type
    assert len(by_type["Microsoft.Insights/actionGroups"]) == 1
    elsewhere = [one for one in by_type["Microsoft.Authorization/roleAssignments"] if WORKSPACE in str(one["id"])]
    assert len(elsewhere) == 2
    (site,) = (one["properties"] for one in by_type["Microsoft.Web/sites"])
    assert isinstance(site, dict)
    names = {setting["name"] for setting in site["siteConfig"]["appSettings"]}
    assert names >= {"DAWNWATCH_TEAMS_WEBHOOK_URL", "A_SECRET", "B_SECRET"}
    assert "DAWNWATCH_NOTIFY_EVENT_GRID_TOPIC" not in names
    assert "SECRET'" not in text.replace("A_SECRET", "").replace("B_SECRET", "")
    assert "sig=" not in text


def test_a_retired_webhook_is_refused_by_azure_too() -> None:
    """A snapshot leaves what is secret as it is written, so it is read here as it is written."""
    (secret,) = (
        one
        for one in json.loads(SNAPSHOTS[0].read_text(encoding="utf-8"))["predictedResources"]
        if one["type"] == "Microsoft.KeyVault/vaults/secrets"
    )
    value = secret["properties"]["value"]
    retired = "'.webhook.office.com', '//outlook.office.com/', '//outlook.office365.com/'"
    looked_for = "lambda('host', contains(toLower(parameters('teamsWebhookUrl')), lambdaVariables('host')))"
    assert value.startswith(f"[if(or(not(empty(filter(createArray({retired}), {looked_for}))), ")
    assert value.endswith(", parameters('teamsWebhookUrl'))]")
    assert ", fail('teamsWebhookUrl (DAWNWATCH_TEAMS_WEBHOOK_URL): this is no webhook of a Teams workflow." in value
