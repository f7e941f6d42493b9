"""azure-functions-doctor on the app as it is deployed: nothing fails, and nothing is warned of."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.app_settings import SETTINGS, SetBy
from tests.worker.worker import APP

DEPLOYED = ("function_app.py", "host.json", "requirements.txt", ".funcignore", "functions", "shared")
EXAMPLES = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=00000000-0000-0000-0000-000000000000",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "Authorization=AAD",
}
NOT_APPLICABLE = {
    "ASGI/WSGI compatibility",
    "Durable Functions configuration",
    "Functions extension version",  # Flex has none
    "Linux runtime (linuxFxVersion)",  # nor this
}
IN_BICEP = {
    "Flex Consumption deployment storage",
    "Flex Consumption runtime config",
    "Functions runtime lifecycle",
}
"""What stands in infra/, which it cannot read: the tests of infra/ hold it."""


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    """Lay out the app as it is deployed, beside the settings that the deployment gives it."""
    for name in DEPLOYED:
        if (APP / name).is_dir():
            shutil.copytree(APP / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(APP / name, tmp_path / name)
    settings = [setting for setting in SETTINGS if setting.set_by is SetBy.DEPLOYMENT]
    values = {setting.name: setting.usual or EXAMPLES.get(setting.name, "given") for setting in settings}
    told = json.dumps({"IsEncrypted": False, "Values": values})
    (tmp_path / "local.settings.json").write_text(told, encoding="utf-8")
    return tmp_path


def test_the_app_is_in_order_for_flex_consumption(deployed: Path) -> None:
    doctor = Path(sys.executable).with_name("azure-functions-doctor")
    options = {
        "path": str(deployed),
        "profile": "deploy",
        "format": "json",
        "hosting-plan": "flex-consumption",
        "target-python": "3.13",
        "deployment-mode": "local-prebuilt",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    ran = subprocess.run(
        [str(doctor), "doctor", *words], env=environ, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    found = [item for part in json.loads(ran.stdout)["results"] for item in part["items"]]
    by_status = {status: {item["label"] for item in found if item["status"] == status} for status in _statuses(found)}
    assert by_status.pop("skip") == NOT_APPLICABLE | IN_BICEP
    assert len(by_status.pop("pass")) > 20
    assert by_status == {}


def _statuses(found: list[dict[str, str]]) -> set[str]:
    return {item["status"] for item in found}
