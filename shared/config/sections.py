"""From TOML to settings: cloud, limits, the morning report, silences and channels."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from shared.config import values
from shared.config.section import Section
from shared.config.settings import (
    CloudName,
    CloudSettings,
    EventGridSettings,
    Limits,
    ReportCards,
    ReportSettings,
    TeamsSettings,
)
from shared.expectations import Silence
from shared.model import Severity

ENDPOINT_KEYS = ("authority", "resource_manager", "graph", "log_analytics")
SCOPE_KEYS = ("resource_manager", "graph", "log_analytics")
CLOUD_KEYS = ("name", *ENDPOINT_KEYS, "scopes")
LIMIT_KEYS = ("request_timeout_s", "patience_s", "pass_timeout_s")
REPORT_KEYS = ("report_at", "cards")
TEAMS_KEYS = ("min_severity",)
EVENT_GRID_KEYS = ("min_severity", "topic")
SILENCE_KEYS = ("id", "target", "subject", "until", "reason")

_A_DAY_S = 86_400
_NEVER = datetime.min.replace(tzinfo=UTC)
_VERSION_OF = {"graph": "/v1.0", "log_analytics": "/v1"}


def _home(tables: Sequence[Section], name: str) -> Section:
    """The one table of several files' that has a section; the first where none has. Two are a mistake."""
    homes = [table for table in tables if table.has(name)]
    for twin in homes[1:]:
        twin.note(name, f"stands in {homes[0].log.file} already: keep one of them")
    return homes[0] if homes else tables[0]


def read_cloud(roots: Sequence[Section]) -> CloudSettings:
    """The cloud: a custom one gives its four endpoints, the others know theirs."""
    section = _home(roots, "cloud").table("cloud", CLOUD_KEYS)
    name = section.optional("name", values.one_of(CloudName), CloudName.PUBLIC)
    endpoints = _endpoints(section, is_custom=name is CloudName.CUSTOM)
    return CloudSettings(
        name=name,
        authority=endpoints["authority"],
        resource_manager=endpoints["resource_manager"],
        graph=endpoints["graph"],
        log_analytics=endpoints["log_analytics"],
        scopes=_scopes(section),
    )


def _endpoints(section: Section, *, is_custom: bool) -> dict[str, str | None]:
    found = {key: section.optional(key, values.https_url, None) for key in ENDPOINT_KEYS}
    for key in ENDPOINT_KEYS:
        if is_custom and not section.has(key):
            section.note(key, "is missing: a custom cloud needs its " + ", ".join(ENDPOINT_KEYS))
        if section.has(key) and not is_custom:
            section.note(key, 'is known for this cloud: take it out, or set name = "custom"')
        version = _VERSION_OF.get(key)
        if version and (found[key] or "").endswith(version):
            section.note(key, f"must be without {version}")
    return found


def _scopes(section: Section) -> Mapping[str, str]:
    scopes = section.table("scopes", SCOPE_KEYS)
    found = {key: scopes.optional(key, values.text, None) for key in SCOPE_KEYS}
    return {key: scope for key, scope in found.items() if scope is not None}


def read_limits(roots: Sequence[Section]) -> Limits:
    """How long to wait."""
    section = _home(roots, "limits").table("limits", LIMIT_KEYS)
    seconds, usual = values.positive(_A_DAY_S), Limits()
    return Limits(
        request_timeout_s=section.optional("request_timeout_s", seconds, usual.request_timeout_s),
        patience_s=section.optional("patience_s", seconds, usual.patience_s),
        pass_timeout_s=section.optional("pass_timeout_s", seconds, usual.pass_timeout_s),
    )


def read_report(roots: Sequence[Section]) -> ReportSettings:
    """When the morning report is made, and on how many cards."""
    section, usual = _home(roots, "report").table("report", REPORT_KEYS), ReportSettings()
    return ReportSettings(
        report_at=section.optional("report_at", values.time_of_day_or_off, usual.report_at),
        cards=section.optional("cards", values.one_of(ReportCards), usual.cards),
    )


def read_silences(roots: Sequence[Section]) -> tuple[Silence, ...]:
    """The silences of every file. One that has run out is left lying: it silences nothing."""
    return tuple(silence for root in roots for silence in root.tables("silence", SILENCE_KEYS, _silence))


def _silence(section: Section) -> Silence:
    return Silence(
        id=section.required("id", values.text, ""),
        until=section.required("until", values.instant, _NEVER),
        reason=section.required("reason", values.text, ""),
        target=section.optional("target", values.text, None),
        subject=section.optional("subject", values.text, None),
    )


def read_channels(
    roots: Sequence[Section], *, has_webhook: bool
) -> tuple[TeamsSettings | None, EventGridSettings | None]:
    """What each channel is told; Teams too where no file speaks of it and the environment has its webhook."""
    tables = [root.table("notify", ("teams", "event_grid")) for root in roots]
    teams, event_grid = _home(tables, "teams"), _home(tables, "event_grid")
    return (
        _teams(teams) if teams.has("teams") or has_webhook else None,
        _event_grid(event_grid) if event_grid.has("event_grid") else None,
    )


def _teams(notify: Section) -> TeamsSettings:
    section = notify.table("teams", TEAMS_KEYS)
    severity = section.optional("min_severity", values.one_of(Severity), TeamsSettings().min_severity)
    return TeamsSettings(min_severity=severity)


def _event_grid(notify: Section) -> EventGridSettings:
    section = notify.table("event_grid", EVENT_GRID_KEYS)
    topic = section.required("topic", values.https_url, "")
    usual = EventGridSettings(topic="").min_severity
    return EventGridSettings(topic=topic, min_severity=section.optional("min_severity", values.one_of(Severity), usual))
