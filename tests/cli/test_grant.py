"""`dawnwatch grant`: exit statuses, the question, JSON alone on stdout, commands that are not broken in two."""

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from sandbox import Sandbox
from shared.cli import main
from shared.cli.grant import run
from tests.grant.schema import GRANT
from tests.watching import assert_no_secret

ROOT = Path(__file__).parents[2]
OPTIONS = ("identity", "workspace", "config", "target", "graph_role", "topic", "revoke", "dry_run", "yes", "format")


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Sandbox]:
    """tailspin, signed in to as its administrator; none of its secrets may be said."""
    with Sandbox("tailspin") as running:
        for name, value in (running.environment | running.administrator).items():
            monkeypatch.setenv(name, value)
        yield running
        out, err = capsys.readouterr()
        assert_no_secret(running, out, err)


@pytest.fixture
def config(box: Sandbox, tmp_path: Path) -> Path:
    path = tmp_path / "dawnwatch.toml"
    path.write_text(box.cloud_toml() + box.targets_toml() + 'profiles = ["intune-logs"]\n', encoding="utf-8")
    return path


def grant(config: Path, *options: str, identity: str = "Dawnwatch") -> int:
    return main(["grant", "--config", str(config), "--identity", identity, *options])


def asking(config: Path, answer: str | None) -> int:
    """Run it where a person answers, or where there is no terminal."""
    given = dict.fromkeys(OPTIONS) | {"identity": "Dawnwatch", "config": config, "format": "table"}
    return run(argparse.Namespace(**given), os.environ, answer=lambda: answer)


def writes(box: Sandbox) -> int:
    return sum(call.method in {"PUT", "DELETE"} or "appRoleAssignedTo" in call.path for call in box.requests)


