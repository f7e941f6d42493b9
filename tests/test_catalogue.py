"""The catalogue: whole, well-formed, linked to the right pages, and printed as it is."""

import re
from pathlib import Path
from string import Formatter

import pytest

from shared.catalogue import CATALOGUE, Entry, make_finding, render_catalogue
from shared.catalogue.blades import fill_link
from shared.model import Severity, Subject, SubjectKind
from tests.builders import APP, PRINCIPAL_OBJECT, TENANT, WORKSPACE, a_target

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "findings.md"
SEVERITIES = {
    "workspace.unreachable": "error",
    "workspace.capped": "error",
    "access.principal_missing": "error",
    "access.role_missing": "error",
    "access.role_not_active": "error",
    "access.role_conditional": "warning",
    "access.role_excessive": "warning",
    "access.orphaned": "informational",
    "app.missing": "error",
    "app.disabled": "error",
    "app.permission_missing": "error",
    "app.consent_missing": "error",
    "app.wrong_audience": "warning",
    "app.unowned": "informational",
    "app.shared": "warning",
    "credential.expired": "critical",
    "credential.expiring": "warning",
    "credential.superseded": "informational",
    "credential.missing": "error",
    "credential.long_lived": "informational",
    "credential.expiry_mismatch": "warning",
    "snapshot.at_risk": "warning",
    "snapshot.late": "error",
    "snapshot.stale": "critical",
    "snapshot.partial": "error",
    "snapshot.no_data": "error",
    "snapshot.frozen": "warning",
    "snapshot.future": "warning",
    "service.incident": "informational",
    "monitor.gather_failed": "error",
    "monitor.delivery_failed": "error",
}
NAMES = (
    *("what", "app", "api", "api_id", "permissions", "left", "late_for", "span"),
    *("newest", "query", "wanted", "held", "lack", "key_id"),
)
WORDS = {name: f"<{name}>" for name in NAMES} | {"app_id": APP, "object_id": PRINCIPAL_OBJECT}
SUBJECT = Subject(SubjectKind.APPLICATION, APP, "An app")
CASES = [(entry, case) for entry in CATALOGUE.values() for case in (None, *entry.others)]


def test_every_id_is_there_with_its_severity() -> None:
    assert {entry.id: entry.severity.value for entry in CATALOGUE.values()} == SEVERITIES


def test_the_stages_of_one_trouble_share_a_family_and_the_others_are_their_own() -> None:
    families: dict[str, set[str]] = {}
    for entry in CATALOGUE.values():
        families.setdefault(entry.family, set()).add(entry.id)
    shared = {family: ids for family, ids in families.items() if ids != {family}}
    assert shared == {
        "access.role": {"access.role_missing", "access.role_not_active", "access.role_conditional"},
        "credential.expiry": {"credential.expiring", "credential.expired"},
        "snapshot.currency": {"snapshot.at_risk", "snapshot.late", "snapshot.partial", "snapshot.stale"},
    }


@pytest.mark.parametrize(("entry", "case"), CASES, ids=lambda value: getattr(value, "id", value))
def test_every_entry_can_be_filled_in_for_every_case(entry: Entry, case: str | None) -> None:
    finding = make_finding(entry.id, a_target(), SUBJECT, detail="Seen.", values=WORDS, case=case)
    assert finding.family == entry.family
    assert finding.remedy.steps
    assert all(step.endswith((".", "?", "}", ">")) for step in finding.remedy.steps)
    assert not any(re.search(r"\{\w*\}", text) for text in (finding.title, *finding.remedy.steps))
    if entry.id.startswith("monitor."):
        assert finding.remedy.link is None
    else:
        assert finding.remedy.link is not None
        assert finding.remedy.link.startswith(("https://portal.azure.com/#@", "https://admin.microsoft.com/"))


def test_a_severity_can_be_overridden_and_steps_added_word_for_word() -> None:
    finding = make_finding(
        "workspace.unreachable",
        a_target(),
        SUBJECT,
        detail="d",
        severity=Severity.INFORMATIONAL,
        extra_steps=("Say {this} as it is.",),
    )
    assert finding.severity is Severity.INFORMATIONAL
    assert finding.remedy.steps[-1] == "Say {this} as it is."


def test_a_value_that_is_missing_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        make_finding("credential.expiring", a_target(), SUBJECT, detail="d")


@pytest.mark.parametrize("portal", ["https://portal.azure.us", "https://portal.azure.cn/"])
def test_links_open_the_portal_of_the_cloud_in_the_right_tenant(portal: str) -> None:
    finding = make_finding("access.orphaned", a_target(portal=portal), SUBJECT, detail="d", values=WORDS)
    assert finding.remedy.link == f"{portal.rstrip('/')}/#@{TENANT}/resource{WORKSPACE}/users"


def test_hostile_values_stay_inside_their_place_in_a_link() -> None:
    blade = CATALOGUE["credential.expired"].way.blade
    assert blade is not None
    link = fill_link(blade, a_target(), {"app_id": "x/~/Owners?a=b#c d\u202e"})
    assert link.endswith("/~/Credentials/appId/x%2F~%2FOwners%3Fa%3Db%23c%20d%E2%80%AE")


def test_a_name_with_braces_is_only_a_name() -> None:
    subject = Subject(SubjectKind.TABLE, "{target}", "{0} {portal}")
    assert make_finding("snapshot.no_data", a_target(), subject, detail="d").title.startswith("{0} {portal} has")


def test_templates_use_plain_fields_only() -> None:
    texts = [text for entry in CATALOGUE.values() for text in (entry.title, *entry.way.steps)]
    fields = [
        field for text in texts for _, field, form, conversion in Formatter().parse(text) if field or form or conversion
    ]
    assert all(field and field.isidentifier() for field in fields)


def test_the_page_of_findings_is_what_the_catalogue_says() -> None:
    is_current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == render_catalogue()
    assert is_current, "docs/findings.md is stale: run `python -m shared.catalogue > docs/findings.md`"


def test_every_finding_but_the_later_ones_is_expected_of_some_check() -> None:
    later = {"monitor.delivery_failed"}
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "checks").glob("test_*.py"))
    assert {finding_id for finding_id in CATALOGUE if f'"{finding_id}"' not in tests} == later
