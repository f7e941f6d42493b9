"""What the environment says over the file: `DAWNWATCH_<SECTION>_<KEY>` for all but targets and silences."""

import difflib
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from shared.config import sections
from shared.config.section import ENVIRONMENT, FromEnvironment, MistakeLog, unknown_key
from shared.config.values import WrongValueError, https_url
from shared.errors import Mistake
from shared.text import plain

FILE_VARIABLE = "DAWNWATCH_CONFIG"
TEXT_VARIABLE = "DAWNWATCH_CONFIG_TOML"
UNRESOLVED = "@microsoft.keyvault("
"""How a variable begins, in lower case, whose Key Vault reference was not resolved."""

CONNECTORS = re.compile(r"(^|\.)webhook\.office\.com$|^outlook\.office(365)?\.com$")
"""Where the webhooks of Office 365 connectors were. Source: the retirement notice of connectors in Teams."""

WEBHOOK_VARIABLE = "DAWNWATCH_TEAMS_WEBHOOK_URL"

_KEYS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("cloud",), ("name", *sections.ENDPOINT_KEYS)),
    (("cloud", "scopes"), sections.SCOPE_KEYS),
    (("limits",), sections.LIMIT_KEYS),
    (("report",), sections.REPORT_KEYS),
    (("notify", "teams"), sections.TEAMS_KEYS),
    (("notify", "event_grid"), sections.EVENT_GRID_KEYS),
)
_PREFIXES = ("DAWNWATCH_CLOUD_", "DAWNWATCH_LIMITS_", "DAWNWATCH_REPORT_", "DAWNWATCH_NOTIFY_")


def _variable(*path: str) -> str:
    return "_".join(("DAWNWATCH", *path)).upper()


_PATHS = {_variable(*table, key): (*table, key) for table, keys in _KEYS for key in keys}
_SECTIONS = {name: path[: 2 if path[0] == "notify" else 1] for name, path in _PATHS.items()}


def is_key(variable: str) -> bool:
    """Whether a variable says one key of the configuration."""
    return variable in _PATHS


def overlay(files: Sequence[dict[str, object]], environ: Mapping[str, str], log: MistakeLog) -> None:
    """Put what the environment says in the place of what the files say. An empty variable says nothing."""
    for variable, text in sorted(environ.items()):
        if variable in _PATHS and text.strip():
            path = _PATHS[variable]
            raw = next((raw for raw in files if _has(raw, _SECTIONS[variable])), files[0])
            _put(raw, path, FromEnvironment(variable, _scalar(path, text.strip())))
        elif variable.startswith(_PREFIXES) and variable not in _PATHS:
            log.note(plain(variable, 80), _unknown_variable(variable), file=ENVIRONMENT)


def _scalar(path: tuple[str, ...], text: str) -> object:
    """What the text of a variable means: a number for a limit, itself elsewhere."""
    if path[0] != "limits":
        return text
    try:
        return float(text)
    except ValueError:
        return text


def _has(raw: Mapping[str, object], path: Sequence[str]) -> bool:
    """Whether a file has a section; of several, one may."""
    inner: object = raw
    for key in path:
        if not isinstance(inner, dict) or key not in inner:
            return False
        inner = inner[key]
    return True


def _put(raw: dict[str, object], path: tuple[str, ...], value: FromEnvironment) -> None:
    table = raw
    for key in path[:-1]:
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # The file has a mistake here, which is told where the section is read.
        table = inner
    table[path[-1]] = value


def _unknown_variable(variable: str) -> str:
    if "WEBHOOK" in variable:
        return f"unknown variable; the webhook's URL goes into {WEBHOOK_VARIABLE}"
    near = difflib.get_close_matches(variable[:80], _PATHS, n=1)
    return f"unknown variable; did you mean {near[0]}?" if near else unknown_key("", tuple(_PATHS))


def secret_mistakes(environ: Mapping[str, str]) -> tuple[Mistake, ...]:
    """What keeps Teams from being told: the webhook's URL is missing, or is none. It is never quoted."""
    problem = _webhook_problem(environ.get(WEBHOOK_VARIABLE, "").strip())
    return (Mistake(ENVIRONMENT, WEBHOOK_VARIABLE, problem),) if problem else ()


def _webhook_problem(url: str) -> str | None:
    if not url:
        return "is missing: [notify.teams] needs the URL of a Teams workflow's webhook"
    if url.lower().startswith(UNRESOLVED):
        return (
            "is a reference to Key Vault that was not resolved: check the secret's name, and that the app's identity "
            "has the role Key Vault Secrets User"
        )
    try:
        address = https_url(url.partition("?")[0])
    except WrongValueError:
        return "must be an https:// URL"
    if CONNECTORS.search((urlsplit(address).hostname or "").lower()):
        return "is of an Office 365 connector, which Microsoft retired: make a workflow in the channel"
    return None
