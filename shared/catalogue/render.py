"""The catalogue as a page for people: docs/findings.md."""

from collections.abc import Iterable, Iterator

from shared.catalogue.entry import Entry, Way

_HEAD = """# Findings

Every finding that Dawnwatch can report. Ids are permanent. This page is generated from the catalogue in the code:
`python -m shared.catalogue > docs/findings.md`. Words in braces are filled in from what was seen.

Findings of one family are stages of one trouble: of one family and subject only the worst is reported, and moving from
one stage to the next escalates or eases the same incident.
"""


def render_entries(entries: Iterable[Entry]) -> str:
    """Render the catalogue as Markdown: a table of all ids, then a section for each."""
    entries = tuple(entries)
    rows = (f"| [`{entry.id}`](#{_anchor(entry.id)}) | {entry.severity_in_words} | {entry.when} |" for entry in entries)
    table = "\n".join(("| id | severity | when |", "| --- | --- | --- |", *rows))
    sections = ("\n".join(_section_lines(entry)) for entry in entries)
    return "\n".join((_HEAD, table, "", *sections))


def _anchor(text: str) -> str:
    return text.replace(".", "")


def _section_lines(entry: Entry) -> Iterator[str]:
    yield f"## {entry.id}\n"
    yield f"**{entry.title}** · {entry.severity_in_words}\n"
    yield f"When: {entry.when}\n"
    yield f"{entry.meaning}\n"
    if entry.family != entry.id:
        yield f"Family: `{entry.family}`\n"
    yield from _way_lines("What to do", entry.way)
    for case, way in entry.others.items():
        yield from _way_lines(f"What to do (case: {case})", way)


def _way_lines(heading: str, way: Way) -> Iterator[str]:
    yield f"{heading}:\n"
    yield from (f"{number}. {step}" for number, step in enumerate(way.steps, 1))
    yield ""
    if way.blade:
        yield f"Opens: {way.blade.path}\n"
