"""What each deployment would make, as its committed snapshot says; tests/infra/test_compiled.py holds those current."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

INFRA = Path(__file__).parents[2] / "infra"
HOME = "/subscriptions/00000000-0000-0000-0000-00000000000b/resourceGroups/"
"""Where the snapshots deploy to: a subscription that never was."""


@dataclass(frozen=True)
class Resource:
    """One resource: its properties by path, such as `properties.sku.name`."""

    type: str
    id: str
    name: str
    body: dict[str, object]

    def at(self, path: str) -> object:
        """Look up what is at a path; what is not there fails the test."""
        found: object = self.body
        for key in path.split("."):
            assert isinstance(found, dict), f"{self.id} has no {path}"
            assert key in found, f"{self.id} has no {path}"
            found = found[key]
        return found

    @property
    def scope(self) -> str:
        """What a role assignment or a diagnostic setting is about: its id up to the provider that it comes from."""
        inner = self.id.removeprefix("[extensionResourceId('").partition("'")[0]
        return inner.partition("/providers/Microsoft.Authorization/")[0].partition(
            "/providers/Microsoft.Insights/diagnosticSettings"
        )[0]


@dataclass(frozen=True)
class Deployment:
    """All that one parameter file would make."""

    name: str
    text: str
    resources: tuple[Resource, ...]
    outputs: dict[str, str]

    def of(self, kind: str) -> list[Resource]:
        """Choose the resources of a type, such as `Microsoft.Web/sites`."""
        return [resource for resource in self.resources if resource.type.lower() == kind.lower()]

    def one(self, kind: str) -> Resource:
        """Return the only resource of a type."""
        (resource,) = self.of(kind)
        return resource


def load(name: str, path: Path) -> Deployment:
    """Read a snapshot."""
    text = path.read_text(encoding="utf-8")
    read = json.loads(text)
    resources = tuple(_resources(read["predictedResources"]))
    return Deployment(name, text, resources, read["outputs"])


def _resources(bodies: list[dict[str, object]]) -> Iterator[Resource]:
    for body in bodies:
        yield Resource(str(body["type"]), str(body["id"]), str(body["name"]), body)


MAIN = load("main", INFRA / "main.snapshot.json")
EVERYTHING = load("everything", INFRA / "tests" / "everything.snapshot.json")
both = pytest.mark.parametrize("deployment", [MAIN, EVERYTHING], ids=lambda deployment: deployment.name)


def settings(deployment: Deployment) -> dict[str, str]:
    """The app settings, names to values."""
    rows = deployment.one("Microsoft.Web/sites").at("properties.siteConfig.appSettings")
    assert isinstance(rows, list)
    found = {str(row["name"]): str(row["value"]) for row in rows}
    assert len(found) == len(rows), "a setting is there twice"
    return found
