"""A webhook's URL by its looks: retired, without its signature, somebody else's; and none of it is ever said."""

import pytest

from shared.doctor.channels import judge_topic
from shared.doctor.diagnosis import Verdict
from shared.doctor.webhook import judge_looks

PATH = "/workflows/5f0e/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0"
SIGNATURE = "s1gnature-of-the-webhook"
SIGNED = f"{PATH}&sig={SIGNATURE}"
RETIRED = f"https://contoso.webhook.office.com/webhookb2/{SIGNATURE}@b/IncomingWebhook/c/d"


@pytest.mark.parametrize(
    "host",
    [
        "prod-12.westeurope.logic.azure.com:443",
        "prod-12.usgovvirginia.logic.azure.us",
        "default1234.09.environment.api.powerplatform.com",
        "default1234.09.environment.api.gov.powerplatform.microsoft.us",
    ],
)
def test_a_workflows_url_looks_well(host: str) -> None:
    assert judge_looks(f"https://{host}{SIGNED}") is None
    assert judge_looks(f"https://{host}/powerautomate/automations/direct{SIGNED}") is None


@pytest.mark.parametrize(
    ("url", "verdict", "said"),
    [
        ("", Verdict.FAILED, "DAWNWATCH_TEAMS_WEBHOOK_URL is not set"),
        ("@Microsoft.KeyVault(SecretUri=https://kv/secrets/s1gnature)", Verdict.FAILED, "was not resolved"),
        (f"http://prod-1.westeurope.logic.azure.com{SIGNED}", Verdict.FAILED, "is no https:// URL"),
        (f"prod-1.westeurope.logic.azure.com{SIGNED}", Verdict.FAILED, "is no https:// URL"),
        (f"https://prod-1.westeurope.logic.azure.com:nan{SIGNED}", Verdict.FAILED, "is no https:// URL"),
        (f"https://[prod{SIGNED}", Verdict.FAILED, "is no https:// URL"),
        (RETIRED, Verdict.FAILED, "retired Office 365 connectors"),
        (RETIRED.replace("contoso.webhook.office.com", "outlook.office.com"), Verdict.FAILED, "retired Office 365"),
        (f"https://prod-1.westeurope.logic.azure.com{PATH}", Verdict.FAILED, "Its signature (sig=) is missing"),
        (f"https://prod-1.westeurope.logic.azure.com{PATH}&sig=", Verdict.FAILED, "Its signature (sig=) is missing"),
        (f"https://relay.example.com{SIGNED}", Verdict.WARNING, "relay.example.com is no host of Teams' workflows"),
        (f"https://logic.azure.com.example.com{SIGNED}", Verdict.WARNING, "is no host of Teams' workflows"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_and_the_url_is_not(url: str, verdict: Verdict, said: str) -> None:
    looks = judge_looks(url)
    assert looks is not None
    assert looks.verdict is verdict
    assert said in looks.why
    assert SIGNATURE not in looks.why


def test_in_a_cloud_of_ones_own_any_host_will_do() -> None:
    assert judge_looks(f"https://localhost:8443{SIGNED}", is_any_host=True) is None


@pytest.mark.parametrize(
    ("topic", "is_well"),
    [
        ("https://evgt.westeurope-1.eventgrid.azure.net/api/events", True),
        ("https://evgt.chinaeast2-1.eventgrid.azure.cn/api/events", True),
        ("https://evgt.westeurope-1.eventgrid.azure.net", False),
        ("https://evgt.example.com/api/events", False),
    ],
)
def test_a_topics_endpoint_is_known_by_its_looks(topic: str, is_well: bool) -> None:
    assert (judge_topic(topic) is None) == is_well
