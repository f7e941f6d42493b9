"""Where Azure is, and that a look leaves nothing open behind it."""

import gc
import logging
import warnings

import pytest

from shared.config import CloudSettings
from shared.config.settings import CloudName
from shared.gather.cloud import endpoints
from tests.watching import Watching


@pytest.mark.parametrize(
    ("cloud", "hosts"),
    [
        (
            "public",
            ("login.microsoftonline.com", "management.azure.com", "graph.microsoft.com", "loganalytics.azure.com"),
        ),
        (
            "usgov",
            ("login.microsoftonline.us", "management.usgovcloudapi.net", "graph.microsoft.us", "loganalytics.us"),
        ),
        (
            "china",
            (
                "login.chinacloudapi.cn",
                "management.chinacloudapi.cn",
                "microsoftgraph.chinacloudapi.cn",
                "loganalytics.azure.cn",
            ),
        ),
    ],
)
def test_each_cloud_has_its_own_endpoints(cloud: str, hosts: tuple[str, ...]) -> None:
    known = endpoints(CloudSettings(name=CloudName(cloud)))
    addresses = (known.authority, known.resource_manager, known.graph, known.log_analytics)
    assert all(address.startswith("https://") for address in addresses)
    assert all(address.endswith(host) for address, host in zip(addresses, hosts, strict=True))
    assert all(scope.endswith("/.default") for scope in known.scopes.values())


def test_a_scope_of_ones_own_goes_before_the_usual() -> None:
    mine = endpoints(CloudSettings(name=CloudName.PUBLIC, scopes={"graph": "api://mine/.default"}))
    assert mine.scopes["graph"] == "api://mine/.default"
    assert mine.scopes["log_analytics"] == "https://api.loganalytics.io/.default"


def test_a_look_leaves_no_connection_open(watching: Watching) -> None:
    watch = watching()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        watch.look()
        gc.collect()
    assert [str(warning.message) for warning in seen] == []


def test_the_sdks_log_nothing(watching: Watching, caplog: pytest.LogCaptureFixture) -> None:
    watch = watching()
    with caplog.at_level(logging.INFO):
        watch.look()
    assert not [record for record in caplog.records if record.name.partition(".")[0] in {"azure", "httpx", "msal"}]
