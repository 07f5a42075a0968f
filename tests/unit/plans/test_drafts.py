"""Recovery drafts and the lists of plans."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from planner.domain.plan import Plan
from planner.errors import FileError
from planner.plans.drafts import discard_draft, draft_path, drafts_folder, find_draft, write_draft
from planner.plans.shipped import list_plans, shipped_plans_folder

PLAN = Plan.model_validate(
    {
        "name": "x",
        "model": {"profile": "m"},
        "workload": {"tokens": "13.2T"},
        "cluster": {"pools": [{"id": "train", "system": "s", "count": 4}]},
        "pins": {"chips/x": {"hash": "0123456789"}},
    }
)


def test_a_draft_is_found_until_it_is_discarded(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "drafts"
    plan_path = tmp_path / "a.toml"
    assert find_draft(plan_path, folder=folder) is None
    written = write_draft(plan_path, PLAN, folder=folder)
    write_draft(None, PLAN.model_copy(update={"name": "untitled"}), folder=folder)
    draft = find_draft(plan_path, folder=folder)
    assert draft is not None
    assert (draft.plan, draft.path) == (PLAN, written)
    assert draft.written.tzinfo is not None
    assert abs(datetime.datetime.now(datetime.UTC) - draft.written) < datetime.timedelta(minutes=5)
    untitled = find_draft(None, folder=folder)
    assert untitled is not None
    assert untitled.plan.name == "untitled"
    discard_draft(plan_path, folder=folder)
    discard_draft(plan_path, folder=folder)
    assert find_draft(plan_path, folder=folder) is None
    assert find_draft(None, folder=folder) is not None


def test_a_draft_belongs_to_the_file_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert draft_path(Path("a.toml"), folder=tmp_path) == draft_path(tmp_path / "a.toml", folder=tmp_path)
    assert draft_path(Path("b.toml"), folder=tmp_path) != draft_path(tmp_path / "a.toml", folder=tmp_path)
    assert draft_path(Path("\udcff\x1b"), folder=tmp_path).parent == tmp_path


def test_drafts_of_odd_names_are_kept(tmp_path: Path) -> None:
    write_draft(Path("\udcff\x1b.toml"), PLAN, folder=tmp_path)
    assert find_draft(Path("\udcff\x1b.toml"), folder=tmp_path) is not None


@pytest.mark.parametrize("content", [b"", b"\x00", b"plan = 1\nwritten = 1", b"[plan]\nname = 'x'\n"])
def test_a_broken_draft_is_none(tmp_path: Path, content: bytes) -> None:
    draft_path(None, folder=tmp_path).write_bytes(content)
    assert find_draft(None, folder=tmp_path) is None


def test_a_draft_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="no draft was kept"):
        write_draft(None, PLAN, folder=tmp_path / "file" / "drafts")


def test_the_usual_folder_is_the_users_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert drafts_folder().name == "drafts"
    assert "planner" in drafts_folder().parts


def test_plans_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b.toml", "a.toml", ".hidden.toml", "notes.md"):
        (tmp_path / name).write_text("")
    assert list_plans([tmp_path, tmp_path / "none"]) == [tmp_path / "a.toml", tmp_path / "b.toml"]
    assert all(path.parent == shipped_plans_folder() for path in list_plans())
