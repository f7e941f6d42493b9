"""The command as people run it, against a tenant in a box: what it says where, and the status that it leaves with."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sandbox import Sandbox, Tenant, load_tenant
from shared.cli import main
from tests.report_schema import REPORT
from tests.watching import DESKTOP_ANALYTICS, HURRIED, Watch, Watching, assert_no_secret

ROOT = Path(__file__).parents[1]
AT = "2026-11-23T04:00:00Z"
NOTIFY = '[notify.teams]\nmin_severity = "warning"\n[notify.event_grid]\ntopic = "{topic}"\n'
VALIDATOR = Draft202012Validator(REPORT)
type Change = Callable[[Tenant], object]


def _lose_role(tenant: Tenant) -> None:
    tenant.unassign_roles("MALogAnalyticsReader")


def _leave_orphan(tenant: Tenant) -> None:
    tenant.assign_role("0abcdef0-0000-4000-8000-00000000dead", "Reader")


def _write(folder: Path, text: str) -> str:
    path = folder / "dawnwatch.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _run(*arguments: str, environ: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, warnings and all."""
    keep = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "SYSTEMROOT", "TEMP"}}
    return subprocess.run(
        [sys.executable, "-m", "shared.cli", *arguments],
        env={**keep, "PYTHONPATH": str(ROOT), "NO_PROXY": "localhost", "AZURE_TOKEN_CREDENTIALS": "prod", **environ},
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def _valid(text: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(text)
    assert [error.message for error in VALIDATOR.iter_errors(report)] == []
    return report


# --- in a process of its own ---


@pytest.mark.parametrize(
    ("change", "fault", "status", "outcome"),
    [
        (lambda tenant: None, None, 0, "clear"),
        (_lose_role, None, 1, "findings"),
        (_lose_role, "logs:forbidden", 3, "unknown"),
        (lambda tenant: setattr(tenant.monitor, "client_secret", "another~secret~0123456789"), None, 3, "unknown"),
    ],
    ids=["clear", "findings", "unread", "refused"],
)
def test_the_commands_status_streams_and_report(
    watching: Watching, tmp_path: Path, change: Change, fault: str | None, status: int, outcome: str
) -> None:
    watch = watching(limits=HURRIED)
    environ = watch.box.environment
    change(watch.tenant)
    if fault:
        watch.break_down(fault)
    ran = _run(
        "check",
        "--config",
        _write(tmp_path, watch.config),
        "--format",
        "json",
        "--at",
        AT,
        environ=environ,
        cwd=tmp_path,
    )
    assert (ran.returncode, ran.stderr) == (status, "")
    report = _valid(ran.stdout)
    assert (report["outcome"], report["at"]) == (outcome, AT)
    assert len(report["notices"]) == 1  # Desktop Analytics was retired
    assert_no_secret(watch.box, ran.stdout, ran.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["dawnwatch.toml"]


def test_mistakes_leave_with_status_2_and_nothing_on_stdout(tmp_path: Path) -> None:
    config = _write(tmp_path, '[[target]]\nname = "A b"\nworkspace_id = "x"\ncolour = "red"\n')
    ran = _run("check", "--config", config, environ={}, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert all(key in ran.stderr for key in ("name", "tenant_id", "workspace_id", "colour"))
    assert "Traceback" not in ran.stderr


def test_the_demo_tells_its_story_and_leaves_a_page(tmp_path: Path) -> None:
    ran = _run("demo", environ={}, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    for said in ("04:00", "05:10", "07:15", "08:00", "08:20", "09:05", "likely cause", "out/demo/index.html"):
        assert said.replace("/", os.sep) in ran.stdout
    page = (tmp_path / "out/demo/index.html").read_text(encoding="utf-8")
    assert "dawnwatch.finding.opened" in page
    assert "dawnwatch.finding.resolved" in page
    tenant = load_tenant("contoso")
    for text in (ran.stdout, page):
        assert not [secret for secret in tenant.secrets if len(secret) > 3 and secret in text]
        assert "sig=" not in text
        assert "Bearer" not in text


def test_the_sandbox_says_what_a_client_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "shared.cli", "sandbox", "contoso"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8") as served:
        said = _until(served, "DAWNWATCH_TEAMS_WEBHOOK_URL")
        served.terminate()
    assert 'name = "custom"' in said
    assert "export AZURE_CLIENT_SECRET=" in said


def _until(served: subprocess.Popen[str], last: str) -> str:
    said = ""
    assert served.stdout is not None
    for line in served.stdout:
        said += line
        if last in line:
            return said
    return said


# --- in this process: what else the command takes ---


def _main(watch: Watch, folder: Path, *arguments: str) -> int:
    return main(["check", "--config", _write(folder, watch.config), "--at", AT, *arguments])


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_every_format_says_the_finding_and_leaves_with_the_same_status(
    watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    watch = watching()
    _lose_role(watch.tenant)
    assert _main(watch, tmp_path, "--format", form) == 1
    out, err = capsys.readouterr()
    assert "MALogAnalyticsReader" in out
    assert err == ""
    assert_no_secret(watch.box, out, err)


def test_informational_findings_leave_with_0(
    watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = watching()
    _leave_orphan(watch.tenant)
    assert _main(watch, tmp_path, "--format", "json") == 0
    report = _valid(capsys.readouterr().out)
    assert [finding["id"] for finding in report["targets"][0]["findings"]] == ["access.orphaned"]
    assert report["outcome"] == "clear"


def test_only_runs_only_the_checks_that_are_named(
    watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = watching()
    assert _main(watch, tmp_path, "--format", "json", "--only", "snapshot-currency") == 0
    checks = _valid(capsys.readouterr().out)["targets"][0]["checks"]
    assert [check["check"] for check in checks] == ["snapshot-currency"]
    assert not watch.calls("graph")


def test_target_looks_only_at_the_targets_that_are_named(
    watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = watching()
    watch.expected += "[[target]]" + watch.config.partition("[[target]]")[2].replace('"contoso"', '"second"')
    assert _main(watch, tmp_path, "--format", "json", "--target", "second") in {0, 1}
    assert [target["name"] for target in _valid(capsys.readouterr().out)["targets"]] == ["second"]
    assert _main(watch, tmp_path, "--target", "third") == 2


def test_at_judges_as_of_then(watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = watching()
    watch.tenant.table("MADevice").drop(watch.box.now.date())
    config = _write(tmp_path, watch.config)
    for at, found in (("07:00:00", ["snapshot.at_risk"]), ("08:00:00", ["snapshot.partial"])):
        moment = watch.box.now.replace(hour=int(at[:2]))
        watch.box.set_now(moment)
        main(["check", "--config", config, "--format", "json", "--at", f"2026-11-23T{at}Z"])
        report = _valid(capsys.readouterr().out)
        assert [finding["id"] for finding in report["targets"][0]["findings"]] == found


def test_notify_tells_both_channels(watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = watching(limits=HURRIED)
    watch.expected += NOTIFY.format(topic=watch.box.topic_url)
    _lose_role(watch.tenant)
    assert _main(watch, tmp_path, "--format", "json", "--notify") == 1
    report = _valid(capsys.readouterr().out)
    assert len(watch.box.teams_messages) == 1
    assert watch.box.teams_messages[0].failed is None
    (event,) = watch.box.events
    assert event.type == "dawnwatch.finding.opened"
    said = json.dumps([watch.box.teams_messages[0].content, event.content])
    assert report["targets"][0]["findings"][0]["title"] in said
    assert_no_secret(watch.box, said)


def test_a_channel_that_is_down_leaves_with_3_and_the_other_is_told(
    watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = watching(limits=HURRIED)
    watch.expected += NOTIFY.format(topic=watch.box.topic_url)
    _lose_role(watch.tenant)
    watch.break_down("teams:status", status=404)
    assert _main(watch, tmp_path, "--format", "json", "--notify") == 3
    out, err = capsys.readouterr()
    assert _valid(out)["outcome"] == "findings"
    assert err.startswith("Not delivered: ")
    assert err.count("\n") == 1
    assert len(watch.box.events) == 1
    assert_no_secret(watch.box, out, err)


def test_nothing_to_tell_is_not_told(watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = watching()
    watch.expected += NOTIFY.format(topic=watch.box.topic_url)
    assert _main(watch, tmp_path, "--format", "json", "--notify") == 0
    _valid(capsys.readouterr().out)
    assert not watch.box.teams_messages
    assert not watch.box.events


def test_config_check_says_what_is_expected(
    watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = watching()
    assert main(["config", "check", "--config", _write(tmp_path, watch.config)]) == 0
    out, _ = capsys.readouterr()
    assert "contoso" in out
    assert not watch.box.requests


def test_two_tenants_of_one_box_are_looked_at_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contoso, fabrikam = load_tenant("contoso"), load_tenant("fabrikam")
    fabrikam.monitor.client_id, fabrikam.monitor.client_secret = (
        contoso.monitor.client_id,
        contoso.monitor.client_secret,
    )
    with Sandbox([contoso, fabrikam], now=fabrikam.now) as box:
        for name, value in box.environment.items():
            monkeypatch.setenv(name, value)
        expected = {contoso.name: DESKTOP_ANALYTICS, fabrikam.name: 'profiles = ["intune-logs"]\n'}
        text = box.cloud_toml() + "".join(
            f'[[target]]\nname = "{one.name}"\ntenant_id = "{one.tenant_id}"\n'
            f'workspace_id = "{one.workspace.id}"\n{expected[one.name]}'
            for one in (contoso, fabrikam)
        )
        status = main(["check", "--config", _write(tmp_path, text), "--format", "json", "--at", "2026-11-23T09:00:00Z"])
        report = _valid(capsys.readouterr().out)
        assert_no_secret(box, json.dumps(report))
    first, second = report["targets"]
    assert status == 1
    assert (first["name"], first["findings"]) == ("contoso", [])
    assert [finding["id"] for finding in second["findings"]] == ["snapshot.partial", "access.orphaned"]
