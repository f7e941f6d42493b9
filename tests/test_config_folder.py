"""A configuration in a folder: its files are one, and each mistake is filed under the file that it stands in."""

import os
from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest

from shared.cli import main
from shared.config import load_settings, source_version
from shared.config.source import folder_of
from shared.errors import ConfigError
from tests.config_texts import NOTHING, a_target

A_SILENCE = '[[silence]]\nid = "{}"\nuntil = 2027-01-01T00:00:00Z\nreason = "booked"\n'


def lay(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def mistakes(
    folder: Path, environ: Mapping[str, str] = NOTHING, *, notifying: bool = False
) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load_settings(folder, environ, notifying=notifying)
    return [(Path(each.file).name, each.key, each.problem) for each in caught.value.mistakes]


def test_the_files_are_read_in_the_order_of_their_names_and_their_lists_are_joined(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "b.toml": a_target(name="b") + A_SILENCE.format("b"),
            "a.toml": a_target(name="a2") + a_target(name="a1") + A_SILENCE.format("a"),
            "c.toml": "[limits]\npatience_s = 7\n",
        },
    )
    for where, environ in ((tmp_path, {}), (str(tmp_path), {}), (None, {"DAWNWATCH_CONFIG": f"{tmp_path}/"})):
        settings = load_settings(where, environ)
        assert [target.name for target in settings.targets] == ["a2", "a1", "b"]
        assert [silence.id for silence in settings.silences] == ["a", "b"]
        assert settings.limits.patience_s == 7


def test_each_section_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "1.toml": '[cloud]\nname = "china"\n[notify.teams]\nmin_severity = "error"\n',
            "2.toml": '[report]\nreport_at = "06:30"\n[notify.event_grid]\ntopic = "https://t/api/events"\n',
            "3.toml": a_target(),
        },
    )
    settings = load_settings(tmp_path, {"DAWNWATCH_NOTIFY_EVENT_GRID_MIN_SEVERITY": "critical"})
    assert (settings.cloud.name, settings.report.report_at) == ("china", time(6, 30))
    assert settings.targets[0].portal == "https://portal.azure.cn"
    assert settings.teams is not None
    assert settings.teams.min_severity == "error"
    assert settings.event_grid is not None
    assert (settings.event_grid.topic, settings.event_grid.min_severity) == ("https://t/api/events", "critical")


def test_the_environment_adds_a_section_that_no_file_has(tmp_path: Path) -> None:
    lay(tmp_path, {"a.toml": a_target(), "b.toml": "[notify.teams]\n"})
    environ = {"DAWNWATCH_NOTIFY_EVENT_GRID_TOPIC": "https://t/api/events", "DAWNWATCH_LIMITS_PATIENCE_S": "5"}
    settings = load_settings(tmp_path, environ)
    assert settings.event_grid is not None
    assert settings.limits.patience_s == 5


@pytest.mark.parametrize("section", ["cloud", "limits", "report", "notify.teams", "notify.event_grid"])
def test_a_section_in_two_files_is_a_mistake_that_names_both(tmp_path: Path, section: str) -> None:
    topic = 'topic = "https://t/api/events"\n' if section == "notify.event_grid" else ""
    text = f"[{section}]\n{topic}"
    lay(tmp_path, {"a.toml": a_target(), "b.toml": text, "c.toml": text})
    said = f"stands in {tmp_path / 'b.toml'} already: keep one of them"
    assert mistakes(tmp_path) == [("c.toml", section, said)]


def test_a_target_named_twice_is_a_mistake_that_names_both_files(tmp_path: Path) -> None:
    lay(tmp_path, {"a.toml": a_target(), "b.toml": a_target(name="other") + a_target(), "c.toml": a_target() * 2})
    place = f'"contoso" is target[0]\'s already, in {tmp_path / "a.toml"}'
    assert mistakes(tmp_path) == [
        ("b.toml", "target[1].name", place),
        ("c.toml", "target[0].name", place),
        ("c.toml", "target[1].name", place),
    ]


def test_all_mistakes_are_said_at_once_each_under_its_file(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "a.toml": "[limits]\npatience_s = 0\n" + a_target("x = 1", name="a"),
            "b.toml": "no toml",
            "c.toml": b"\xff",
            "d.toml": "[limit]\n[notify.slack]\n" + a_target('profiles = ["x"]', name="d") + "[[silence]]\n",
            "e.toml": "notify = 3\n" + "[[target]]\n" + 'name = "e"\n',
        },
    )
    found = mistakes(tmp_path, {"DAWNWATCH_LIMITS_PATIENCE": "5"}, notifying=True)
    assert sorted((file, key) for file, key, _ in found) == [
        ("a.toml", "limits.patience_s"),
        ("a.toml", "target[a].x"),
        ("b.toml", "line 1, column 4"),
        ("c.toml", ""),
        ("d.toml", "limit"),
        ("d.toml", "notify.slack"),
        ("d.toml", "silence[0].id"),
        ("d.toml", "silence[0].reason"),
        ("d.toml", "silence[0].until"),
        ("d.toml", "target[d].profiles[0]"),
        ("e.toml", "notify"),
        ("e.toml", "target[e].tenant_id"),
        ("e.toml", "target[e].workspace_id"),
        ("environment", "DAWNWATCH_LIMITS_PATIENCE"),
    ]
    files = [file for file, _, _ in found]
    assert len(list(dict.fromkeys(files))) == sum(one != other for one, other in zip(["", *files], files, strict=False))


