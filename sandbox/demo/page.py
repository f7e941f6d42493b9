"""The demo's last step (pure): the story of a morning becomes one HTML page that needs nothing but itself.

Whatever others wrote is escaped, and stands in the page as text or as JSON that no parser of HTML can leave. The page's
own policy forbids it every connection.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from html import escape

from sandbox.demo.draw import part
from sandbox.demo.timeline import render_timeline
from shared.model import Outcome, Transition, TransitionKind
from shared.notify.wording import label, over_line
from shared.report import Json
from shared.text import plain

OUTCOME_WORDS = {
    Outcome.CLEAR: ("✓", "All clear"),
    Outcome.FINDINGS: ("!", "Findings"),
    Outcome.UNKNOWN: ("?", "Could not look"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One look of the morning: what it came to, and what was told of it.

    `note` says what happened in the tenant, in the story's own words.
    """

    at: datetime
    headline: str
    outcome: Outcome
    note: str = ""
    transitions: Sequence[Transition] = ()
    cards: Sequence[Json] = ()
    events: Sequence[Json] = ()
    report: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A morning of one target: `expected` and `due` are when its snapshot usually comes, and must have come (UTC)."""

    title: str
    target: str
    moments: Sequence[Moment]
    summary: str = ""
    expected: time = time(6, 40)
    due: time = time(8, 0)


def render_page(story: Story) -> str:
    """Return the page."""
    moments = "\n".join(_moment(moment, place) for place, moment in enumerate(story.moments))
    marks = [(moment.at, moment.outcome, moment.headline) for moment in story.moments]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline';
 style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<title>{_text(story.title)} · Dawnwatch</title>
<style>{part("page.css")}{part("stage.css")}</style>
</head>
<body>
<header>
<p class="brand">Dawnwatch</p>
<h1>{_text(story.title)}</h1>
<p class="lead">{_text(story.summary, 600)}</p>
{render_timeline(marks, story.expected, story.due)}
</header>
<main>
<ol class="moments">
{moments}
</ol>
</main>
<footer>{_text(_totals(story), 300)} Cards are drawn by Microsoft's Adaptive Cards renderer 3.0.6, as Teams draws
them. This page loads nothing from anywhere.</footer>
<script>{_script("adaptivecards.min.js")}</script>
<script>{_script("stage.js")}</script>
<script>{_script("page.js")}</script>
</body>
</html>
"""


def _moment(moment: Moment, place: int) -> str:
    sign, word = OUTCOME_WORDS[moment.outcome]
    return f"""<li class="moment {moment.outcome}" id="moment-{place}">
<p class="clock"><time datetime="{moment.at.astimezone(UTC).isoformat()}">{moment.at.astimezone(UTC):%H:%M}</time></p>
<article>
<p class="outcome"><span class="sign" aria-hidden="true">{sign}</span>{word}</p>
<h2>{_text(moment.headline)}</h2>
{_paragraph(moment.note)}
{_told(moment)}
{"".join(_card(card) for card in moment.cards)}
{_folded("Event Grid", "event", moment.events)}
{_folded("The whole report", "", [moment.report] if moment.report else [])}
</article>
</li>"""


def _told(moment: Moment) -> str:
    """What went out, in words: the page's text for those who see no cards."""
    if not moment.transitions and moment.cards:
        return ""
    if not moment.transitions:
        return '<p class="quiet">Nothing new to tell, so nobody is told.</p>'
    lines = "".join(f"<li>{_told_line(transition)}</li>" for transition in moment.transitions)
    return f'<ul class="told">{lines}</ul>'


def _told_line(transition: Transition) -> str:
    if transition.kind is TransitionKind.RESOLVED:
        words, title = over_line(transition.finding)
        return f'<b class="resolved">{words.strip()}</b> {_text(title)}'
    return f'<b class="{transition.finding.severity}">{label(transition)}</b> {_text(transition.finding.title)}'


def _card(card: Json) -> str:
    return f"""<figure class="post"><figcaption><span class="avatar" aria-hidden="true">D</span><b>Dawnwatch</b>
 <span class="via">in Teams</span></figcaption>
<div class="card">{_text(str(card.get("fallbackText", "")), 400)}</div>
<script type="application/json">{_json(card)}</script></figure>"""


def _folded(title: str, noun: str, values: Sequence[Json]) -> str:
    if not values:
        return ""
    count = f": {len(values)} {noun}{'' if len(values) == 1 else 's'}" if noun else ""
    blocks = "".join(f"<pre tabindex=0>{escape(json.dumps(v, indent=2, ensure_ascii=False))}</pre>" for v in values)
    return f"<details><summary>{title}{count}</summary>{blocks}</details>"


def _paragraph(text: str) -> str:
    return f"<p>{_text(text, 1_000)}</p>" if text else ""


def _totals(story: Story) -> str:
    cards = sum(len(moment.cards) for moment in story.moments)
    events = sum(len(moment.events) for moment in story.moments)
    return f"{len(story.moments)} looks, {cards} cards, {events} events."


def _text(text: str, limit: int = 300) -> str:
    return escape(plain(text, limit))


def _json(value: object) -> str:
    """JSON for a script element: with no angle bracket in it, nothing in it can end the element or open another."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _script(name: str) -> str:
    """A script of ours or Microsoft's, without the comment that sends a debugger to the network."""
    return "\n".join(_without_map(part(name).splitlines()))


def _without_map(lines: Sequence[str]) -> Iterator[str]:
    return (line for line in lines if not line.startswith("//# sourceMappingURL="))
