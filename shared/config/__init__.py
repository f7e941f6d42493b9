"""Configuration: dawnwatch.toml and the environment become Settings, or one error that names every mistake."""

from shared.config.cloud import load_cloud
from shared.config.load import load_settings
from shared.config.profiles import Profile, load_profiles
from shared.config.settings import (
    CloudName,
    CloudSettings,
    EventGridSettings,
    Limits,
    ReportCards,
    ReportSettings,
    Settings,
    TeamsSettings,
)
from shared.config.source import source_version

__all__ = [
    "CloudName",
    "CloudSettings",
    "EventGridSettings",
    "Limits",
    "Profile",
    "ReportCards",
    "ReportSettings",
    "Settings",
    "TeamsSettings",
    "load_cloud",
    "load_profiles",
    "load_settings",
    "source_version",
]
