"""Profiles as data, one TOML file each, and beside them the list of what Microsoft rotates by itself."""

from shared.profiles.rotated import RotatedApp, load_rotated

__all__ = ["RotatedApp", "load_rotated"]
