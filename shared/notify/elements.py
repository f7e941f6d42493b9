"""The bricks of a card (pure), Adaptive Card 1.5. All foreign text goes into text runs, which parse no markdown."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from shared.text import WORD_JOINER, plain

type Element = dict[str, object]

_LINK_AT_MOST = 1500  # characters; blade links with an encoded resource id need about 400
_BUTTONS = {
    "portal.azure.com": "Open in the Azure portal",
    "portal.azure.us": "Open in the Azure portal",
    "portal.azure.cn": "Open in the Azure portal",
    "entra.microsoft.com": "Open in Microsoft Entra",
    "entra.microsoft.us": "Open in Microsoft Entra",
    "intune.microsoft.com": "Open in Intune",
    "admin.microsoft.com": "Open in the Microsoft 365 admin center",
}


def run(text: str, limit: int, **style: object) -> Element:
    """Return a text run of `plain` text. Cards expand {{DATE(…)}} even there: a joiner stops it."""
    return {"type": "TextRun", "text": plain(text, limit).replace("{{", f"{{{WORD_JOINER}{{"), **style}


def line(*runs: Element, **style: object) -> Element:
    """Return one paragraph made of text runs."""
    return {"type": "RichTextBlock", "inlines": list(runs), **style}


def gap() -> Element:
    """Return the space between two runs, which `plain` would take off their ends."""
    return {"type": "TextRun", "text": " "}


def fact_set(facts: Sequence[tuple[str, str]]) -> Element:
    """Return a table of facts. Teams parses markdown in it: only our own words and times belong here."""
    return {"type": "FactSet", "facts": [{"title": title, "value": value} for title, value in facts]}


def container(items: Sequence[Element], style: str, **more: object) -> Element:
    """Return items in a box of one of the renderer's own styles: it fits light, dark and high contrast by itself."""
    return {"type": "Container", "style": style, "items": list(items), **more}


def action_set(action: Element) -> Element:
    """Return a row with one button."""
    return {"type": "ActionSet", "actions": [action]}


def open_url(link: str | None, title: str | None = None) -> Element | None:
    """Return a button for an https link, None for anything else; named by the portal that it opens."""
    host = _https_host(link)
    if link is None or host is None:
        return None
    return {"type": "Action.OpenUrl", "title": title or _BUTTONS.get(host, "Open"), "url": link}


def encoded(value: object) -> bytes:
    """Return JSON as it goes over the wire: compact, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _https_host(link: str | None) -> str | None:
    if not link or len(link) > _LINK_AT_MOST or not link.isascii() or not link.isprintable() or " " in link:
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    return parts.hostname if parts.scheme == "https" and "@" not in parts.netloc else None
