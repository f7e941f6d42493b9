"""What a Teams webhook's URL gives away by its looks (pure). It is a secret: nothing but its host is ever shown."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from shared.config.environment import CONNECTORS, UNRESOLVED
from shared.doctor.diagnosis import Verdict

_WORKFLOWS = re.compile(r"\.logic\.azure\.(com|us|cn)$|\.environment\.api\.([a-z]+\.)?powerplatform\.[a-z.]+$")
_VARIABLE = "DAWNWATCH_TEAMS_WEBHOOK_URL"
_NEW = (
    "In Teams, open the channel's Workflows, choose Send webhook alerts to a channel, and put its URL into "
    f"{_VARIABLE}."
)


@dataclass(frozen=True, slots=True)
class Looks:
    """What is wrong with a URL by its looks."""

    verdict: Verdict
    why: str


def judge_looks(url: str, *, is_any_host: bool = False) -> Looks | None:
    """Say what is wrong with a webhook's URL, or None; `is_any_host` lets hosts of one's own through."""
    if not url:
        return Looks(Verdict.FAILED, f"{_VARIABLE} is not set. {_NEW}")
    if url.lower().startswith(UNRESOLVED):
        return Looks(Verdict.FAILED, f"The Key Vault reference in {_VARIABLE} was not resolved.")
    try:
        parts = urlsplit(url)
        host, is_address = (parts.hostname or "").lower(), parts.scheme == "https" and parts.port != 0
    except ValueError:
        host, is_address = "", False
    if not is_address or not host:
        return Looks(Verdict.FAILED, f"{_VARIABLE} is no https:// URL. {_NEW}")
    if CONNECTORS.search(host):
        why = "It is a webhook of the retired Office 365 connectors, which do not work with these cards."
        return Looks(Verdict.FAILED, f"{why} {_NEW}")
    if not parse_qs(parts.query).get("sig"):
        why = "Its signature (sig=) is missing: copy the whole URL, and let anyone trigger the workflow who has it."
        return Looks(Verdict.FAILED, why)
    if not _WORKFLOWS.search(host) and not is_any_host:
        return Looks(Verdict.WARNING, f"{host} is no host of Teams' workflows: is it a relay of yours?")
    return None