def test_what_no_file_has_is_filed_under_the_folder(tmp_path: Path) -> None:
    lay(tmp_path, {"a.toml": "[limits]\n", "b.toml": "# nothing\n"})
    assert [(file, key) for file, key, _ in mistakes(tmp_path, notifying=True)] == [
        (tmp_path.name, "target"),
        (tmp_path.name, "notify"),
    ]


def test_what_is_missing_is_not_said_where_a_file_could_not_be_read(tmp_path: Path) -> None:
    lay(tmp_path, {"a.toml": "[limits]\n", "b.toml": "no toml"})
    assert [(file, key) for file, key, _ in mistakes(tmp_path, notifying=True)] == [("b.toml", "line 1, column 4")]


def test_hidden_files_other_files_and_folders_are_not_read(tmp_path: Path) -> None:
    lay(tmp_path, {"a.toml": a_target(), ".b.toml": "!", "c.toml.bak": "!", "README.md": "!", "d.TOML": "!"})
    (tmp_path / "deep.toml").mkdir()
    lay(tmp_path / "deep.toml", {"e.toml": "!"})
    assert [target.name for target in load_settings(tmp_path, {}).targets] == ["contoso"]


@pytest.mark.parametrize("files", [{}, {".hidden.toml": "!", "notes.txt": "!"}])
def test_a_folder_without_a_file_is_a_mistake(tmp_path: Path, files: dict[str, str]) -> None:
    lay(tmp_path, files)
    said = "is a folder without a .toml file; check the path that was given"
    assert mistakes(tmp_path) == [(tmp_path.name, "", said)]


def test_a_link_that_leads_nowhere_is_no_file_that_can_be_left_out(tmp_path: Path) -> None:
    lay(tmp_path, {"a.toml": a_target()})
    (tmp_path / "b.toml").symlink_to(tmp_path / "gone.toml")
    ((file, key, said),) = mistakes(tmp_path)
    assert (file, key) == ("b.toml", "")
    assert said == "there is no such file; take it out of the folder, or make it readable"


def test_no_name_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lay(tmp_path, {"a.toml": a_target()}))
    with pytest.raises(ConfigError, match="the configuration: has no name; check the path that was given"):
        load_settings("", {})


def test_another_version_after_each_change(tmp_path: Path) -> None:
    seen: list[str] = []

    def changed() -> bool:
        seen.append(source_version(tmp_path, {}))
        assert source_version(tmp_path, {}) == seen[-1]
        return seen[-1] not in seen[:-1]

    lay(tmp_path, {"a.toml": a_target(), "b.toml": "# here\n"})
    assert changed()
    lay(tmp_path, {"b.toml": "# there\n"})
    assert changed()
    os.utime(tmp_path / "a.toml", ns=(1, 1))
    assert changed()
    (tmp_path / "b.toml").rename(tmp_path / "c.toml")
    assert changed()
    lay(tmp_path, {".hidden.toml": "# here"})
    assert not changed()


def test_the_version_of_a_file_and_of_a_text(tmp_path: Path) -> None:
    file = lay(tmp_path, {"a.toml": "a"}) / "a.toml"
    first = source_version(file, {})
    file.write_text("ab")
    assert source_version(file, {}) != first
    assert source_version(None, {"DAWNWATCH_CONFIG": str(file)}) == source_version(file, {})
    texts = [source_version(None, {"DAWNWATCH_CONFIG_TOML": text}) for text in ("a", "a", "b")]
    assert texts[0] == texts[1] != texts[2]
    with pytest.raises(ConfigError, match="there is no such file"):
        source_version(tmp_path / "none.toml", {})


def test_the_ledger_is_beside_the_files_of_a_folder(tmp_path: Path) -> None:
    lay(tmp_path, {"a.toml": a_target()})
    assert folder_of(tmp_path) == folder_of(str(tmp_path / "a.toml")) == tmp_path
    assert folder_of(None) == folder_of("dawnwatch.toml") == Path()


def test_the_command_line_takes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay(tmp_path, {"a.toml": a_target(name="a"), "b.toml": a_target(name="b")})
    assert main(["config", "check", "--config", str(tmp_path)]) == 0
    assert "The configuration is right: 2 targets" in capsys.readouterr().out
