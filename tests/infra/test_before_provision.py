"""What azd runs before it changes anything: every mistake is told, with what would be right, and nothing secret."""

import os
from collections.abc import Mapping

import pytest

from tests.watching import Watch, Watching
from tools.before_provision import find_mistakes

CONFIG = """
[[target]]
name = "contoso"
tenant_id = "00000000-0000-0000-0000-000000000001"
workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg/providers/\
Microsoft.OperationalInsights/workspaces/law"
"""
TEAMS = "[notify.teams]\n"
WEBHOOK = "https://example.environment.api.powerplatform.com/workflows/1?sig=SECRET"
RETIRED = "https://contoso.webhook.office.com/webhookb2/SECRET/IncomingWebhook/SECRET"
OTHER = "/subscriptions/{0}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law-other"

WRONG: Mapping[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "the configuration has mistakes": (
        {"DAWNWATCH_CONFIG_TOML": CONFIG + 'profiles = ["desktop"]\nexpiry = 1'},
        ("expiry: unknown key", '"desktop" is no profile'),
    ),
    "a webhook of the retired connectors": (
        {"DAWNWATCH_CONFIG_TOML": TEAMS + CONFIG, "DAWNWATCH_TEAMS_WEBHOOK_URL": RETIRED},
        ("no webhook of a Teams workflow",),
    ),
    "a webhook of the older connectors": (
        {
            "DAWNWATCH_CONFIG_TOML": TEAMS + CONFIG,
            "DAWNWATCH_TEAMS_WEBHOOK_URL": "https://outlook.office.com/webhook/SECRET/IncomingWebhook/SECRET",
        },
        ("no webhook of a Teams workflow",),
    ),
    "an environment that resources cannot be named after": (
        {"DAWNWATCH_CONFIG_TOML": CONFIG, "AZURE_ENV_NAME": "prod_eu.1"},
        ("resources cannot be named after 'prod_eu.1'",),
    ),
    "a webhook without TLS": (
        {"DAWNWATCH_CONFIG_TOML": TEAMS + CONFIG, "DAWNWATCH_TEAMS_WEBHOOK_URL": "http://flow.example/SECRET"},
        ("no webhook of a Teams workflow",),
    ),
    "a webhook that is no URL at all": (
        {"DAWNWATCH_CONFIG_TOML": TEAMS + CONFIG, "DAWNWATCH_TEAMS_WEBHOOK_URL": "https://[SECRET"},
        ("no webhook of a Teams workflow",),
    ),
    "Teams without a webhook": (
        {"DAWNWATCH_CONFIG_TOML": TEAMS + CONFIG},
        ("there is no webhook: `azd env set DAWNWATCH_TEAMS_WEBHOOK_URL URL`",),
    ),
    "nobody is told anything": (
        {"DAWNWATCH_CONFIG_TOML": CONFIG, "DAWNWATCH_EVENT_GRID": "false"},
        ("Nobody would be told anything",),
    ),
    "workspaces that are none": (
        {"DAWNWATCH_CONFIG_TOML": CONFIG, "DAWNWATCH_WORKSPACES": f"law-contoso, {OTHER.format('not-a-guid')}"},
        ("number 1 is no workspace id", "number 2 is no workspace id"),
    ),
    "several at once, where the configuration is a blob": (
        {
            "DAWNWATCH_CONFIGURATION_IN_BLOB": "true",
            "DAWNWATCH_WORKSPACES": "law",
            "DAWNWATCH_TEAMS_WEBHOOK_URL": RETIRED,
        },
        ("no webhook of a Teams workflow", "number 1 is no workspace id"),
    ),
}
RIGHT: Mapping[str, dict[str, str]] = {
    "one target, told on Event Grid alone": {"DAWNWATCH_CONFIG_TOML": CONFIG},
    "a webhook, and Teams with a severity of its own": {
        "DAWNWATCH_CONFIG_TOML": TEAMS + CONFIG,
        "DAWNWATCH_TEAMS_WEBHOOK_URL": WEBHOOK,
    },
    "a webhook alone": {
        "DAWNWATCH_CONFIG_TOML": CONFIG,
        "DAWNWATCH_TEAMS_WEBHOOK_URL": WEBHOOK,
        "DAWNWATCH_EVENT_GRID": "false",
    },
    "a webhook that is in the vault already": {"DAWNWATCH_CONFIG_TOML": TEAMS + CONFIG, "DAWNWATCH_TEAMS": "true"},
    "no configuration here, for it is a blob": {"DAWNWATCH_CONFIGURATION_IN_BLOB": "true"},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(case: str) -> None:
    environ, expected = WRONG[case]
    found = list(find_mistakes(environ))
    assert len(found) == len(expected), found
    assert all(part in mistake for part, mistake in zip(expected, found, strict=True)), found
    assert "SECRET" not in " ".join(found)


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_is_not(case: str) -> None:
    assert list(find_mistakes(RIGHT[case])) == []


def looked(watch: Watch, *ids: str) -> list[str]:
    environ = {"DAWNWATCH_CONFIG_TOML": watch.config, "DAWNWATCH_WORKSPACES": ", ".join(ids)}
    found = list(find_mistakes({**os.environ, **environ}))
    watch.said += found
    return found


def test_workspaces_are_read_as_whoever_provisions(watching: Watching) -> None:
    watch = watching()
    assert looked(watch, watch.tenant.workspace.id, watch.tenant.workspace.id.upper()) == []
    assert len(watch.calls("arm", "workspaces")) == 2


def test_a_workspace_that_is_not_there_is_told(watching: Watching) -> None:
    watch = watching()
    subscription = watch.tenant.workspace.id.split("/")[2]
    (mistake,) = looked(watch, watch.tenant.workspace.id, OTHER.format(subscription))
    assert "law-other is not there" in mistake
    assert "`dawnwatch grant`" in mistake


def test_a_workspace_that_may_not_be_read_is_told(watching: Watching) -> None:
    watch = watching()
    watch.break_down("arm:forbidden")
    (mistake,) = looked(watch, watch.tenant.workspace.id)
    assert "could not be read" in mistake
