"""Every setting of the Functions app, as data: what it is for, what it is when nobody sets it, and who sets it.

docs/settings.md is printed from here (`make docs`); infra/ and local.settings.sample.json are held against it.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class SetBy(StrEnum):
    """Where a setting comes from, in an app that was deployed as the docs say."""

    DEPLOYMENT = "infra"
    OPTIONAL = "infra, where asked for"
    LOCAL = "local.settings.json"
    YOU = "you, where wanted"


@dataclass(frozen=True, slots=True)
class AppSetting:
    """One setting. `usual` is what it is in a new deployment, or what an unset one counts as; None: it has no such."""

    name: str
    purpose: str
    usual: str | None = None
    set_by: SetBy = SetBy.DEPLOYMENT


SCHEDULES = (
    AppSetting("WORKSPACE_ACCESS_SCHEDULE", "when workspace-access is planned: hourly", "0 50 * * * *"),
    AppSetting(
        "APP_REGISTRATIONS_SCHEDULE", "when app-registrations is planned: every six hours", "0 40 1,7,13,19 * * *"
    ),
    AppSetting(
        "SNAPSHOT_CURRENCY_SCHEDULE",
        "when snapshot-currency is planned in the morning: every 15 minutes from 04:00 to 10:00",
        "0 */15 4-9 * * *",
    ),
    AppSetting(
        "SNAPSHOT_CURRENCY_HOURLY_SCHEDULE",
        "when snapshot-currency is planned for the rest of the day: hourly",
        "0 0 0-3,10-23 * * *",
    ),
    AppSetting("SERVICE_HEALTH_SCHEDULE", "when service-health is planned: hourly", "0 45 * * * *"),
    AppSetting("DELIVERY_SCHEDULE", "when what is still pending is delivered: every five minutes", "30 */5 * * * *"),
    AppSetting(
        "MORNING_REPORT_SCHEDULE",
        "when it is looked whether the morning report (`[report] report_at`) is due: every five minutes",
        "0 */5 * * * *",
    ),
)

SETTINGS = (
    AppSetting("AzureWebJobsStorage", "the storage account, as a connection string", set_by=SetBy.LOCAL),
    AppSetting("AzureWebJobsStorage__blobServiceUri", "the storage account's blobs, signed in to by identity"),
    AppSetting("AzureWebJobsStorage__queueServiceUri", "its queues: what was planned waits there"),
    AppSetting("AzureWebJobsStorage__tableServiceUri", "its tables: the ledger"),
    AppSetting("AzureWebJobsStorage__credential", "how to sign in to it", "managedidentity"),
    AppSetting("AzureWebJobsStorage__clientId", "as which user-assigned identity"),
    AppSetting("FUNCTIONS_WORKER_RUNTIME", "the language, where the plan does not say it", "python", SetBy.LOCAL),
    AppSetting("AZURE_CLIENT_ID", "the user-assigned identity that reads tenants and publishes events"),
    AppSetting(
        "DAWNWATCH_CONFIG",
        "the configuration: a file in the package, a folder of files, or the https address of a blob or of a folder "
        "of blobs",
        "dawnwatch.toml",
    ),
    AppSetting("DAWNWATCH_CONFIG_TOML", "the configuration's whole text instead", set_by=SetBy.YOU),
    AppSetting("DAWNWATCH_LEDGER", "the connection whose tables hold the ledger", "AzureWebJobsStorage"),
    AppSetting(
        "DAWNWATCH_TEAMS_WEBHOOK_URL",
        "the Teams workflow's URL: a secret, so a reference to Key Vault",
        set_by=SetBy.OPTIONAL,
    ),
    AppSetting("DAWNWATCH_NOTIFY_EVENT_GRID_TOPIC", "the Event Grid topic's endpoint", set_by=SetBy.OPTIONAL),
    *SCHEDULES,
    AppSetting("APPLICATIONINSIGHTS_CONNECTION_STRING", "where telemetry goes"),
    AppSetting("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "as which identity it goes there"),
    AppSetting(
        "PYTHON_ENABLE_OPENTELEMETRY",
        "ties each line to its invocation's trace, and lets the app send it, with its fields as properties",
        "true",
    ),
)


_HEAD = """\
# Settings of the Functions app

These are app settings in Azure, and variables of the environment anywhere else. Who sets one, in an app that was
deployed with `azd up`:

- **infra**: the deployment does; a change by hand lasts until the next one. **infra, where asked for**: only if the
  deployment was asked for what it belongs to.
- **local.settings.json**: on your own machine alone. Copy `local.settings.sample.json`: with Azurite running, it works
  as it stands.
- **you, where wanted**: nobody else does.

What is usual is what a new deployment sets, or what an unset one counts as. Each key of the configuration has a
variable besides, such as `DAWNWATCH_LIMITS_PATIENCE_S`: see [configuration](configuration.md#from-the-environment).

"""

_SCHEDULES = """
## Schedules

A schedule is an NCRONTAB expression of six fields, in UTC: second, minute, hour, day, month, day of the week. A field
is `*`, a value, a range `4-9` or a list `1,7,13`, any of them with a step (`*/15`); months and days of the week have
their English names, too (`Jan`, `Mon-Fri`), and 0 is Sunday. Where day and day of the week are both given, both must
match. `0 */15 4-9 * * *` is every 15 minutes from 04:00 to 09:45, every day.

A timer only plans: when it fires twice, nothing is told twice. In Azure a schedule that is missing or wrong keeps its
function from running. [`dawnwatch serve`](serve.md) reads the same variables, takes the usual schedule where one is not
set, and names all that are wrong at once.
"""


def page() -> str:
    """Spell docs/settings.md."""
    return _HEAD + "".join(f"{line}\n" for line in _table()) + _SCHEDULES


def _table() -> Iterator[str]:
    yield "| setting | for | usual | set by |"
    yield "| --- | --- | --- | --- |"
    for setting in SETTINGS:
        usual = f"`{setting.usual}`" if setting.usual else ""
        yield f"| `{setting.name}` | {setting.purpose} | {usual} | {setting.set_by} |"


if __name__ == "__main__":
    sys.stdout.write(page())
