"""`profiles check`: one line per problem, and none where all is well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planner.catalog.check import check_folder
from planner.text import first_unsafe

FILES = {
    "chips/c1.toml": """
id = "c1"
name = "C1"
vendor = "v"
platform = "cuda"
generation = "g"
tdp_w = { value = "400 W", kind = "datasheet", sources = ["T1"] }
""",
    "systems/s1.toml": """
id = "s1"
name = "S1"
chip = "c1"
chips_per_host = 8
chips_per_domain = 8
chips_per_system = 8
default_fabric = "f1"
scale_up = { topology = "switched" }
""",
    "fabrics/f1.toml": """
id = "f1"
name = "F1"
kind = "roce"
port_bytes_per_s = { value = "200 Gb/s", kind = "memory" }
latency_s = { value = "2 us", kind = "memory" }
""",
    "stacks/k1.toml": """
id = "k1"
name = "K1"
platform = "cuda"
framework = "f"
year = 2024
[constants.x]
median = 0.5
log_spread = 0.1
kind = "datasheet"
sources = ["T1"]
""",
    "sources.toml": '[T1]\ntitle = "t"\nwhere = "w"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "profiles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "profiles" / "README.md").write_text("About these.")
    (tmp_path / "profiles" / ".git").mkdir()
    return tmp_path / "profiles"


def test_a_sound_folder_has_no_problems(folder: Path) -> None:
    assert check_folder(folder) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("chips/c1.toml", "tdp_w", "tpd_w", "tpd_w: unknown key; did you mean 'tdp_w'?"),
        ("chips/c1.toml", '"400 W"', "nan", "tdp_w.value = nan: is not finite; expected a power such as"),
        (
            "chips/c1.toml",
            '"C1"',
            '"C\\u001b1"',
            'name = "C\N{REPLACEMENT CHARACTER}1": holds the character U+001B',
        ),
        ("chips/c1.toml", "400 W", "400 GB", "tdp_w.value = \"400 GB\": has the unit 'GB'; expected a power"),
        ("chips/c1.toml", '"c1"', '"c2"', 'id = "c2": expected "c1", the file\'s own name'),
        ("chips/c1.toml", "T1", "T2x", 'tdp_w.sources = "T2x": no such source'),
        ("stacks/k1.toml", "T1", "T2x", 'constants.x.sources = "T2x": no such source'),
        ("systems/s1.toml", '"c1"', '"zzz"', 'chip = "zzz": no chip is called so'),
        ("systems/s1.toml", '"f1"', '"zzz"', 'default_fabric = "zzz": no fabric is called so'),
        ("stacks/k1.toml", "year", 'parent = "zzz"\nyear', 'parent = "zzz": no stack is called so'),
        ("sources.toml", "title", "titel", "T1.titel: unknown key; did you mean 'title'?"),
        ("fabrics/f1.toml", "kind =", "kind", "Expected '='"),
    ],
)
def test_each_problem_is_a_line_that_names_the_file(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    lines = check_folder(folder)
    number = text[: text.index(old)].count("\n") + 1
    mine = [line for line in lines if line.startswith(f"{path}: line {number}: {expected}")]
    assert len(mine) == 1, lines
    assert all(first_unsafe(line) is None for line in lines)


def test_every_problem_of_every_file_is_told(folder: Path) -> None:
    with (folder / "chips" / "c1.toml").open("a") as file:
        file.write("x = 1\ny = 2\n")
    (folder / "fabrics" / "f1.toml").write_text("")
    last = (folder / "chips" / "c1.toml").read_text().count("\n")
    keys = [re.split(r": (?:unknown key|is missing)", line)[0] for line in check_folder(folder)]
    assert [key.split(": ", 1)[1] for key in keys] == [
        f"line {last - 1}: x",
        f"line {last}: y",
        *("id", "name", "kind", "port_bytes_per_s", "latency_s"),
    ]


def test_unknown_files_and_folders_are_named(folder: Path) -> None:
    (folder / "chip").mkdir()
    (folder / "chips" / "notes.json").write_text("")
    (folder / "chips" / "deeper").mkdir()
    (folder / "systems" / "Bad Name.toml").write_text(FILES["systems/s1.toml"])
    lines = check_folder(folder)
    assert [line.removeprefix(f"{folder}/") for line in lines] == [
        "chip: is no kind of profile; did you mean 'chips'?",
        "chips/deeper: is not a profile; expected a file called <id>.toml",
        "chips/notes.json: is not a profile; expected a file called <id>.toml",
        'systems/Bad Name.toml: line 2: id = "s1": expected "Bad Name", the file\'s own name',
    ]


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert check_folder(tmp_path / "none") == [
        f"{tmp_path / 'none'}: no such folder; expected a folder of profiles"
    ]
    assert check_folder(tmp_path / "file") == [
        f"{tmp_path / 'file'}: is a file; expected a folder of profiles"
    ]
    (tmp_path / "empty").mkdir()
    assert check_folder(tmp_path / "empty")[0].startswith(f"{tmp_path / 'empty'}: holds no profiles")


def test_a_file_named_like_a_kind_is_told(folder: Path) -> None:
    (folder / "sites").write_text("")
    assert check_folder(folder) == [
        f"{folder / 'sites'}: is not a folder that can be read; expected one of sites"
    ]
