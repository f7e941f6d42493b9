"""`dawnwatch silence`: what it writes is what the configuration reads, whatever people typed."""

import argparse
import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cli import main
from shared.cli.append import appended
from shared.cli.command import UsageError
from shared.cli.silence import render_silence, run
from shared.config.values import WrongValueError, text
from tests.config_texts import a_target, settings_of

NOW = datetime(2026, 11, 22, 8, 5, 30, 123456, UTC)


def silence(**options: object) -> int:
    given_ = {"id": None, "target": None, "subject": None, "until": timedelta(days=7), "reason": "why", "write": None}
    return run(argparse.Namespace(**(given_ | options)), {}, clock=lambda: NOW)


def test_it_prints_what_is_to_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert silence(id="credential.*", target="con*", subject='a "b" \\c', reason="booked, CHG0042") == 0
    out = capsys.readouterr().out
    assert out == (
        '[[silence]]\nid = "credential.*"\ntarget = "con*"\nsubject = "a \\"b\\" \\\\c"\n'
        'until = 2026-11-29T08:05:30Z\nreason = "booked, CHG0042"\n'
    )
    (read,) = settings_of(a_target() + out).silences
    assert (read.id, read.target, read.subject, read.reason) == ("credential.*", "con*", 'a "b" \\c', "booked, CHG0042")
    assert read.until == datetime(2026, 11, 29, 8, 5, 30, tzinfo=UTC)


@given(st.text(), st.text(min_size=1), st.integers(0, 10**9).map(lambda s: NOW + timedelta(seconds=s)))
def test_whatever_the_configuration_takes_is_read_back(subject: str, reason: str, until: datetime) -> None:
    try:
        entry = {"id": "*", "subject": text(subject), "reason": text(reason)}
    except WrongValueError:
        return
    (read,) = settings_of(a_target() + render_silence(entry, until.replace(microsecond=0))).silences
    assert {"id": read.id, "subject": read.subject, "reason": read.reason} == entry


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "That would silence everything"),
        ({"id": "x", "reason": " "}, "--reason: must be a text of one line"),
        ({"id": "x\n[cloud]"}, "ID: must be a text of one line"),
        ({"subject": "\x1b[2J"}, "--subject: must be"),
        ({"target": "x" * 513}, "--target: must be at most 512 characters"),
        ({"id": "x", "until": NOW}, "--until: .* is not in the future"),
        ({"id": "x", "until": timedelta(0)}, "--until: .* is not in the future"),
        ({"id": "x", "until": timedelta(weeks=99_999 * 6)}, "--until: is beyond the calendar"),
    ],
)
def test_what_cannot_be_is_said(options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        silence(**options)


@pytest.mark.parametrize("until", ["tomorrow", "2026-12-31", "2026-12-31T00:00:00", "7 d", "-1d"])
def test_an_until_that_is_none_exits_2(until: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["silence", "x", "--reason", "y", f"--until={until}"]) == 2
    assert "is neither a time like 7d or 12h" in capsys.readouterr().err


@pytest.mark.parametrize(
    "old",
    [
        b"",
        b"\n",
        b"[[target]]  # a comment\nname = 'x'",
        b"\xef\xbb\xbf[cloud]\r\nname = 'public'\r\n",
        b"[[silence]]\nid = 'first'\n[notify.teams]\n",
    ],
)
def test_it_is_appended_and_the_rest_kept_byte_for_byte(old: bytes, tmp_path: Path) -> None:
    path = tmp_path / "dawnwatch.toml"
    path.write_bytes(old)
    path.chmod(0o640)
    assert silence(id="app.*", write=path) == 0
    new = path.read_bytes()
    assert new.startswith(old)
    assert tomllib.loads(new.decode("utf-8-sig"))["silence"][-1]["id"] == "app.*"
    assert (b"\r\n" in old) is (b"\r\n" in new)
    assert new.count(b"\n") == new.count(b"\r\n") or b"\r\n" not in old
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("old", [b"not toml", b"silence = []\n", b"a = '''\n", b"\xff\xfe", b"[silence]\n"])
def test_a_file_that_cannot_take_it_is_left_as_it_is(old: bytes, tmp_path: Path) -> None:
    path = tmp_path / "dawnwatch.toml"
    path.write_bytes(old)
    with pytest.raises(UsageError, match="It is as it was"):
        silence(id="app.*", write=path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.toml"
    assert main(["silence", "x", "--until", "7d", "--reason", "y", "--write", str(path)]) == 3
    assert capsys.readouterr().err == f"{path} could not be written (No such file or directory). It is as it was.\n"


def test_a_folder_is_asked_for_one_of_its_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{tmp_path} is a folder: name the file in it that shall have the silence"):
        silence(id="app.*", write=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed_and_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_bytes(b"")
    link.symlink_to(real)
    silence(id="x", write=link)
    assert link.is_symlink()
    assert b"[[silence]]" in real.read_bytes()


@given(st.binary(max_size=60))
def test_any_file_is_extended_or_refused(old: bytes) -> None:
    try:
        new = appended(old, '[[silence]]\nid = "x"\n', "f")
    except UsageError:
        return
    assert new.startswith(old)
