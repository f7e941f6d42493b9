"""A tenant in a box that `dawnwatch run` watches: a configuration, a ledger, a clock that the box and the run share."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sandbox import Sandbox, Tenant, load_tenant
from sandbox.demo.morning import CONFIG, DAY, LANDS_AT, give_back, prepare, tidy_up
from shared.cli import run as run_command

FOUR, FIVE_TEN, QUARTER_PAST_SEVEN, EIGHT, TWENTY_PAST_EIGHT, HALF_PAST_NINE = (
    DAY + timedelta(minutes=minutes) for minutes in (240, 310, 435, 480, 500, 570)
)
LANDED = LANDS_AT
CHANGES: Mapping[datetime, Callable[[Tenant], None]] = {FIVE_TEN: tidy_up, TWENTY_PAST_EIGHT: give_back}


@dataclass
class Watched:
    """What a test watches, and the commands that it runs on it."""

    box: Sandbox
    tenant: Tenant
    folder: Path
    environ: Mapping[str, str]

    @property
    def ledger(self) -> Path:
        return self.folder / "dawnwatch.db"

    def run(self, *, at: datetime, **options: object) -> int:
        """Make one tour at an instant, after what happens in the tenant then."""
        if at in CHANGES:
            CHANGES[at](self.tenant)
        self.box.set_now(at)
        given = {"config": self.folder / "dawnwatch.toml", "ledger": None, "target": None, "every": None}
        return run_command.run(argparse.Namespace(**(given | options)), self.environ, clock=lambda: at)

    @property
    def cards(self) -> list[dict[str, object]]:
        return [message.content["attachments"][0]["content"] for message in self.box.teams_messages]


@contextmanager
def watching(folder: Path, patch: pytest.MonkeyPatch, at: datetime, more: str = "") -> Iterator[Watched]:
    """Open a box as it stands on the demo's bad morning."""
    tenant = load_tenant("contoso")
    prepare(tenant)
    with Sandbox(tenant, now=at) as box:
        text = box.cloud_toml() + CONFIG.format(tenant=tenant, topic=box.topic_url) + more
        (folder / "dawnwatch.toml").write_text(text, encoding="utf-8")
        for name, value in box.environment.items():
            patch.setenv(name, value)
        yield Watched(box, tenant, folder, dict(box.environment))
