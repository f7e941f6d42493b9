"""The settings of the deployed app are those that the code reads: no more, no fewer, and no secret among them."""

import json
import re

from shared.app_settings import SCHEDULES, SETTINGS, SetBy
from tests.infra.foreseen import EVERYTHING, MAIN, Deployment, both, settings

DEPLOYED = {setting.name: setting for setting in SETTINGS if setting.set_by is SetBy.DEPLOYMENT}
OPTIONAL = {setting.name for setting in SETTINGS if setting.set_by is SetBy.OPTIONAL}
FROM_VAULT = re.compile(
    r"\[format\('@Microsoft\.KeyVault\(SecretUri=\{0\}secrets/\{1\}\)', "
    r"reference\(.*vaultModule.*\)\.outputs\.uri\.value, '([a-z0-9-]+)'\)\]"
)
FROM_STORAGE = "storageModule"


def test_the_usual_deployment_sets_what_the_code_reads_and_the_topic() -> None:
    assert settings(MAIN).keys() == {*DEPLOYED, "DAWNWATCH_NOTIFY_EVENT_GRID_TOPIC"}


def test_with_everything_it_sets_all_that_is_optional_and_what_was_asked_for() -> None:
    assert settings(EVERYTHING).keys() == {*DEPLOYED, *OPTIONAL, "FABRIKAM_CERTIFICATE"}


def test_flex_consumption_is_not_told_its_language_twice() -> None:
    assert "FUNCTIONS_WORKER_RUNTIME" not in settings(MAIN)
    runtime = MAIN.one("Microsoft.Web/sites").at("properties.functionAppConfig.runtime")
    assert runtime == {"name": "python", "version": "3.13"}


def test_what_is_usual_is_what_a_new_deployment_gets() -> None:
    usual = {name: setting.usual for name, setting in DEPLOYED.items() if setting.usual is not None}
    assert {schedule.name for schedule in SCHEDULES} <= usual.keys()
    assert {name: settings(MAIN)[name] for name in usual} == usual


@both
def test_schedules_have_six_fields_and_no_time_zone_is_set(deployment: Deployment) -> None:
    """Flex Consumption knows no time zone: a schedule is UTC."""
    found = settings(deployment)
    assert all(len(found[schedule.name].split()) == 6 for schedule in SCHEDULES)
    assert not {"WEBSITE_TIME_ZONE", "TZ"} & found.keys()


def test_a_schedule_can_be_another_and_the_others_stay() -> None:
    changed = {name for name in DEPLOYED if settings(MAIN)[name] != settings(EVERYTHING)[name]}
    assert settings(EVERYTHING)["WORKSPACE_ACCESS_SCHEDULE"] == "0 5 */2 * * *"
    assert changed & {schedule.name for schedule in SCHEDULES} == {"WORKSPACE_ACCESS_SCHEDULE"}


@both
def test_every_service_is_signed_in_to_as_the_identity(deployment: Deployment) -> None:
    found = settings(deployment)
    client_id = found["AZURE_CLIENT_ID"]
    assert client_id.endswith(".outputs.clientId.value]")
    assert found["AzureWebJobsStorage__clientId"] == client_id
    assert client_id.strip("[]") in found["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]
    assert "ClientId={0};Authorization=AAD" in found["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]
    for part in ("blob", "queue", "table"):
        address = found[f"AzureWebJobsStorage__{part}ServiceUri"]
        assert FROM_STORAGE in address
        assert address.endswith(f".outputs.{part}Uri.value]")


@both
def test_the_app_is_one_identity_for_secrets_and_packages_too(deployment: Deployment) -> None:
    app, identity = (
        deployment.one("Microsoft.Web/sites"),
        deployment.one("Microsoft.ManagedIdentity/userAssignedIdentities"),
    )
    storage = app.at("properties.functionAppConfig.deployment.storage")
    assert isinstance(storage, dict)
    assert storage["type"] == "blobContainer"
    assert storage["value"].endswith(".outputs.blobUri.value, 'package')]")
    assert storage["authentication"] == {
        "type": "UserAssignedIdentity",
        "userAssignedIdentityResourceId": identity.id,
    }
    assert app.at("properties.keyVaultReferenceIdentity") == identity.id
    assert app.at("identity.userAssignedIdentities") == {identity.id: {}}


def test_the_configuration_is_in_the_package_or_in_its_container() -> None:
    assert settings(MAIN)["DAWNWATCH_CONFIG"] == "dawnwatch.toml"
    assert settings(EVERYTHING)["DAWNWATCH_CONFIG"].endswith(".outputs.blobUri.value, 'dawnwatch')]")
    containers = "Microsoft.Storage/storageAccounts/blobServices/containers"
    assert [one.name.rpartition("/")[2] for one in MAIN.of(containers)] == ["package"]
    assert [one.name.rpartition("/")[2] for one in EVERYTHING.of(containers)] == ["package", "dawnwatch"]


def test_secrets_are_references_to_the_vault() -> None:
    found = {name: FROM_VAULT.fullmatch(value) for name, value in settings(EVERYTHING).items()}
    assert {name: match[1] for name, match in found.items() if match} == {
        "DAWNWATCH_TEAMS_WEBHOOK_URL": "teams-webhook-url",
        "FABRIKAM_CERTIFICATE": "fabrikam-certificate",
    }


@both
def test_no_secret_is_in_a_setting_an_output_or_anywhere_else(deployment: Deployment) -> None:
    assert "not-a-real-signature" not in deployment.text
    assert not re.search(r"listKeys|listSecrets|AccountKey|SharedAccessSignature|[?&]sig=", deployment.text)
    told = json.dumps([deployment.outputs, settings(deployment)])
    assert "teamsWebhookUrl" not in told
    assert "connectionString" not in json.dumps(deployment.outputs)


@both
def test_nothing_waits_always_ready(deployment: Deployment) -> None:
    scale = deployment.one("Microsoft.Web/sites").at("properties.functionAppConfig.scaleAndConcurrency")
    expected = {"main": (2048, 40), "everything": (4096, 100)}[deployment.name]
    assert scale == {"alwaysReady": [], "instanceMemoryMB": expected[0], "maximumInstanceCount": expected[1]}
    assert deployment.one("Microsoft.Web/serverfarms").at("sku.name") == "FC1"
