"""Examining a tenant in a box, as the command and the app do, with nothing of its secrets in what comes of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shared.config import Settings, load_settings
from shared.doctor import Diagnosis, Point, Verdict, doctor_json, examine
from shared.doctor.examine import Where
from tests.watching import DESKTOP_ANALYTICS, Watch

CHANNELS = '\n[notify.teams]\n[notify.event_grid]\ntopic = "{topic}"\n'
SERVICE = '\n[[target.service]]\nname = "Microsoft Intune"\n'
WHOLE = DESKTOP_ANALYTICS + SERVICE


@dataclass
class Examined:
    """A diagnosis of one target, by the names of its points."""

    diagnosis: Diagnosis
    points: dict[str, Point] = field(init=False)

    def __post_init__(self) -> None:
        targets = [point for target in self.diagnosis.targets for point in target.points]
        self.points = {point.what: point for point in (*targets, *self.diagnosis.points)}

    def not_ok(self) -> dict[str, Verdict]:
        return {what: point.verdict for what, point in self.points.items() if point.verdict is not Verdict.OK}


def settings_of(watch: Watch) -> Settings:
    config = watch.config + CHANNELS.format(topic=watch.box.topic_url)
    return load_settings(None, {"DAWNWATCH_CONFIG_TOML": config, **watch.box.environment})


def examined(
    watch: Watch,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    now: datetime | None = None,
    post: bool = False,
    ledger: str | None = "dawnwatch.db",
) -> Examined:
    settings = settings_of(watch)
    environ = watch.box.environment if environ is None else environ
    where = None if ledger is None else Where(ledger, folder)
    examining = examine(settings, settings.targets, environ, now or datetime.now(UTC), where=where, post=post)
    diagnosis = asyncio.run(examining)
    watch.said.append(doctor_json(diagnosis))
    return Examined(diagnosis)
