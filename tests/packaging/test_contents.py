"""What is in the package: what runs, compiled; the same bytes each time; and nothing that was left out."""

import hashlib
import importlib.util
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.packaging.conftest import ROOT, Built
from tools.packaging.archive import write_folder, write_zip
from tools.packaging.compiled import bytecode
from tools.packaging.contents import LIBRARIES_LEFT_OUT, OWN_LEFT_OUT, SITE_PACKAGES, LeftOut, is_left_out, table
from tools.packaging.errors import PackageError, RegistryError
from tools.packaging.imports import imports_of
from tools.packaging.pip import pip
from tools.packaging.wheels import read

NEVER = ("sandbox", "tests", "bench", "docs", "infra", "tools", "local.settings", "shared/cli")
OWN = {".funcignore", "LICENSE", "function_app.py", "functions", "host.json", "requirements.txt", "shared"}


# --- the same each time ---


def test_the_same_sources_give_the_same_zip_in_another_folder_by_another_umask_at_another_time(
    both: tuple[Built, Built],
) -> None:
    first, second = (hashlib.sha256(built.archive.read_bytes()).hexdigest() for built in both)
    assert first == second
    assert all(f"SHA-256 {first}" in built.said for built in both)


def test_the_folder_is_the_zip_unpacked(both: tuple[Built, Built]) -> None:
    for built in both:
        with ZipFile(built.archive) as archive:
            assert built.tree == {name: archive.read(name) for name in archive.namelist()}


def test_order_dates_and_modes_are_the_packages_own(both: tuple[Built, Built]) -> None:
    with ZipFile(both[1].archive) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {(entry.date_time, entry.external_attr >> 16) for entry in entries} == {((1980, 1, 1, 0, 0, 0), 0o100644)}


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no modes")
def test_the_folders_modes_are_the_same_by_any_umask(both: tuple[Built, Built]) -> None:
    for built in both:
        paths = built.folder.rglob("*")
        assert {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths} == {(True, 0o755), (False, 0o644)}


def test_a_tree_is_written_alike_whatever_order_it_was_made_in(tmp_path: Path) -> None:
    tree = {"b": b"2", "a/c": b"1", "a/b/c": b"", "a.txt": b"0"}
    for name, written in (("one", tree), ("two", dict(reversed(tree.items())))):
        write_zip(written, tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_folder_holds_nothing_of_an_earlier_package(tmp_path: Path) -> None:
    write_folder({"a/b": b"1", "c": b"2"}, tmp_path / "package")
    write_folder({"a/d": b"3"}, tmp_path / "package")
    assert [path.name for path in sorted((tmp_path / "package").rglob("*"))] == ["a", "d"]


# --- what is in it ---


def test_it_holds_what_runs_and_nothing_else(built: Built) -> None:
    own = {path for path in built.tree if not path.startswith(".python_packages/")}
    tops = {path.partition("/")[0] for path in own}
    assert OWN <= tops <= OWN | {"__pycache__", "dawnwatch.toml", "config"}
    assert [path for path in own if path.startswith(NEVER)] == []
    assert {"shared/monitor.py", "shared/profiles/tenant_attach.toml", "functions/status.py"} <= own


def test_every_module_is_there_compiled_and_its_bytecode_is_of_its_source(built: Built) -> None:
    tree = built.tree
    wrong = [path for path in tree if path.endswith(".py") and not _is_compiled(tree, path)]
    assert wrong == []
    compiled = sum(path.endswith(".pyc") for path in tree)
    assert compiled == sum(path.endswith(".py") for path in tree)


def _is_compiled(tree: Mapping[str, bytes], path: str) -> bool:
    body = tree[importlib.util.cache_from_source(path).replace(os.sep, "/")]
    head = importlib.util.MAGIC_NUMBER + bytes([1, 0, 0, 0]) + importlib.util.source_hash(tree[path])
    return body[:16] == head


def test_what_a_library_says_of_itself_and_its_licence_stay(built: Built, wheels: list[Path]) -> None:
    kinds = ("METADATA", "entry_points.txt", "WHEEL")
    said = {name for name, _ in read(wheels) if name.endswith(kinds) or ".dist-info/licenses/" in name}
    kept = {path.removeprefix(f"{SITE_PACKAGES}/") for path in built.tree}
    assert {name for name in said if not is_left_out(name, LIBRARIES_LEFT_OUT)} <= kept
    assert {name.partition("-")[0] for name in said - kept} == {"markdown_it_py", "mdurl", "pygments", "rich"}


# --- what was left out ---


def test_every_rule_leaves_something_out(wheels: list[Path]) -> None:
    names = [name for name, _ in read(wheels)]
    assert [rule.patterns for rule in LIBRARIES_LEFT_OUT if not any(map(rule.has, names))] == []
    own = [path.relative_to(ROOT).as_posix() for path in (ROOT / "shared").rglob("*.py")]
    assert [rule.patterns for rule in OWN_LEFT_OUT if not any(map(rule.has, own))] == []
    patterns = [pattern for rule in LIBRARIES_LEFT_OUT for pattern in rule.patterns if not pattern.startswith("**/")]
    assert [pattern for pattern in patterns if not any(map(LeftOut((pattern,), "").has, names))] == []


@pytest.mark.parametrize(
    ("path", "is_out"),
    [
        ("msgraph/generated/models/user.py", True),
        ("msgraph/generated/applications/item/owners/owners_request_builder.py", True),
        ("msgraph/generated/base_graph_service_client.py", False),
        ("msgraph/graph_request_adapter.py", False),
        ("azure/mgmt/authorization/v2018_05_01_preview/models/__init__.py", True),
        ("azure/mgmt/authorization/v2021_01_01_preview/models/__init__.py", False),
        ("azure/mgmt/authorization/v2022_04_01/models/__init__.py", False),
        ("azure/mgmt/authorization/v2022_04_01_preview/models/__init__.py", True),
        ("certifi/tests/test_core.py", True),
        ("azure/core/testing.py", False),
        ("richer/table.py", False),
        ("azure_core-1.41.0.dist-info/RECORD", True),
        ("azure_core-1.41.0.dist-info/METADATA", False),
        ("azure_core-1.41.0.dist-info/licenses/LICENSE", False),
    ],
)
def test_a_pattern_means_what_it_says(path: str, is_out: bool) -> None:
    assert is_left_out(path, LIBRARIES_LEFT_OUT) is is_out


def test_the_docs_say_what_was_left_out_and_why() -> None:
    page = (ROOT / "docs" / "package.md").read_text(encoding="utf-8")
    assert "\n".join(table()) in page


def test_azd_leaves_nothing_out_of_the_folder_and_func_nothing_in_that_is_never_deployed(built: Built) -> None:
    ignored = built.tree[".funcignore"].decode().splitlines()
    assert [line for line in ignored if not line.startswith("#")] == []
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name in NEVER}
    assert folders <= set((ROOT / ".funcignore").read_text(encoding="utf-8").split())


