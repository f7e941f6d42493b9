"""Every setting is in one table: the docs, the triggers, the sample for your own machine and the code agree with it."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from shared.app_settings import SCHEDULES, SETTINGS, SetBy, page

ROOT = Path(__file__).parents[1]
SHARED = ROOT / "shared"
NAMES = {setting.name for setting in SETTINGS}
NAMED_ELSEWHERE = {
    ("connection.py", "{}"): "a connection's name: the ledger's, or AzureWebJobsStorage",
    ("connection.py", "{}__{}ServiceUri"): "the same by identity",
    ("connection.py", "{}__accountName"): "the same by identity",
    ("connection.py", "{}__clientId"): "the same by identity",
    ("gather/identities.py", "{}"): "a target's [target.identity] names it",
    ("app/timetable.py", "{}"): "each of SCHEDULES",
    ("cli/config_check.py", "{}"): "a target's [target.identity] names it",
    ("grant/asked.py", "DAWNWATCH_WORKSPACES"): "azd's: docs/permissions.md",
    ("grant/asked.py", "{}"): "azd's: docs/permissions.md",
    ("doctor/app_settings.py", "{}__accountName"): "the connection by its account's name: `AzureWebJobsStorage`",
    ("doctor/app_settings.py", "{}"): "each of SETTINGS",
    ("doctor/schedules.py", "{}"): "each of SCHEDULES, and what switches a timer off",
    ("doctor/surroundings.py", "{}"): "the platform's own: whether this is Azure Functions",
    ("doctor/versions.py", "FUNCTIONS_EXTENSION_VERSION"): "the platform's own: the host's version",
    ("app/exporting.py", "WEBSITE_SITE_NAME"): "the platform's own: the app's name",
}


def test_the_page_is_what_the_table_says() -> None:
    stale = "docs/settings.md is stale: run `python -m shared.app_settings > docs/settings.md`"
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page(), stale


def test_no_setting_is_there_twice() -> None:
    assert len(NAMES) == len(SETTINGS)


def test_the_triggers_and_the_table_have_the_same_schedules() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "functions").glob("*.py")]
    used = [name for source in sources for name in re.findall(r"%(\w+)%", source)]
    assert sorted(used) == sorted(setting.name for setting in SCHEDULES)


def test_the_sample_has_what_your_own_machine_needs() -> None:
    values = json.loads((ROOT / "local.settings.sample.json").read_text(encoding="utf-8"))["Values"]
    local = {setting.name: setting.usual for setting in SETTINGS if setting.set_by is SetBy.LOCAL}
    usual = {setting.name: setting.usual for setting in SETTINGS if setting in SCHEDULES}
    config = {setting.name: setting.usual for setting in SETTINGS if setting.name == "DAWNWATCH_CONFIG"}
    assert values == local | usual | config | {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def test_every_variable_that_is_read_is_documented() -> None:
    documented = NAMES | set(_documented(ROOT / "docs" / "configuration.md"))
    read = {(place, name) for path in SHARED.rglob("*.py") for place, name in _read_in(path)}
    assert {name for place, name in read if (place, name) not in NAMED_ELSEWHERE} - documented == set()
    assert NAMED_ELSEWHERE.keys() <= read
    assert {"DAWNWATCH_CONFIG", "DAWNWATCH_LEDGER", "REQUESTS_CA_BUNDLE"} <= {name for _, name in read}


def _documented(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            yield from re.findall(r"`(\w+)`", line.split("|")[1])


def _read_in(path: Path) -> Iterator[tuple[str, str]]:
    """What a module reads from the environment: names, with `{}` where a value goes in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(ast.Attribute(source, "get"), [name, *_]) if _is_environment(source):
                yield path.relative_to(SHARED).as_posix(), _spelt(name)
            case ast.Call(ast.Attribute(ast.Name("os"), "getenv"), [name, *_]):
                yield path.relative_to(SHARED).as_posix(), _spelt(name)
            case ast.Subscript(source, name) if _is_environment(source):
                yield path.relative_to(SHARED).as_posix(), _spelt(name)


def _is_environment(node: ast.expr) -> bool:
    return ast.unparse(node) in {"environ", "os.environ", "self._environ", "self.environ"}


def _spelt(node: ast.expr) -> str:
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.Name(name) if name in CONSTANTS:
            return CONSTANTS[name]
    return "{}"


def _constants() -> Iterator[tuple[str, str]]:
    """The texts that modules give names to; a name means one text in all of them."""
    for path in SHARED.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.Assign([ast.Name(name)], ast.Constant(str(text))) if text.isidentifier() and text.isupper():
                    yield name, text


CONSTANTS = dict(_constants())


def test_a_name_of_a_variable_means_one_variable() -> None:
    found = set(_constants())
    assert len({name for name, _ in found}) == len(found)
