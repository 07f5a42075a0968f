"""Whatever files, names and arguments hold, no escape reaches the terminal and no traceback either."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.cli.main import main
from planner.text import first_unsafe

#: Sequences that clear the screen, set the title, fill the clipboard, colour, turn text round, overwrite.
SEQUENCES = [
    "\x1b[2J",
    "\x1b]0;owned\x07",
    "\x1b]52;c;b3duZWQ=\x07",
    "\x9b31m",
    "\u202e",
    "\b\b",
    "\r",
    "\u2028",
]
#: Markup of terminals' libraries, of reports and of spreadsheets: shown as it is, so long as it stays text.
MARKUP = ["[bold red]x[/]", "[@click=app.quit]x[/]", "<script>", "=1+1", "%s%n", "{0.__class__}"]

PLAN = """\
schema_version = 1
name = {name}
notes = {notes}
[model]
profile = "llama-2-7b"
[workload]
tokens = "1T"
[[cluster.pools]]
id = "train"
system = {system}
count = 4
[parties]
buyer_name = {buyer}
{extra}
"""


def toml(text: str) -> str:
    """Return the text as a TOML string, every character of it escaped."""
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


def plan_text(**values: str) -> str:
    usual = {"name": '"x"', "notes": '""', "system": '"dgx-h100"', "buyer": '"x"', "extra": ""}
    return PLAN.format(**(usual | values))


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.delenv("PLANNER_PROFILES", raising=False)
    monkeypatch.chdir(tmp_path)


Command = Callable[..., int]


@pytest.fixture
def command(capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Run the command in this process, hold its output to plain text, and return its exit code."""

    def call(*arguments: str) -> int:
        capfdbinary.readouterr()
        code = main(list(arguments))
        streams = capfdbinary.readouterr()
        hold_plain(code, streams.out, streams.err)
        return code

    return call


def hold_plain(code: int, stdout: bytes, stderr: bytes) -> None:
    for stream in (stdout, stderr):
        text = stream.decode("utf-8")
        assert first_unsafe(text, multiline=True) is None, ascii(text)
        assert "Traceback" not in text
    assert "stopped on a bug" not in stderr.decode("utf-8"), stderr
    assert code in (0, 1, 2)
    if code == 2 and not stdout:
        # a file with several problems is told in up to five lines, and how many more there are
        lines = stderr.decode("utf-8").splitlines()
        assert 1 <= len(lines) <= 6, stderr
        assert len(lines) == 1 or all(".toml" in line or line.endswith("more") for line in lines), stderr


