"""Running `dawnwatch init` against a box, at the box's time."""

import argparse
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox.records import Table, Workspace
from shared.cli import init, main
from shared.cli.program import guarded
from tests.watching import Watch


@dataclass
class Initiating:
    """A box, the folder that is written to, and what was said."""

    watch: Watch
    folder: Path
    capsys: pytest.CaptureFixture[str]
    said: str = ""

    @property
    def file(self) -> Path:
        return self.folder / "dawnwatch.toml"

    @property
    def written(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text(encoding="utf-8"))

    @property
    def words(self) -> str:
        """The file as running text, its comment signs gone."""
        return " ".join(self.file.read_text(encoding="utf-8").replace("\n#", " ").split())

    def init(self, *options: str, output: str | None = None) -> int:
        """Run the command; the status is as the command's."""
        cloud = self.folder / "cloud.toml"
        cloud.write_text(self.watch.box.cloud_toml() + self.watch.limits, encoding="utf-8")
        chosen = ["--config", str(cloud), "--output", output or str(self.file), *options]
        try:
            status = guarded(parse(*chosen, clock=lambda: self.watch.box.now))
        except SystemExit as left:  # argparse's way
            status = int(left.code or 0)
        cloud.unlink()
        self._listen()
        return status

    def run(self, *command: str) -> int:
        """Run another command on the file that was written."""
        status = main([*command, "--config", str(self.file)])
        self._listen()
        return status

    def _listen(self) -> None:
        out, self.said = self.capsys.readouterr()
        self.watch.said += [out, self.said]


def parse(*options: str, **more: Any) -> argparse.Namespace:
    """The arguments of the command; `more` are given to its function."""
    parser = argparse.ArgumentParser(prog="dawnwatch")
    init.add_to(parser.add_subparsers())
    args = parser.parse_args(["init", *options])
    args.run = partial(init.run, **more)
    return args


def clear_environment(patch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Take away who could sign in, and where `az` is."""
    for name in list(os.environ):
        if name.startswith("AZURE_"):
            patch.delenv(name)
    patch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    patch.setenv("PATH", "/nowhere")
    return os.environ


def another_workspace(
    name: str, number: int, *solutions: str, owner: str | None = None
) -> tuple[Workspace, list[Table]]:
    """One more workspace, in a subscription of its own."""
    return (
        Workspace(
            subscription_id=f"5ab5c99{number}-2222-4333-8444-555566667777",
            resource_group="rg-other",
            name=name,
            customer_id=f"cc5b02d{number}-5bf4-430c-9487-45502a2a7e62",
            solutions=list(solutions),
            owner_tenant=owner,
        ),
        [],
    )
