"""Every parameter, field, output and function says what it is; and whether it must be given."""

import re
from pathlib import Path

import pytest

from tests.infra.foreseen import INFRA

FILES = sorted(INFRA.rglob("*.bicep"))
DECLARED = re.compile(r"^(?P<indent> *)(?P<kind>param|output|func|type) (?P<name>\w+)(?P<rest>.*)$", re.MULTILINE)
FIELD = re.compile(r"^  (?P<name>[\w*]+): (?P<type>.+)$", re.MULTILINE)
SAID = re.compile(r"@description\('((?:[^'\\]|\\.)*)'\)$", re.MULTILINE)
all_files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def said_before(text: str, at: int) -> str:
    """What the decorators right above a line describe; nothing where there is an empty line between."""
    block = text[:at].rpartition("\n\n")[2]
    found = SAID.findall(block)
    return found[-1] if found else ""


@all_files
def test_whatever_is_declared_is_described(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [match["name"] for match in DECLARED.finditer(text) if not said_before(text, match.start())] == []


@all_files
def test_a_parameter_says_whether_it_must_be_given(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for match in DECLARED.finditer(text):
        if match["kind"] == "param":
            optional = " = " in match["rest"] or match["rest"].rstrip().endswith("?")
            word = "Optional. " if optional else "Required. "
            assert said_before(text, match.start()).startswith(word), f"{path.name}: {match['name']}"


@all_files
def test_a_field_of_a_type_says_so_too(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for body in re.finditer(r"^type \w+ = \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        for match in FIELD.finditer(body[1]):
            optional = match["type"].endswith("?") or match["name"] == "*"
            said = said_before(body[1], match.start())
            assert said.startswith("Optional. " if optional else "Required. "), f"{path.name}: {match['name']}"


@all_files
def test_a_description_is_a_sentence(path: Path) -> None:
    for said in SAID.findall(path.read_text(encoding="utf-8")):
        assert said.endswith("."), said


@pytest.mark.parametrize("path", sorted((INFRA / "modules").glob("*.bicep")), ids=lambda path: path.name)
def test_a_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"metadata name = '[^']+'\nmetadata description = '[^']+\.'\n", text)
    assert len(text.splitlines()) <= 220


def test_the_parameter_file_reads_what_the_docs_list() -> None:
    text = (INFRA / "main.bicepparam").read_text(encoding="utf-8")
    read = set(re.findall(r"readEnvironmentVariable\(\s*'(\w+)'", text))
    page = (INFRA.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `((?:DAWNWATCH|AZURE)_\w+)` \|", page, re.MULTILINE))
    assert read == listed


def test_every_parameter_but_those_of_the_file_alone_is_set_from_the_environment() -> None:
    declared = set(re.findall(r"^param (\w+)", (INFRA / "main.bicep").read_text(encoding="utf-8"), re.MULTILINE))
    given = set(re.findall(r"^param (\w+)", (INFRA / "main.bicepparam").read_text(encoding="utf-8"), re.MULTILINE))
    everything = (INFRA / "tests" / "everything.bicepparam").read_text(encoding="utf-8")
    assert declared - given == {"tags", "schedules", "quietLimits", "retentionInDays", "dailyCapGb"}
    assert set(re.findall(r"^param (\w+)", everything, re.MULTILINE)) == declared
