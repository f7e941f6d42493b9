"""`dawnwatch demo` and `dawnwatch sandbox`: handed over, or told what to install."""

import argparse
from collections.abc import Sequence
from types import ModuleType

import pytest

from shared.cli.command import UsageError
from shared.cli.sandbox import run


def missing(name: str) -> ModuleType:
    raise ModuleNotFoundError(name=name)


def test_the_rest_of_the_arguments_goes_to_the_sandbox() -> None:
    seen: list[Sequence[str]] = []
    module = ModuleType("sandbox.demo")

    def entry(argv: Sequence[str]) -> int:
        seen.append(argv)
        return 7

    module.__dict__["main"] = entry
    args = argparse.Namespace(rest=["--out", "x"])
    assert run(args, {}, module="sandbox.demo", load=lambda name: module) == 7
    assert seen == [["--out", "x"]]


@pytest.mark.parametrize("name", ["sandbox", "trustme", "duckdb_kql"])
def test_a_missing_extra_is_told_with_what_to_install(name: str) -> None:
    with pytest.raises(UsageError, match=rf"module {name} is not installed(.|\n)*uv sync --extra sandbox"):
        run(argparse.Namespace(rest=[]), {}, module="sandbox.demo", load=lambda _: missing(name))


def test_a_fault_of_our_own_is_not_taken_for_a_missing_extra() -> None:
    with pytest.raises(ModuleNotFoundError):
        run(argparse.Namespace(rest=[]), {}, module="sandbox.demo", load=lambda _: missing("shared.nothing"))
