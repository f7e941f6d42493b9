"""What the configuration comes to, before anything is read from Azure: frozen, typed, without secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from shared.expectations import Silence, Target
from shared.model import Severity


class CloudName(StrEnum):
    """The clouds whose endpoints are known, and the one whose endpoints the configuration gives."""

    PUBLIC = "public"
    USGOV = "usgov"
    CHINA = "china"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettings:
    """Which cloud. The four endpoints are set for a custom cloud only, without a closing slash.

    `scopes` may hold `resource_manager`, `graph` and `log_analytics`; what is missing takes its default.
    """

    name: CloudName = CloudName.PUBLIC
    authority: str | None = None
    resource_manager: str | None = None
    graph: str | None = None
    log_analytics: str | None = None
    scopes: Mapping[str, str] = field(default_factory=dict)

    @property
    def portal(self) -> str:
        """The portal whose blades the remedies link to."""
        return _PORTALS[self.name]


_PORTALS = {
    CloudName.PUBLIC: "https://portal.azure.com",
    CloudName.USGOV: "https://portal.azure.us",
    CloudName.CHINA: "https://portal.azure.cn",
    CloudName.CUSTOM: "https://portal.azure.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait: for one request, for a read that makes no progress, for one check of one target."""

    request_timeout_s: float = 20
    patience_s: float = 60
    pass_timeout_s: float = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsSettings:
    """What Teams is told. The webhook's URL is a secret: it stays in the environment."""

    min_severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGridSettings:
    """What Event Grid is told, and on which topic."""

    topic: str
    min_severity: Severity = Severity.INFORMATIONAL


class ReportCards(StrEnum):
    """How the morning report is told: a card for each target, or one card for all of them."""

    TARGET = "target"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """The morning report: when it is made (UTC; None where it is off), and on how many cards."""

    report_at: time | None = time(8, 5)
    cards: ReportCards = ReportCards.TARGET


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration: targets with their profiles laid in, and what its reader should be told (`notices`)."""

    targets: tuple[Target, ...]
    cloud: CloudSettings = field(default_factory=CloudSettings)
    limits: Limits = field(default_factory=Limits)
    report: ReportSettings = field(default_factory=ReportSettings)
    silences: tuple[Silence, ...] = ()
    teams: TeamsSettings | None = None
    event_grid: EventGridSettings | None = None
    notices: tuple[str, ...] = ()