def test_a_grant_lets_the_monitor_look_and_a_revocation_ends_that(
    box: Sandbox, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def look() -> str:
        for name, value in box.environment.items():
            monkeypatch.setenv(name, value)
        main(["check", "--config", str(config), "--at", "2026-11-23T09:00:00Z", "--format", "json"])
        for name, value in box.administrator.items():
            monkeypatch.setenv(name, value)
        return str(json.loads(capsys.readouterr().out)["outcome"])

    assert look() == "unknown"
    assert grant(config, "--yes") == 0
    capsys.readouterr()
    assert look() == "clear"
    assert grant(config, "--revoke", "--yes") == 0
    capsys.readouterr()
    assert look() == "unknown"


def test_what_the_doctor_says_to_run_makes_it_well(
    box: Sandbox, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sign_in(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    sign_in(box.environment)
    assert main(["doctor", "--config", str(config)]) in {1, 3}
    said = {line.strip() for line in capsys.readouterr().out.splitlines()}
    commands = [shlex.split(line)[1:] for line in said if line.startswith("dawnwatch grant ")]
    assert commands
    sign_in(box.administrator)
    for command in commands:
        assert main([*command, "--config", str(config), "--yes"]) == 0
    capsys.readouterr()
    sign_in(box.environment)
    assert main(["doctor", "--config", str(config)]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "status", "closing", "changes"),
    [
        (["--dry-run"], 1, "To be added: 3 permissions.", 0),
        (["--dry-run", "--yes"], 1, "To be added: 3 permissions.", 0),
        (["--yes"], 0, "Added: 3 permissions.", 3),
        (["--revoke", "--dry-run"], 0, "Nothing to do.", 0),
    ],
)
def test_the_exit_status_says_whether_anything_is_left_to_do(
    box: Sandbox,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    status: int,
    closing: str,
    changes: int,
) -> None:
    assert grant(config, *options) == status
    streams = capsys.readouterr()
    assert streams.out.rstrip().endswith(closing)
    assert streams.err == ""
    assert writes(box) == changes


@pytest.mark.parametrize(
    ("answer", "status", "said", "changes"),
    [
        ("y\n", 0, "", 3),
        ("Yes\n", 0, "", 3),
        ("\n", 1, "Nothing was changed.\n", 0),
        ("", 1, "Nothing was changed.\n", 0),
        ("no\n", 1, "Nothing was changed.\n", 0),
        (None, 1, "Nothing was changed: there is no terminal to ask at.", 0),
    ],
)
def test_the_plan_is_shown_before_it_is_asked_about(
    box: Sandbox,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    answer: str | None,
    status: int,
    said: str,
    changes: int,
) -> None:
    assert asking(config, answer) == status
    streams = capsys.readouterr()
    assert streams.out.count("To be added: 3 permissions.") == 1
    assert streams.out.count("Added: 3 permissions.") == (status == 0)
    assert said in streams.err
    assert writes(box) == changes


def test_where_there_is_nothing_to_do_nobody_is_asked(
    box: Sandbox, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grant(config, "--yes") == 0
    capsys.readouterr()
    assert asking(config, None) == 0
    streams = capsys.readouterr()
    assert "Nothing to do." in streams.out
    assert streams.err == ""


@pytest.mark.parametrize(
    ("options", "status", "outcome", "acted"),
    [([], 1, "planned", False), (["--dry-run"], 1, "planned", False), (["--yes"], 0, "done", True)],
)
def test_json_stands_alone_on_stdout_and_never_asks(
    box: Sandbox,
    config: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    status: int,
    outcome: str,
    acted: bool,
) -> None:
    assert grant(config, "--format", "json", *options) == status
    streams = capsys.readouterr()
    body = json.loads(streams.out)
    jsonschema.validate(body, GRANT)
    assert (body["outcome"], body["acted"], body["tenant_id"]) == (outcome, acted, box.tenant().tenant_id)
    assert ("add --yes to go on" in streams.err) is (options == [])


def test_a_refusal_is_status_3_and_says_what_to_run_instead_on_lines_of_their_own(
    box: Sandbox, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant = box.tenant()
    tenant.unassign_roles("Administrator")
    tenant.assign_role("Administrator", "Reader", "subscription")
    assert grant(config, "--yes") == 3
    out = capsys.readouterr().out
    lines = [line.strip() for line in out.splitlines()]
    who, workspace = tenant.monitor.object_id, tenant.workspace.id
    assert f"dawnwatch grant --identity {who} --workspace {workspace} --config {config}" in lines
    made = f"az role assignment create --assignee-object-id {who} --assignee-principal-type ServicePrincipal"
    assert f"{made} --role Reader --scope {workspace}" in lines
    assert lines[-1] == "Added: 1 permission. Refused: 2 permissions."
    assert grant(config, "--yes", "--format", "json") == 3
    jsonschema.validate(json.loads(capsys.readouterr().out), GRANT)


def test_what_is_not_there_is_status_2_and_each_mistake_is_a_line(
    box: Sandbox, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = box.tenant().workspace.id + "2"
    assert grant(config, "--yes", "--workspace", gone, identity="Nobody") == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert [line.split(": ")[1] for line in streams.err.splitlines()] == ["--identity", "--workspace"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workspace", "law"], "--workspace: must be the workspace's resource id"),
        (["--target", "fabrikam"], "no target is called fabrikam"),
        (["--target", "tailspin", "--workspace", "law"], "--target: name targets, or workspaces"),
        (["--graph-role", "Mail.Send"], '--graph-role: "Mail.Send" is no permission to read'),
        (["--topic", "evgt"], "--topic: must be the topic's resource id"),
    ],
)
def test_bad_usage_is_status_2_and_nobody_is_signed_in(
    box: Sandbox, config: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert grant(config, *options) == 2
    assert said in capsys.readouterr().err
    assert box.requests == []


def test_an_identity_that_cannot_be_looked_up_is_status_3_with_all_that_is_to_be_run(
    box: Sandbox, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    administrator = box.tenant().administrator
    assert administrator is not None
    administrator.app_roles.clear()
    assert grant(config, "--yes") == 3
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.rstrip().endswith(f"--workspace {box.tenant().workspace.id} --config {config}")


def test_without_a_configuration_workspaces_can_be_named(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["grant", "--identity", "Dawnwatch"]) == 2
    assert "dawnwatch.toml: there is no such file" in capsys.readouterr().err
    monkeypatch.setenv("DAWNWATCH_CLOUD_NAME", "custom")
    for key in ("AUTHORITY", "RESOURCE_MANAGER", "GRAPH", "LOG_ANALYTICS"):
        monkeypatch.setenv(f"DAWNWATCH_CLOUD_{key}", box.url)
    assert main(["grant", "--identity", "Dawnwatch", "--workspace", box.tenant().workspace.id, "--yes"]) == 0
    assert "Added: 3 permissions." in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_person_at_a_terminal_is_asked(box: Sandbox, config: Path) -> None:
    import pty

    terminal, theirs = pty.openpty()
    command = [sys.executable, "-m", "shared.cli", "grant", "--config", str(config), "--identity", "Dawnwatch"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        os.write(terminal, b"y\n")
        out, err = child.communicate(timeout=60)
    os.close(terminal)
    os.close(theirs)
    assert (child.returncode, err) == (0, "Go on? [y/N] ")
    assert out.index("To be added: 3") < out.index("Added: 3")
