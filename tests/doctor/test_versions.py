"""Versions that are not those that were tested."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.doctor.diagnosis import Point, Verdict
from shared.doctor.versions import installed, judge_packages, judge_python, judge_versions, pins

ROOT = Path(__file__).parents[2]


def named(house: Path, environ: Mapping[str, str] | None = None) -> dict[str, Point]:
    return {point.what: point for point in judge_versions(environ or {}, house)}


def test_what_is_here_is_well() -> None:
    found = named(ROOT, {"WEBSITE_SITE_NAME": "x", "FUNCTIONS_EXTENSION_VERSION": "~4"})
    assert [*found] == ["Dawnwatch", "Python", "packages", "extension bundle", "Functions host"]
    assert {point.verdict for point in found.values()} == {Verdict.OK}
    assert f"azure-identity {installed('azure-identity')}" in found["packages"].detail


def test_where_there_is_no_list_the_installed_package_knows(tmp_path: Path) -> None:
    assert pins(tmp_path)["msgspec"] == pins(ROOT)["msgspec"]
    assert "extension bundle" not in named(tmp_path)


@pytest.mark.parametrize(
    ("found", "verdict", "said"),
    [
        ({"msgspec": "0.22.0", "rich": "15.0.0"}, Verdict.OK, "All as pinned: msgspec 0.22.0, rich 15.0.0."),
        ({"msgspec": "0.21.0", "rich": "15.0.0"}, Verdict.WARNING, "msgspec 0.21.0 (tested with 0.22.0)"),
        ({"msgspec": "0.21.0"}, Verdict.FAILED, "Not installed: rich."),
    ],
)
def test_packages_are_held_against_what_is_pinned(found: dict[str, str], verdict: Verdict, said: str) -> None:
    point = judge_packages({"msgspec": "0.22.0", "rich": "15.0.0"}, found.get)
    assert point.verdict is verdict
    assert said in point.detail


def test_without_a_list_nobody_can_tell() -> None:
    assert judge_packages({}, installed).verdict is Verdict.UNKNOWN
    assert installed("no-such-package-anywhere") is None


@pytest.mark.parametrize(
    ("version", "verdict"), [((3, 12, 9), Verdict.FAILED), ((3, 13, 0), Verdict.OK), ((3, 14, 1), Verdict.OK)]
)
def test_python_is_new_enough(version: tuple[int, ...], verdict: Verdict) -> None:
    assert judge_python(version).verdict is verdict


@pytest.mark.parametrize(
    ("host", "verdict", "said"),
    [
        (json.dumps({"extensionBundle": {"version": "[4.*, 5.0.0)"}}), Verdict.OK, "[4.*, 5.0.0)"),
        (json.dumps({"extensionBundle": {"version": "[2.*, 3.0.0)"}}), Verdict.WARNING, "it was made for [4.*, 5.0.0)"),
        (json.dumps({"version": "2.0"}), Verdict.FAILED, "host.json names none"),
        (json.dumps([]), Verdict.FAILED, "host.json names none"),
        ("{", Verdict.FAILED, "host.json names none"),
    ],
)
def test_the_extension_bundle_is_of_version_4(tmp_path: Path, host: str, verdict: Verdict, said: str) -> None:
    (tmp_path / "host.json").write_text(host, encoding="utf-8")
    point = named(tmp_path)["extension bundle"]
    assert point.verdict is verdict
    assert said in point.detail


def test_an_old_host_is_told() -> None:
    point = named(ROOT, {"WEBSITE_SITE_NAME": "x", "FUNCTIONS_EXTENSION_VERSION": "~3"})["Functions host"]
    assert point.verdict is Verdict.WARNING
