"""What every answer over HTTP has: JSON under strict headers, and whether the app is alive."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.version import VERSION

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its body is JSON."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=lambda: HEADERS)


def answer(status: int, body: Mapping[str, object], **headers: str) -> Answer:
    """Spell an answer, in ASCII."""
    return Answer(status, json.dumps(body, indent=2), {**HEADERS, **headers})


def health() -> Answer:
    """Say that the app is alive, and its version; nothing else."""
    return answer(200, {"status": "alive", "version": VERSION})
