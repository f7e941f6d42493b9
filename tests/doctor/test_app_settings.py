"""Settings that are missing, unknown, or references that Key Vault did not resolve; and never a value."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.doctor.app_settings import judge_settings
from shared.doctor.diagnosis import Point, Verdict
from shared.expectations import Identity, Target
from tests.config_texts import a_target, settings_of

WHOLE = {
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "AzureWebJobsStorage__blobServiceUri": "https://st.blob.core.windows.net",
    "AzureWebJobsStorage__queueServiceUri": "https://st.queue.core.windows.net",
    "AzureWebJobsStorage__tableServiceUri": "https://st.table.core.windows.net",
    "AZURE_CLIENT_ID": "11111111-2222-3333-4444-555555555555",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=1",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "Authorization=AAD",
}
TARGET = settings_of(a_target()).targets[0]


def points(environ: Mapping[str, str], target: Target = TARGET) -> dict[str, Point]:
    return {point.what: point for point in judge_settings([target], environ)}


def test_an_app_with_all_its_settings_is_well() -> None:
    assert [point.verdict for point in points(WHOLE).values()] == [Verdict.OK]


def test_a_command_on_a_machine_needs_no_settings() -> None:
    assert points({}) == {}


@pytest.mark.parametrize(
    "given", [{"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, {"AzureWebJobsStorage__accountName": "st"}]
)
def test_storage_can_be_named_in_three_ways(given: dict[str, str]) -> None:
    without = {name: value for name, value in WHOLE.items() if not name.startswith("AzureWebJobsStorage")}
    assert points(without)["AzureWebJobsStorage"].verdict is Verdict.FAILED
    assert [point.verdict for point in points(without | given).values()] == [Verdict.OK]


@pytest.mark.parametrize(
    ("left_out", "what", "verdict"),
    [
        ("AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage", Verdict.FAILED),
        ("AZURE_CLIENT_ID", "missing settings", Verdict.WARNING),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", "missing settings", Verdict.WARNING),
    ],
)
def test_a_missing_setting_is_named(left_out: str, what: str, verdict: Verdict) -> None:
    point = points({name: value for name, value in WHOLE.items() if name != left_out})[what]
    assert point.verdict is verdict
    assert left_out in point.detail


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("DAWNWATCH_TEAMS_WEBHOOK", "DAWNWATCH_TEAMS_WEBHOOK_URL"),
        ("DAWNWATCH_LEGDER", "DAWNWATCH_LEDGER"),
        ("WORKSPACE_ACCES_SCHEDULE", "WORKSPACE_ACCESS_SCHEDULE"),
        ("DAWNWATCH_FABRIKAM_SECRET", None),
    ],
)
def test_a_setting_that_nothing_reads_is_named_with_what_was_meant(name: str, near: str | None) -> None:
    point = points({name: "S3CRET-VALUE"})["unknown settings"]
    assert point.verdict is Verdict.WARNING
    assert name in point.detail
    assert (f"did you mean {near}?" in point.detail) == (near is not None)
    assert "S3CRET" not in point.detail


@pytest.mark.parametrize(
    "name", ["DAWNWATCH_LIMITS_PATIENCE_S", "DAWNWATCH_CONFIG_TOML", "PATH", "CLEANUP_SCHEDULE", "DELIVERY_SCHEDULE"]
)
def test_what_is_read_or_somebody_elses_is_not_named(name: str) -> None:
    assert points({name: "1"}) == {}


def test_the_variable_of_a_targets_own_identity_is_known() -> None:
    identity = Identity(client_id="a", secret_variable="DAWNWATCH_FABRIKAM_SECRET")
    assert points({"DAWNWATCH_FABRIKAM_SECRET": "x"}, replace(TARGET, identity=identity)) == {}


def test_a_reference_that_key_vault_did_not_resolve_is_told() -> None:
    reference = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/webhook)"
    point = points({"DAWNWATCH_TEAMS_WEBHOOK_URL": reference})["Key Vault references"]
    assert point.verdict is Verdict.FAILED
    assert "DAWNWATCH_TEAMS_WEBHOOK_URL: Key Vault gave nothing." in point.detail
    assert "kv.vault" not in point.detail
