"""`dawnwatch doctor`: exit statuses, JSON alone on stdout, a table that a person can copy commands from."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from sandbox import Fault, Sandbox
from shared.cli import main
from tests.doctor.schema import DOCTOR
from tests.watching import DESKTOP_ANALYTICS, assert_no_secret


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox("contoso") as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def config(box: Sandbox, tmp_path: Path) -> str:
    path = tmp_path / "dawnwatch.toml"
    path.write_text(box.cloud_toml() + box.targets_toml() + DESKTOP_ANALYTICS, encoding="utf-8")
    return str(path)


def test_all_is_well_in_a_table(box: Sandbox, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--config", config]) == 0
    streams = capsys.readouterr()
    assert "  OK      Application.Read.All (Microsoft Graph): It works" in streams.out
    assert "All is well: " in streams.out
    assert str(Path(config).with_name("dawnwatch.db")) in "".join(streams.out.split())
    assert streams.err == ""
    assert_no_secret(box, streams.out)


def test_json_stands_alone_on_stdout(box: Sandbox, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--config", config, "--format", "json"]) == 0
    streams = capsys.readouterr()
    diagnosis = json.loads(streams.out)
    jsonschema.validate(diagnosis, DOCTOR)
    assert (diagnosis["outcome"], [target["name"] for target in diagnosis["targets"]]) == ("ok", ["contoso"])
    assert streams.err == ""
    assert_no_secret(box, streams.out)


def test_what_is_missing_makes_it_1_and_its_commands_are_not_broken(
    box: Sandbox, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    box.tenant().monitor.app_roles.clear()
    assert main(["doctor", "--config", config]) == 1
    out = capsys.readouterr().out
    assert "  FAILED  Application.Read.All (Microsoft Graph): The token does not hold it" in out
    grant = f"dawnwatch grant --identity {box.tenant().monitor.object_id}"
    lines = [line.strip() for line in out.splitlines()]
    assert grant in lines
    assert any(line.startswith("az rest --method POST ") and line.endswith('}"') for line in lines)
    assert "Not all is well: 1 failed; " in out


def test_what_could_not_be_told_makes_it_3(box: Sandbox, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    box.faults.add(Fault(service="logs", kind="status", status=403, path_contains=box.tenant().workspace.customer_id))
    assert main(["doctor", "--config", config]) == 3
    assert "could not be told" in capsys.readouterr().out


def test_a_test_is_posted_only_when_asked_for(box: Sandbox, config: str) -> None:
    main(["doctor", "--config", config])
    assert box.teams_messages == []
    main(["doctor", "--config", config, "--post"])
    assert len(box.teams_messages) == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--target", "nobody"], "no target is called nobody"),
        (["--format", "xml"], "choose from"),
        (["--config", "/nowhere/x.toml"], "there is no such file"),
    ],
)
def test_bad_usage_and_configuration_exit_2(
    config: str, capsys: pytest.CaptureFixture[str], args: list[str], said: str
) -> None:
    assert main(["doctor", "--config", config, *args]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert said in streams.err


def test_a_mistake_in_the_configuration_exits_2_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "dawnwatch.toml"
    path.write_text('[[target]]\nname = "contoso"\n', encoding="utf-8")
    assert main(["doctor", "--config", str(path)]) == 2
    assert "tenant_id" in capsys.readouterr().err
