"""Reading TOML: what is refused, in which words, and that nothing waits."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from planner.errors import FileError
from planner.files.lexing import has_comments as text_has_comments
from planner.files.lexing import too_deep_at
from planner.files.reading import MAXIMUM_BYTES
from planner.files.toml import has_comments, parse_toml, read_toml
from planner.text import first_unsafe


def _refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        read_toml(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert first_unsafe(message) is None
    return message.removeprefix(f"{path}: ")


def test_reads_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('name = "x"\n[table]\nnumber = 1.5\n')
    assert read_toml(path) == {"name": "x", "table": {"number": 1.5}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a = 1\nb 2\n", "line 2: Expected '=' after a key in a key/value pair (column 3)"),
        (b"a = 1\nb = 2026-13-01 # x\n", "line 2: b = 2026-13-01: is not a date; expected one such as"),
        (b"b = 2026-02-30\n", "line 1: b = 2026-02-30: is not a date; expected one such as"),
        (b"b = 2026-02-01\nb = 2026-02-01\n", "line 2: b: stands there twice"),
        (b"a = 1\nb = [1,\n", "line 3: "),
        (b'a = "x\x1b"\n', "line 1: Illegal character"),
        (b"a = 1\nb = \x00\n", "line 2: "),
        (b"\xef\xbb\xbfa = 1\n", "line 1: begins with a byte order mark"),
        ("a = 1\n".encode("utf-16"), "line 1: begins with UTF-16"),
        (b"a = 1\nb = '\xff'\n", "line 2: holds a byte that is not UTF-8"),
        (b"a = 1\na = 2\n", "line 2: a: stands there twice; expected it once"),
        (b"[t.u]\na = 1\n[t.u]\n", "line 3: t.u: stands there twice; expected it once"),
        (b"[[l]]\na = 1\n[l]\n", "line 3: l: stands there twice; expected it once"),
        (b"a = " + b"9" * 5000, "holds a number that is too long"),
        (b"t.a = 0x" + b"f" * 5000, "t.a: is larger than 64 bits"),
        (b"a = 9223372036854775808", "a: is larger than 64 bits"),
        (b"a = " + b"[" * 5000, "line 1: nests deeper than 32 levels"),
        (b"a = " + b"{a=" * 5000, "line 1: nests deeper than 32 levels"),
        (b"x = 1\n" + b"a." * 5000 + b"a = 1", "line 2: nests deeper than 32 levels"),
        (b"[" + b"a." * 33 + b"a]\n", "line 1: nests deeper than 32 levels"),
        (b"x" * (MAXIMUM_BYTES + 1), "is larger than 2 MiB"),
    ],
)
def test_refuses_with_one_line(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    assert _refusal(path).startswith(expected)


def test_accepts_the_depth_and_the_integers_it_promises(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("a = " + "[" * 31 + "]" * 31 + "\nb = 9223372036854775807\nc = -9223372036854775808\n")
    assert read_toml(path)["b"] == 2**63 - 1


def test_says_what_is_no_file(tmp_path: Path) -> None:
    assert _refusal(tmp_path) == "is a folder; expected a file"
    assert _refusal(tmp_path / "none.toml") == "no such file"
    with pytest.raises(FileError, match=r"xxx\.\.\.: File name too long"):
        read_toml(Path("x" * 400))
    with pytest.raises(FileError, match="is not a file name"):
        read_toml(Path("a\0b"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe.toml"
    os.mkfifo(path)
    assert _refusal(path) == "is a pipe, socket or device; expected a regular file"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs device files")
def test_does_not_read_a_device_through_a_link(tmp_path: Path) -> None:
    path = tmp_path / "zero.toml"
    path.symlink_to("/dev/zero")
    assert _refusal(path) == "is a pipe, socket or device; expected a regular file"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.toml"
    path.symlink_to(path)
    assert _refusal(path) == "is a link to itself"
    with pytest.raises(FileError, match="is a link to itself"):
        read_toml(path, inside=tmp_path)


def test_a_link_out_of_the_folder_is_refused_where_a_folder_is_given(tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text("a = 1")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.toml").symlink_to(outside)
    (folder / "own.toml").write_text("a = 2")
    (folder / "inner.toml").symlink_to(folder / "own.toml")
    assert read_toml(folder / "link.toml") == {"a": 1}
    assert read_toml(folder / "inner.toml", inside=folder) == {"a": 2}
    with pytest.raises(FileError, match="is a link out of its folder"):
        read_toml(folder / "link.toml", inside=folder)


@pytest.mark.parametrize(
    "text",
    [
        "a." * 1_000_000 + "a = 1",
        '"""' * 600_000,
        '\\"""' * 500_000,
        "'''x" * 500_001,
        '"\\' * 1_000_000,
        "[" * 2_000_000,
        "x" * 2_000_000,
        "#" * 2_000_000,
        "\n" * 2_000_000,
        "a = '''" + "'" * 1_999_000,
    ],
    ids=range(10),
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    with pytest.raises(FileError):
        parse_toml(text + "\nnot toml", where="x")
    # quadratic work over two million characters would take minutes
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1 # remark\n", True),
        ("# remark\n", True),
        ('a = "# none"\n', False),
        ("a = '# none'\n", False),
        ('a = """\n# none\n"""\n', False),
        ('a = """x"""" # remark\n', True),
        ('a = "\\" # none"\n', False),
        ("a = '''\n# none ''' # remark\n", True),
        ("", False),
    ],
)
def test_finds_comments_but_not_in_strings(text: str, expected: bool) -> None:
    assert text_has_comments(text) is expected
    assert has_comments(text) is expected


def test_finds_comments_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("a = 1 # remark")
    assert has_comments(path)


def test_dots_in_prose_are_no_keys() -> None:
    assert too_deep_at('notes = "' + "a.b." * 100 + '"') is None
    assert too_deep_at("x = [" + "1.5, " * 100 + "]") is None
    assert too_deep_at("# " + "a." * 100) is None
