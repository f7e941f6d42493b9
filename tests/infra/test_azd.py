"""azure.yaml and its hooks: what azd is told, and what its hooks really do when it calls them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / "infra" / "hooks"
NAMES = ("preprovision", "prepackage", "postprovision")
CONFIG = """
[[target]]
name = "contoso"
tenant_id = "00000000-0000-0000-0000-000000000001"
workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg/providers/\
Microsoft.OperationalInsights/workspaces/law"
"""


def read_yaml(text: str) -> dict[str, object]:
    """Read the little of YAML that azure.yaml is written in: mappings within mappings, and scalars."""
    top: dict[str, object] = {}
    open_at = [(-1, top)]
    for line in text.splitlines():
        bare = line.partition(" #")[0].rstrip()
        if not bare or bare.startswith("#"):
            continue
        indent = len(bare) - len(bare.lstrip())
        key, colon, value = bare.strip().partition(":")
        assert colon, line
        assert indent % 2 == 0, line
        while open_at[-1][0] >= indent:
            open_at.pop()
        inner: dict[str, object] = {}
        assert key not in open_at[-1][1], f"{key} is there twice"
        open_at[-1][1][key] = value.strip().strip('"') if value else inner
        if not value:
            open_at.append((indent, inner))
    return top


SAID = read_yaml((ROOT / "azure.yaml").read_text(encoding="utf-8"))


def at(*path: str) -> object:
    found: object = SAID
    for key in path:
        assert isinstance(found, dict)
        found = found[key]
    return found


def test_the_package_is_deployed_as_it_is() -> None:
    service = at("services", "monitor")
    assert isinstance(service, dict)
    assert {name: value for name, value in service.items() if name != "hooks"} == {
        "host": "function",
        "language": "python",
        "project": ".",
        "dist": "build/package",
        "remoteBuild": "false",
    }
    assert at("requiredVersions", "azd") == ">= 1.23.5"
    assert at("infra") == {"provider": "bicep", "path": "infra", "module": "main"}


@pytest.mark.parametrize(
    ("path", "hook"),
    [
        (("services", "monitor", "hooks"), "prepackage"),
        (("hooks",), "preprovision"),
        (("hooks",), "postprovision"),
    ],
)
def test_a_hook_has_a_script_for_each_system(path: tuple[str, ...], hook: str) -> None:
    assert at(*path, hook, "posix", "shell") == "sh"
    assert at(*path, hook, "windows", "shell") == "pwsh"
    scripts = [str(at(*path, hook, system, "run")) for system in ("posix", "windows")]
    assert scripts == [f"infra/hooks/{hook}.sh", f"infra/hooks/{hook}.ps1"]
    assert all((ROOT / script).is_file() for script in scripts)


def test_only_granting_may_fail_without_stopping_azd() -> None:
    assert at("hooks", "postprovision", "posix", "continueOnError") == "true"
    assert at("hooks", "postprovision", "windows", "continueOnError") == "true"
    assert "continueOnError" not in str(at("hooks", "preprovision"))
    assert "continueOnError" not in str(at("services"))


@pytest.mark.parametrize("name", NAMES)
def test_both_scripts_of_a_hook_do_the_same(name: str) -> None:
    scripts = [(HOOKS / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("sh", "ps1")]
    ran = [text.partition('run.sh" ')[2] or text.partition("'run.ps1') ")[2] for text in scripts]
    assert ran[0].splitlines()[0] == ran[1].splitlines()[0]
    assert {line for line in scripts[0].splitlines() if line.startswith("# ")} == {
        line for line in scripts[1].splitlines() if line.startswith("# ")
    }


SHELLS = {
    "sh": ("sh",),
    "ps1": ("pwsh", "-NoProfile", "-File"),
}


def call(kind: str, environ: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Call a hook as azd does: by its path, from another folder, with what azd knows in the environment."""
    shell = SHELLS[kind]
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    if not (ROOT / ".venv").is_dir() and shutil.which("uv") is None:
        pytest.skip("neither .venv nor uv is there for the hooks to run Python with")
    known = {name: value for name, value in os.environ.items() if not name.startswith("DAWNWATCH_")}
    return subprocess.run(
        [*shell, str(HOOKS / f"preprovision.{kind}")],
        cwd=folder,
        env={**known, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("kind", SHELLS)
def test_the_hook_stops_azd_before_anything_is_changed(kind: str, tmp_path: Path) -> None:
    retired = "https://contoso.webhook.office.com/webhookb2/SECRET"
    ran = call(kind, {"DAWNWATCH_CONFIG_TOML": CONFIG, "DAWNWATCH_TEAMS_WEBHOOK_URL": retired}, tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.startswith("Nothing was changed. First:\n- DAWNWATCH_TEAMS_WEBHOOK_URL is no webhook")
    assert "SECRET" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("kind", SHELLS)
def test_the_hook_lets_azd_go_on_where_all_is_right(kind: str, tmp_path: Path) -> None:
    ran = call(kind, {"DAWNWATCH_CONFIG_TOML": CONFIG}, tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_without_the_project_a_hook_says_what_to_install(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("sh is for the others")
    copy = Path(shutil.copytree(HOOKS, tmp_path / "infra" / "hooks"))
    sh = shutil.which("sh") or "/bin/sh"
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "sh"):
        (tools / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
    ran = subprocess.run(
        [sh, str(copy / "preprovision.sh")],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert ran.returncode == 1
    assert "install uv" in ran.stderr
