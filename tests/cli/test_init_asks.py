"""`dawnwatch init` at a terminal: what it asks, what it takes for an answer, and what it does with it."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, load_tenant
from tests.cli.initiating import another_workspace

terminals = pytest.importorskip("tests.cli.terminal", reason="needs pseudo-terminals", exc_type=ImportError)


class Sitting:
    """A box, and commands at terminals."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.box, self.folder = box, folder

    def init(self, *options: str) -> Any:
        cloud = self.folder / "cloud.toml"
        cloud.write_text(self.box.cloud_toml(), encoding="utf-8")
        environ = {**self.box.environment, "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "NO_PROXY": "localhost"}
        return terminals.Terminal(["init", "--config", "cloud.toml", *options], environ, self.folder)

    @property
    def written(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "dawnwatch.toml").read_text(encoding="utf-8"))


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    contoso, fabrikam = load_tenant("contoso"), load_tenant("fabrikam")
    fabrikam.monitor.client_id, fabrikam.monitor.client_secret = (
        contoso.monitor.client_id,
        contoso.monitor.client_secret,
    )
    contoso.others += [another_workspace("law-updates", 1, "WaaSUpdateInsights"), another_workspace("law-empty", 2)]
    contoso.application("Desktop-Analytics-Connection").name = "Connection \x1b[2J"
    with Sandbox([contoso, fabrikam]) as box:
        yield Sitting(box, tmp_path)


def test_it_asks_for_the_tenant_the_workspaces_the_credentials_and_consent(sitting: Sitting) -> None:
    with sitting.init() as terminal:
        terminal.expect("Which tenant is to be watched?\n1. Contoso (")
        terminal.expect("Number [1]: ")
        terminal.answer("1")
        terminal.expect("Which workspaces are to be watched?")
        terminal.expect("1. law-contoso in rg-analytics, Contoso: desktop-analytics")
        terminal.expect("2. law-empty in rg-other, Contoso 5ab5c992: nothing recognised")
        terminal.expect("3. law-updates in rg-other, Contoso 5ab5c991: update-reports")
        terminal.expect("Numbers, or all [1, 3]: ")
        terminal.answer("3 , 2")
        terminal.expect("2. those of every app in the tenant")
        terminal.answer("2")
        terminal.expect("Watch the service health of Microsoft Intune too? [Y/n]: ")
        terminal.answer("n")
        terminal.expect("law-updates: the workspace law-updates, update-reports, tenant-attach")
        terminal.expect("Write dawnwatch.toml? [Y/n]: ")
        terminal.answer("y")
        terminal.expect("Wrote dawnwatch.toml. Next: `dawnwatch config check`, then `dawnwatch check`.")
        assert terminal.status() == 0
    assert [(one["name"], one["credentials"]) for one in sitting.written["target"]] == [
        ("law-empty", "listed"),
        ("law-updates", "all"),
    ]
    assert not any("service" in one for one in sitting.written["target"])


def test_an_empty_answer_takes_what_is_offered(sitting: Sitting) -> None:
    with sitting.init() as terminal:
        for prompt in ("Number [1]: ", "Numbers, or all [1, 3]: ", "Number [1]: ", "too? [Y/n]: ", "toml? [Y/n]: "):
            terminal.expect(prompt)
            terminal.answer("")
        assert terminal.status() == 0
    assert [(one["name"], "service" in one) for one in sitting.written["target"]] == [
        ("law-contoso", True),
        ("law-updates", False),
    ]


def test_another_tenant_can_be_picked(sitting: Sitting) -> None:
    with sitting.init("--credentials", "listed") as terminal:
        terminal.expect("Number [1]: ")
        terminal.answer("2")
        terminal.expect("Looking at the tenant Fabrikam")
        for prompt in ("too? [Y/n]: ", "toml? [Y/n]: "):
            terminal.expect(prompt)
            terminal.answer("yes")
        assert terminal.status() == 0
    assert sitting.written["target"][0]["tenant_id"] == sitting.box.tenant("fabrikam").tenant_id


def test_what_is_no_answer_is_asked_again(sitting: Sitting) -> None:
    with sitting.init("--tenant", "Contoso", "--credentials", "all") as terminal:
        for wrong in ("0", "4", "1 x", "1-2"):
            terminal.expect("Numbers, or all [1, 3]: ")
            terminal.answer(wrong)
            terminal.expect("Answer with numbers from 1 to 3")
        terminal.answer("ALL")
        terminal.expect("too? [Y/n]: ")
        terminal.answer("maybe")
        terminal.expect("Answer with y or n.")
        terminal.answer("Y")
        terminal.expect("toml? [Y/n]: ")
        terminal.answer("")
        assert terminal.status() == 0
    assert len(sitting.written["target"]) == 3


def test_a_no_at_the_end_writes_nothing(sitting: Sitting) -> None:
    with sitting.init("--tenant", "Contoso", "--all-workspaces", "--credentials", "all") as terminal:
        terminal.expect("too? [Y/n]: ")
        terminal.answer("y")
        terminal.expect("toml? [Y/n]: ")
        terminal.answer("n")
        terminal.expect("Nothing was written.")
        assert terminal.status() == 2
    assert not (sitting.folder / "dawnwatch.toml").exists()


def test_an_input_that_ends_writes_nothing(sitting: Sitting) -> None:
    with sitting.init() as terminal:
        terminal.expect("Number [1]: ")
        terminal.end()
        terminal.expect("The input ended without an answer.")
        assert terminal.status() == 2
    assert not (sitting.folder / "dawnwatch.toml").exists()


def test_yes_asks_nothing_at_a_terminal_either(sitting: Sitting) -> None:
    with sitting.init("--yes") as terminal:
        assert terminal.status() == 0
        assert "[Y/n]" not in terminal.shown
    assert [one["name"] for one in sitting.written["target"]] == ["law-contoso", "law-updates"]
    text = (sitting.folder / "dawnwatch.toml").read_text(encoding="utf-8")
    assert "# Connection." in text