PLACES = {
    "name": lambda bad: plan_text(name=toml(f"a{bad}b")),
    "notes": lambda bad: plan_text(notes=toml(f"a{bad}b")),
    "raw name": lambda bad: plan_text(name=f'"a{bad}b"'),
    "reference": lambda bad: plan_text(system=toml(f"dgx{bad}h100")),
    "text": lambda bad: plan_text(buyer=toml(bad)),
    "key": lambda bad: plan_text(extra=f"[{toml(bad)}]\n{toml(bad)} = 1"),
    "inner key": lambda bad: plan_text(extra=f"[targets]\n{toml(bad)} = 1"),
    "quantity": lambda bad: plan_text(extra=f"[targets]\nmoney_usd = {toml('1M' + bad)}"),
    "pin": lambda bad: plan_text(extra=f"[pins.{toml(bad)}]\nhash = '01234567'"),
    "pinned field": lambda bad: plan_text(
        extra=f"[pins.'chips/h100-sxm']\nhash = '01234567'\nvalues = {{ {toml(bad)} = {toml(bad)} }}"
    ),
    "comment": lambda bad: f"# {bad}\n" + plan_text(),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_place_of_a_plan_reaches_the_terminal(place: str, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    for bad in (*SEQUENCES, *MARKUP):
        path.write_bytes(PLACES[place](bad).encode("utf-8"))
        # --set breaks the plan at the end, so that nothing is estimated; the plan itself is read first
        command("estimate", str(path), "--set", "workload.tokens=x")
    command("check", str(path))
    command("estimate", str(path), "--pinned")


def test_no_name_of_a_file_reaches_the_terminal(command: Command, tmp_path: Path) -> None:
    for bad in (*SEQUENCES, *MARKUP):
        path = tmp_path / (f"p{bad}.toml".replace("/", "|"))
        path.write_text(plan_text(name='"' + "\\u001b" + '"'), encoding="utf-8")
        assert command("estimate", str(path)) == 2
        assert command("check", str(path)) == 2
        assert command("estimate", f"{path}gone") == 2
        assert command("estimate", str(tmp_path)) == 2
        command("new", str(path))


@pytest.mark.parametrize(
    "bad", [*SEQUENCES, *MARKUP, "../../etc/passwd", "", "\udcff", pytest.param("a" * 5000, id="long")]
)
def test_no_argument_reaches_the_terminal(bad: str, command: Command) -> None:
    assert command(bad) == 2
    assert command(f"--{bad}") == 2
    assert command("estimate", "qwen2-72b-910b", "--set", f"{bad}=1") == 2
    assert command("estimate", "qwen2-72b-910b", "--set", f"cluster.pools[{bad}].count=1") == 2
    assert command("estimate", "qwen2-72b-910b", "--set", f"model.profile=x{bad}") == 2
    assert command("profiles", "list", bad or "x") == 2
    assert command("profiles", "show", bad) == 2
    assert command("profiles", "show", "chips", bad) == 2
    assert command("profiles", "check", f"x{bad}") == 2
    assert command("rules", "show", bad) == 2
    assert command("rules", "test", f"x{bad}") == 2
    assert command("profiles", "show", "a100-80-sxm", "--profiles", f"x{bad}") == 2
    assert command("explain", "qwen2-72b-910b", bad) == 2
    assert command("diff", "qwen2-72b-910b", bad) == 2
    assert command("compare", bad, "qwen2-72b-910b") == 2
    claim = {"--chip": "a100-80-sxm", "--chips": "8", "--model": "qwen2-72b", "--tokens": "1T", "--days": "3"}
    for option in claim:
        said = [part for name, value in (claim | {option: bad}).items() for part in (name, value)]
        assert command("claim", *said) == 2


CHIP = """\
id = "bad"
name = {name}
vendor = "v"
platform = "cuda"
generation = "g"
notes = [{note}]
[tdp_w]
value = "400 W"
kind = "datasheet"
sources = [{source}]
note = {note}
{extra}
"""
RULE = 'id = "XX-{number}"\njurisdiction = {text}\ntitle = {text}\nnote = {text}\nbogus = 1\n'
SOURCES = "[S1]\ntitle = {text}\nwhere = {text}\n"


def test_no_profile_of_a_shared_folder_reaches_the_terminal(command: Command, tmp_path: Path) -> None:
    for number, bad in enumerate(("".join(SEQUENCES), "".join(MARKUP), "\x1b[2J")):
        shared = tmp_path / f"shared{number}"
        for kind in ("chips", "rules", "models"):
            (shared / kind).mkdir(parents=True)
        (shared / "sources.toml").write_text(SOURCES.format(text=toml(bad)), encoding="utf-8")
        (shared / "rules" / f"xx-{number}.toml").write_text(RULE.format(number=number, text=toml(bad)))
        (shared / "models" / f"{bad.replace('/', '|')}.toml").write_text("x = 1", encoding="utf-8")
        (shared / bad.replace("/", "|")).write_text("")
        for place in ("name", "note", "source", "extra"):
            values = {"name": '"x"', "note": '"x"', "source": '"S1"', "extra": ""}
            values[place] = f"{toml(bad)} = 1" if place == "extra" else toml(bad)
            (shared / "chips" / "bad.toml").write_text(CHIP.format(**values), encoding="utf-8")
            command("profiles", "show", "bad", "--profiles", str(shared))
            assert command("profiles", "check", str(shared)) == 2
        command("profiles", "list", "chips", "--profiles", str(shared))
        command("profiles", "sources", "--profiles", str(shared))
        assert command("rules", "list", "--profiles", str(shared)) == 2
        assert command("estimate", "qwen2-72b-910b", "--profiles", str(shared)) == 2


def test_names_that_leave_their_folder_are_refused(command: Command, tmp_path: Path) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text('id = "secret"\npassword = "hunter2"\n', encoding="utf-8")
    shared = tmp_path / "shared"
    (shared / "chips").mkdir(parents=True)
    (shared / "chips" / "linked.toml").symlink_to(secret)
    (shared / "chips" / "looped.toml").symlink_to(shared / "chips" / "looped.toml")
    (shared / "systems").symlink_to(tmp_path)
    for name in ("linked", "looped", "../../secret", "secret"):
        for kind in ("chips", "systems"):
            assert command("profiles", "show", kind, name, "--profiles", str(shared)) == 2
    assert command("profiles", "check", str(shared)) == 2


def test_the_process_itself_writes_plain_bytes(tmp_path: Path) -> None:
    path = tmp_path / "p\x1b]0;owned\x07.toml"
    path.write_bytes(plan_text(name=toml("\x1b[2J")).encode("utf-8"))
    shared = tmp_path / "s\x1b[2J"
    (shared / "chips").mkdir(parents=True)
    (shared / "chips" / "bad.toml").write_text(
        CHIP.format(name=toml("\x1b[2J"), note='""', source='""', extra="")
    )
    program = "from planner.cli.main import entry; entry()"
    for arguments in (["estimate", str(path)], ["profiles", "list", "chips", "--profiles", str(shared)]):
        process = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=dict(os.environ, TERM="xterm-256color"),
            timeout=60,
            check=False,
        )
        hold_plain(process.returncode, process.stdout, process.stderr)
        assert process.stderr