# --- what our code imports ---


def test_what_only_type_checkers_import_need_not_be_there() -> None:
    source = b"""
import a.b
from c import d, e
if TYPE_CHECKING:
    import never
else:
    import f
def g():
    from h import i
"""
    tree = {"shared/one.py": source, f"{SITE_PACKAGES}/other.py": b"import z", "host.json": b"{}"}
    assert imports_of(tree) == ["from c import d", "from c import e", "from h import i", "import a.b", "import f"]


# --- what cannot be packed ---


def _wheel(folder: Path, name: str, *files: str) -> Path:
    with ZipFile(folder / name, "w") as archive:
        for file in files:
            archive.writestr(file, b"")
    return folder / name


def test_two_wheels_with_one_file_are_told_apart_by_nobody(tmp_path: Path) -> None:
    wheels = [_wheel(tmp_path, "a.whl", "x/__init__.py"), _wheel(tmp_path, "b.whl", "x/__init__.py")]
    with pytest.raises(PackageError, match=r"b\.whl and a\.whl both have x/__init__\.py"):
        list(read(wheels))


def test_a_wheel_with_files_for_elsewhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"a\.whl puts a-1\.data/scripts/a outside"):
        list(read([_wheel(tmp_path, "a.whl", "a/", "a/__init__.py", "a-1.data/scripts/a")]))


def test_only_the_python_that_runs_it_compiles_it() -> None:
    with pytest.raises(PackageError, match=r"runs on Python 3\.13 and is compiled for it; this is 3\.14"):
        list(bytecode({"a.py": b""}, running=(3, 14)))


def test_what_pip_refuses_is_said(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="pip download: Could not open requirements file") as caught:
        pip("download", ["-r", str(tmp_path / "none.txt")])
    assert not isinstance(caught.value, RegistryError)


def test_a_registry_that_does_not_answer_is_told_from_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="pip download: "):
        pip("download", ["--index-url", "http://127.0.0.1:9/", "--dest", str(tmp_path), "dawnwatch-is-not-there"])
