"""What `make infra` makes of what it sees: objections, what is accepted, a compiler that is not there."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.infra.foreseen import INFRA
from tools import infra
from tools.bicep import HOW_TO_INSTALL, MADE_WITH, PARAMETERS, Bicep, find
from tools.checkov import Accepted, Objection, judge, load_accepted

BOTH, MAIN_ONLY = Accepted("CKV_1", "for a reason"), Accepted("CKV_1", "for a reason", only="main")
IN_MAIN, ELSEWHERE = Objection("CKV_1", "main"), Objection("CKV_1", "everything")

JUDGED: Mapping[str, tuple[tuple[Objection, ...], tuple[Accepted, ...], tuple[str, ...]]] = {
    "nothing objected to": ((), (), ()),
    "an objection": ((IN_MAIN,), (), ("main: CKV_1: Ensure",)),
    "one that is accepted": ((IN_MAIN, ELSEWHERE), (BOTH,), ()),
    "one that is accepted in the other deployment alone": (
        (IN_MAIN, ELSEWHERE),
        (MAIN_ONLY,),
        ("everything: CKV_1: Ensure",),
    ),
    "what is accepted and broken nowhere": ((), (BOTH,), ("CKV_1 is accepted and broken nowhere",)),
    "what is accepted where it is not broken": (
        (ELSEWHERE,),
        (MAIN_ONLY,),
        ("everything: CKV_1: Ensure", "CKV_1 is accepted and broken nowhere"),
    ),
}


@pytest.mark.parametrize("case", JUDGED)
def test_objections_and_what_is_accepted_are_held_against_each_other(case: str) -> None:
    objections, accepted, expected = JUDGED[case]
    said = list(judge(objections, accepted, {"CKV_1": "Ensure"}))
    assert len(said) == len(expected)
    assert all(part in line for part, line in zip(expected, said, strict=True))


def test_everything_that_is_accepted_has_a_reason() -> None:
    rows = load_accepted()
    assert len({row.rule for row in rows}) == len(rows)
    assert all(re.fullmatch(r"CKV2?_AZURE_\d+", row.rule) and row.reason.endswith(".") for row in rows)
    assert {row.only for row in rows} <= {None, "main"}


def test_without_a_compiler_the_gate_fails_and_the_quick_one_says_that_it_was_skipped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert infra.main(["--quick"], lambda: None) == 0
    assert capsys.readouterr().out == f"infra: not checked. {HOW_TO_INSTALL}\n"
    assert infra.main([], lambda: None) == 1
    assert capsys.readouterr().out == f"{HOW_TO_INSTALL}\n"


def test_a_compiler_is_found_where_the_azure_cli_puts_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "bin" / ("bicep.exe" if os.name == "nt" else "bicep")
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    assert find() == Bicep(program)


def test_every_parameter_file_is_among_those_that_are_foreseen() -> None:
    assert sorted(INFRA.rglob("*.bicepparam")) == sorted(PARAMETERS)


@pytest.mark.parametrize("page", [".github/workflows/ci.yml", "docs/deploy.md"])
def test_what_is_installed_is_what_the_snapshots_were_made_with(page: str) -> None:
    text = (INFRA.parent / page).read_text(encoding="utf-8")
    assert re.findall(r"az bicep install --version v([0-9.]+)", text) == [MADE_WITH]
