"""What the Azure Functions host loads: little, and only what is pinned and used."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SLOW = ("azure", "msgraph", "msgraph_core", "kiota_http", "httpx", "aiohttp", "rich", "duckdb", "sandbox")
IMPORTED_AS = {"msgraph-sdk": "msgraph"}
NOT_IMPORTED_YET = {
    "azure-storage-blob": "comes with the configuration in a blob",
    "azure-mgmt-core": "the management SDKs stand on it: pinned so that they agree",
}


def test_importing_the_app_loads_no_sdk() -> None:
    code = "import json, sys; before = set(sys.modules); import function_app; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    loaded: list[str] = json.loads(ran.stdout)
    assert "azure.functions" in loaded
    allowed = {name for name in loaded if re.fullmatch(r"azure(\.functions(\..+)?)?", name)}
    assert [name for name in loaded if name.partition(".")[0] in SLOW and name not in allowed] == []


def test_the_hosts_files_are_sound() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["version"] == "2.0"
    assert host["extensionBundle"]["version"].startswith("[4.")
    assert host["telemetryMode"] == "OpenTelemetry"
    kept = host["logging"]["applicationInsights"]["samplingSettings"]["excludedTypes"]
    assert kept.split(";") == ["Request", "Exception", "Trace"]  # no failure, and no line of ours, is sampled away
    sample = json.loads((ROOT / "local.settings.sample.json").read_text(encoding="utf-8"))
    assert sample["IsEncrypted"] is False
    assert sample["Values"]["FUNCTIONS_WORKER_RUNTIME"] == "python"
    assert not any("SECRET" in name or "WEBHOOK" in name for name in sample["Values"])


def test_health_answers_to_anybody_and_says_nothing_else() -> None:
    import azure.functions as func

    from functions.status import health

    answer = health.build().get_user_function()(func.HttpRequest("GET", "/api/health", body=b""))
    assert answer.status_code == 200
    assert sorted(json.loads(answer.get_body())) == ["status", "version"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_pinned_package_is_used() -> None:
    pins = [line.split("==") for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").split()]
    assert all(len(pin) == 2 for pin in pins)
    imported = _imported()
    unused = {name for name, _ in pins if not any(_is_of(module, IMPORTED_AS.get(name, name)) for module in imported)}
    assert unused == NOT_IMPORTED_YET.keys() & unused
    assert NOT_IMPORTED_YET.keys() <= {name for name, _ in pins}


def _is_of(module: str, package: str) -> bool:
    root = package.replace("-", ".")
    return module == root or module.startswith(f"{root}.")


def _imported() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "function_app.py", *(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return found
