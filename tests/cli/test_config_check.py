"""`dawnwatch config check`: what each target expects, or every mistake."""

from pathlib import Path

import pytest

from shared.cli import main
from tests.config_texts import TENANT, a_target, write


def test_it_prints_what_each_target_expects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = 'profiles = ["desktop-analytics"]\n[[target.app]]\nname = "[red]Hub"\nkind = "connection"\n'
    path = write(tmp_path, a_target(more) + a_target(name="empty"))
    assert main(["config", "check", "--config", str(path)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for said in (
        "contoso workspace law-contoso signs in as the monitor's own identity profiles desktop-analytics",
        "role MALogAnalyticsReader: Log Analytics Reader or Reader",
        "app [red]Hub (connection), with CmCollectionData.read, CmCollectionData.write",
        "snapshot Desktop Analytics, due 08:00 UTC, of the day: MADevice, MADeviceReadiness,",
        "credentials of the apps above, told at 60, 30, 14, 7, 3, 1 days left",
        "Notice: Profile desktop-analytics, used by contoso: Desktop Analytics was retired on 2022-11-30",
        "Notice: Nothing is expected of empty:",
        "The configuration is right: 2 targets, cloud public.",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("proof", "words", "variable"),
    [
        ("", "signs in as the monitor's own identity", None),
        ('federated_by = "system"', "proven by the monitor's system-assigned managed identity", None),
        (f'federated_by = "{TENANT}"', f"proven by the managed identity {TENANT}", None),
        ('certificate_variable = "FABRIKAM_PEM"', "with the certificate in FABRIKAM_PEM", "FABRIKAM_PEM"),
        ('secret_variable = "FABRIKAM_SECRET"', "with the secret in FABRIKAM_SECRET", "FABRIKAM_SECRET"),
    ],
)
def test_it_says_who_signs_in_and_which_variable_is_not_set(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    proof: str,
    words: str,
    variable: str | None,
) -> None:
    path = write(tmp_path, a_target(f'identity = {{ client_id = "{TENANT}", {proof} }}' if proof else ""))
    for held in ("", "hush"):
        if variable:
            monkeypatch.setenv(variable, held)
        assert main(["config", "check", "--config", str(path)]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert words in text
        assert (f"signs in as the app {TENANT}, " in text) is bool(proof)
        warned = f"Warning: {variable}, with which contoso signs in, is not set here: set it where" in text
        assert warned is (variable is not None and not held)
        assert "hush" not in text


def test_it_lists_every_mistake_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "[[target]]\nname = 'X'\n[limit]\n")
    assert main(["config", "check", "--config", str(path)]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.splitlines() == [
        f"{path}: limit: unknown key; did you mean limits?",
        f'{path}: target[0].name: must be 1 to 40 of a-z, 0-9 and -, not "X"',
        f"{path}: target[0].tenant_id: is missing",
        f"{path}: target[0].workspace_id: is missing",
    ]
