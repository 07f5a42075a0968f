"""The catalog: layers, laziness, and folders and files that fail without taking it down."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from planner.catalog import catalog as catalog_module
from planner.catalog import listing as listing_module
from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.entry import read_profile
from planner.catalog.evidence import evidence_of, figures_of
from planner.catalog.listing import list_folder
from planner.catalog.patience import within
from planner.catalog.search_path import Folder, built_in_folder, profile_folders, user_folder
from planner.domain.chip import Chip
from planner.errors import ProfileError
from planner.text import first_unsafe

FABRIC = """
id = "{id}"
name = "{name}"
kind = "roce"
port_bytes_per_s = {{ value = "200 Gb/s", kind = "datasheet", sources = ["S1"] }}
latency_s = {{ value = "2 us", kind = "memory" }}
"""


def _write_fabric(folder: Path, identifier: str, name: str = "n", text: str = FABRIC) -> Path:
    path = folder / "fabrics" / f"{identifier}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.format(id=identifier, name=name))
    return path


def _catalog(*folders: Path, patience_s: float = 3.0) -> Catalog:
    return Catalog(
        [list_folder(Folder(path, path.name, is_asked_for=True)) for path in folders], patience_s=patience_s
    )


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    _write_fabric(tmp_path / "shared", "roce-200g", "shared")
    _write_fabric(tmp_path / "shared", "roce-400g", "shared")
    return tmp_path / "shared"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    _write_fabric(tmp_path / "own", "roce-200g", "own")
    return tmp_path / "own"


def test_the_later_folder_wins_and_says_what_it_shadows(shared: Path, own: Path) -> None:
    catalog = _catalog(shared, own)
    entry = catalog.of_kind("fabrics")["roce-200g"]
    assert (entry.profile.name, entry.origin, entry.shadows) == ("own", "own", ("shared",))
    assert entry.path == own / "fabrics" / "roce-200g.toml"
    assert catalog.of_kind("fabrics")["roce-400g"].shadows == ()
    assert list(catalog.of_kind("fabrics")) == ["roce-200g", "roce-400g"]
    assert len(catalog.of_kind("fabrics")) == 2
    assert catalog.of_kind("fabrics")["roce-200g"].hash != catalog.of_kind("fabrics")["roce-400g"].hash
    assert catalog.notices == ()
    assert len(catalog.chips) == 0


def test_only_what_is_asked_for_is_read(shared: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def spy(*arguments: object, **options: object) -> object:
        read.append(str(arguments[1]))
        return read_profile(*arguments, **options)  # type: ignore[arg-type] # passed through as they came

    monkeypatch.setattr(catalog_module, "read_profile", spy)
    catalog = _catalog(shared, own)
    assert catalog.ids("fabrics") == ("roce-200g", "roce-400g")
    assert read == []
    first = catalog.get("fabrics", "roce-200g")
    assert catalog.get("fabrics", "roce-200g") is first
    assert read == [str(own / "fabrics" / "roce-200g.toml")]


def test_an_unknown_id_names_the_nearest(shared: Path) -> None:
    catalog = _catalog(shared)
    with pytest.raises(ProfileError, match="no fabric is called \"roce200g\"; did you mean 'roce-200g'"):
        catalog.get("fabrics", "roce200g")
    with pytest.raises(KeyError):
        catalog.of_kind("fabrics")["roce200g"]
    assert catalog.of_kind("fabrics").get("none") is None
    with pytest.raises(ProfileError, match="no kind of profile called \"fabric\"; did you mean 'fabrics'"):
        catalog.of_kind("fabric")


@pytest.mark.parametrize("identifier", ["../own/fabrics/roce-200g", "", "a\x1b[2J", "x" * 10_000, "a/b", "."])
def test_a_hostile_id_is_only_unknown(shared: Path, identifier: str) -> None:
    with pytest.raises(ProfileError) as caught:
        _catalog(shared).get("fabrics", identifier)
    assert first_unsafe(str(caught.value)) is None
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "text",
    ["not toml", FABRIC.replace("roce", "rose"), FABRIC.replace("{id}", "other"), FABRIC + "x = 1", "\x00"],
)
def test_a_broken_file_is_left_out_and_the_earlier_folder_stands_in(
    shared: Path, own: Path, text: str
) -> None:
    path = _write_fabric(own, "roce-200g", text=text)
    lonely = _write_fabric(own, "roce-800g", text=text)
    catalog = _catalog(shared, own)
    assert catalog.notices == ()
    assert catalog.of_kind("fabrics")["roce-200g"].profile.name == "shared"
    assert list(catalog.of_kind("fabrics")) == ["roce-200g", "roce-400g"]
    assert len(catalog.notices) == 2
    assert catalog.notices[0].startswith(f"{path}: ")
    assert catalog.notices[0].endswith("; left out")
    with pytest.raises(ProfileError) as caught:
        catalog.get("fabrics", "roce-800g")
    assert str(caught.value).startswith(f"{lonely}: ")
    assert len(catalog.notices) == 2


def test_the_file_name_must_be_the_id(own: Path) -> None:
    (own / "fabrics" / "roce-200g.toml").rename(own / "fabrics" / "renamed.toml")
    with pytest.raises(ProfileError, match='id = "roce-200g": expected "renamed", the file\'s own name'):
        _catalog(own).get("fabrics", "renamed")


def test_missing_and_unreadable_folders_leave_a_notice(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    catalog = _catalog(shared, tmp_path / "none", tmp_path / "file")
    assert catalog.notices == (
        f"{tmp_path / 'none'}: no such folder; its profiles are left out",
        f"{tmp_path / 'file'}: is not a folder; expected a folder of profiles",
    )
    assert len(catalog.of_kind("fabrics")) == 2


def test_a_kind_that_is_a_file_leaves_a_notice(shared: Path) -> None:
    (shared / "chips").write_text("")
    assert _catalog(shared).notices == (f"{shared / 'chips'}: cannot be read; its profiles are left out",)


def test_a_link_out_of_a_shared_folder_is_not_followed(shared: Path, own: Path) -> None:
    (own / "fabrics" / "roce-400g.toml").symlink_to(shared / "fabrics" / "roce-400g.toml")
    catalog = _catalog(own)
    assert list(catalog.of_kind("fabrics")) == ["roce-200g"]
    assert "is a link out of its folder" in catalog.notices[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_among_the_profiles_does_not_block(own: Path) -> None:
    os.mkfifo(own / "fabrics" / "pipe.toml")
    assert list(_catalog(own).of_kind("fabrics")) == ["roce-200g"]


def test_a_folder_that_hangs_while_listing_is_left_out(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(listing_module, "_list_now", lambda _: release.wait(60))
    started = time.monotonic()
    listing = list_folder(Folder(shared, "shared"), patience_s=0.05)
    assert time.monotonic() - started < 30
    release.set()
    assert listing.files == {}
    assert listing.notices == (f"{shared}: did not answer within 0.05 s; its profiles are left out",)


def test_a_folder_that_hangs_while_reading_is_waited_for_once(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    calls: list[int] = []

    def hang(*arguments: object, **options: object) -> None:
        calls.append(1)
        release.wait(60)

    monkeypatch.setattr(catalog_module, "read_profile", hang)
    catalog = _catalog(shared, patience_s=0.05)
    assert list(catalog.of_kind("fabrics")) == []
    release.set()
    assert len(calls) == 1
    assert catalog.notices == (f"{shared}: does not answer; left out",) * 2


def test_threads_share_one_reading(shared: Path) -> None:
    catalog = _catalog(shared)
    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda _: catalog.get("fabrics", "roce-200g"), range(64)))
    assert all(entry is entries[0] for entry in entries)


def test_sources_merge_and_the_later_folder_wins(shared: Path, own: Path) -> None:
    (shared / "sources.toml").write_text('[S1]\ntitle = "a"\nwhere = "w"\n[S2]\ntitle = "b"\nwhere = "w"\n')
    (own / "sources.toml").write_text('[S1]\ntitle = "c"\nwhere = "w"\nread = 2026-01-02\n')
    assert {key: source.title for key, source in _catalog(shared, own).sources.items()} == {
        "S1": "c",
        "S2": "b",
    }
    (own / "sources.toml").write_text('[S1]\ntitel = "c"\nwhere = "w"\n')
    catalog = _catalog(shared, own)
    assert catalog.sources["S1"].title == "a"
    assert "S1.titel: unknown key; did you mean 'title'?" in catalog.notices[0]


def test_the_search_path_is_in_order(tmp_path: Path) -> None:
    environment = {"PLANNER_PROFILES": f"{tmp_path / 'a'}{os.pathsep}{os.pathsep}{tmp_path / 'b'}"}
    folders = profile_folders([tmp_path / "c"], environment=environment)
    assert [folder.path for folder in folders] == [
        built_in_folder(),
        user_folder(),
        tmp_path / "a",
        tmp_path / "b",
        tmp_path / "c",
    ]
    assert [folder.label for folder in folders[:2]] == ["built-in", "yours"]
    assert [folder.path for folder in profile_folders([tmp_path], include_user=False)] == [
        built_in_folder(),
        tmp_path,
    ]


def test_load_catalog_reads_the_environment(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_PROFILES", str(own))
    monkeypatch.setenv("XDG_DATA_HOME", str(own / "nobody"))
    assert load_catalog().get("fabrics", "roce-200g").origin == str(own)
    assert load_catalog(include_user=False).folders[-1].is_built_in


def test_figures_are_walked_with_their_keys() -> None:
    chip = Chip.model_validate(
        {
            "id": "c",
            "name": "C",
            "vendor": "v",
            "platform": "cuda",
            "generation": "g",
            "peak_dense_flops_per_s": {
                "bf16": {
                    "value": "312 TFLOP/s",
                    "kind": "memory",
                    "chosen_because": "x",
                    "rivals": [{"value": "624 TFLOP/s", "kind": "memory", "wrong_because": "sparse"}],
                }
            },
            "memory": {"capacity_bytes": {"value": "80 GB", "kind": "memory"}},
            "tdp_w": {"kind": "assumed"},
        }
    )
    assert [(path, figure.value) for path, figure in figures_of(chip)] == [
        ("peak_dense_flops_per_s.bf16", 312e12),
        ("memory.capacity_bytes", 80e9),
        ("tdp_w", None),
    ]
    assert ("peak_dense_flops_per_s", "bf16", "rivals", 0) in [path for path, _ in evidence_of(chip)]


def test_patience_hands_on_errors() -> None:
    def fail() -> Callable[[], None]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        within(5.0, fail)
