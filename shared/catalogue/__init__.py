"""The catalogue of findings: one table of their words, from which checks make their findings and docs their page."""

from shared.catalogue.entry import Entry, Way
from shared.catalogue.finding import make_finding
from shared.catalogue.render import render_entries
from shared.catalogue.table import CATALOGUE

__all__ = ["CATALOGUE", "Entry", "Way", "make_finding", "render_catalogue"]


def render_catalogue() -> str:
    """Render docs/findings.md."""
    return render_entries(CATALOGUE.values())
