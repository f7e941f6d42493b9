"""`dawnwatch demo`: play the morning step by step, tell it in the terminal, and leave a page that shows it all."""

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sandbox.demo.morning import CONFIG, Step, morning, prepare
from sandbox.demo.page import Moment, Story, render_page
from sandbox.loading import load_tenant
from sandbox.server import Sandbox
from shared.cli.streams import open_console
from shared.config import Settings, load_settings
from shared.gather.connections import Connections
from shared.ledger.book import Book
from shared.ledger.sqlite import SqliteStore
from shared.model import Check, Finding, Outcome, Severity
from shared.monitor import run_passes
from shared.notify.channel import is_told
from shared.notify.channels import open_channels
from shared.notify.wording import plural
from shared.ranking import worst_first
from shared.report import finding_json
from shared.reporting import report_target
from shared.rounds import Round, Shell, make_round
from shared.wording import split_causes

_STYLES = {"critical": "bold red", "error": "red", "warning": "yellow", "informational": "dim"}
_SIGNS = {Outcome.CLEAR: ("✓", "green"), Outcome.FINDINGS: ("!", "yellow"), Outcome.UNKNOWN: ("?", "magenta")}
CHECKS = (Check.WORKSPACE_ACCESS, Check.APP_REGISTRATIONS, Check.SNAPSHOT_CURRENCY)


def main(argv: Sequence[str] = ()) -> int:
    """Play the demo; return 0 when the whole story was told."""
    parser = argparse.ArgumentParser(prog="dawnwatch demo", description="A bad morning in a tenant in a box.")
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="where the page goes (default: out/demo)")
    options = parser.parse_args(argv)
    console, started = open_console(), time.perf_counter()
    page = write_page(play(console), options.out)
    took_s = time.perf_counter() - started
    console.print(f"\nPlayed in {took_s:.0f} s with the real Azure SDKs. The cards and events: {page}", soft_wrap=True)
    return 0


def play(console: Console) -> list[Moment]:
    """Play the morning in a box, telling it line by line."""
    tenant, steps = load_tenant("contoso"), morning()
    prepare(tenant)
    with Sandbox(tenant, now=steps[0].at) as box, _environment(box.environment):
        text = box.cloud_toml() + CONFIG.format(tenant=tenant, topic=box.topic_url)
        settings = load_settings(None, {"DAWNWATCH_CONFIG_TOML": text, **box.environment}, notifying=True)
        return asyncio.run(_play(box, settings, steps, console))


def write_page(moments: Sequence[Moment], folder: Path) -> Path:
    """Write the story as one page, and return where."""
    page = folder / "index.html"
    folder.mkdir(parents=True, exist_ok=True)
    page.write_text(render_page(_story(moments)), encoding="utf-8")
    return page


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Sign in as the box's monitor for a while, whatever this machine signs in with otherwise."""
    before = dict(os.environ)
    os.environ.pop("AZURE_TOKEN_CREDENTIALS", None)
    os.environ.update(values, NO_PROXY="localhost,127.0.0.1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def _play(box: Sandbox, settings: Settings, steps: Sequence[Step], console: Console) -> list[Moment]:
    moments: list[Moment] = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            SqliteStore(Path(folder) / "dawnwatch.db") as store,
            open_channels(settings, os.environ) as channels,
            Connections(settings.cloud) as connections,
        ):
            shell = Shell(settings, store, channels, lambda: box.now, partial(run_passes, connections))
            for step in steps:
                step.change(box.tenant())
                box.set_now(step.at)
                moments.append(await _look(box, shell, step))
                _say(moments[-1], console)
    return moments


async def _look(box: Sandbox, shell: Shell, step: Step) -> Moment:
    """Make one round, and the morning report where it is due; what went out is what the box received."""
    target = shell.settings.targets[0]
    cards, events = len(box.teams_messages), len(box.events)
    made = await make_round(shell, target, CHECKS, lambda pages, objects: None)
    await report_target(shell, target)
    known = await Book(shell.store, target.name).incidents()
    findings = worst_first(incident.finding for incident in known if incident.is_open)
    return Moment(
        at=step.at,
        headline=step.headline,
        note=step.note,
        outcome=_outcome(made, findings),
        transitions=[transition for transition in made.transitions if is_told(transition, Severity.WARNING)],
        cards=[message.content["attachments"][0]["content"] for message in box.teams_messages[cards:]],
        events=[event.content for event in box.events[events:]],
        report={"name": target.name, "findings": [finding_json(finding) for finding in findings]},
    )


def _outcome(made: Round, findings: Sequence[Finding]) -> Outcome:
    if not made.is_complete:
        return Outcome.UNKNOWN
    return Outcome.FINDINGS if any(finding.counts for finding in findings) else Outcome.CLEAR


def _story(moments: Sequence[Moment]) -> Story:
    return Story(
        title="A bad morning at Contoso",
        target="contoso",
        moments=moments,
        summary="One look after another at a tenant in a box, with the real Azure SDKs over TLS: what Dawnwatch saw, "
        "when, and what it told Teams and Event Grid.",
    )


def _say(moment: Moment, console: Console) -> None:
    sign, style = _SIGNS[moment.outcome]
    console.print()
    console.print(Text.assemble((f"{moment.at:%H:%M} ", "bold"), (f"{sign} ", style), (moment.headline, "bold")))
    console.print(f"        {moment.note}", style="dim", soft_wrap=True)
    for transition in moment.transitions:
        finding = transition.finding
        kind = Text(f"        {transition.kind.value:<9} ")
        console.print(
            kind.append(f"{finding.severity.value:<13} ", _STYLES[finding.severity]).append(finding.title),
            soft_wrap=True,
        )
        for cause in split_causes(finding.detail)[1]:
            console.print(Text(f"{' ' * 32}likely cause: {cause.partition(';')[0]}", style="yellow"), soft_wrap=True)
    console.print(f"        {_told(moment)}", style="dim")


def _told(moment: Moment) -> str:
    told = [plural(len(moment.cards), "card") + " in Teams"] if moment.cards else []
    told += [plural(len(moment.events), "event") + " on Event Grid"] if moment.events else []
    return f"told: {', '.join(told)}" if told else "nothing to tell"
