"""Where a browser is looked for: nothing is downloaded, and one that is named comes first."""

import sys
from pathlib import Path

import pytest

from sandbox.demo.browser import find_browser
from sandbox.demo.draw import Studio

elsewhere = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="installers' own places are looked at here too"
)


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROME", raising=False)


@elsewhere
def test_a_machine_without_a_browser_has_none() -> None:
    assert find_browser() is None
    with pytest.raises(FileNotFoundError, match="install one, or name it in CHROME"):
        Studio()


def test_the_browser_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = tmp_path / "my browser.exe"
    named.touch()
    monkeypatch.setenv("CHROME", str(named))
    assert find_browser() == named


@elsewhere
def test_a_name_that_is_no_file_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROME", str(tmp_path / "gone"))
    assert find_browser() is None
