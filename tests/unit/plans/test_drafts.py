"""Recovery drafts and the lists of plans."""

from __future__ import annotations

import datetime
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planner.domain.plan import Plan
from planner.errors import FileError
from planner.plans.drafts import SessionDrafts, discard_draft, drafts_folder, find_drafts
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


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Callable[[], SessionDrafts]]:
    """Return what begins another session; all of them end with the test."""
    begun: list[SessionDrafts] = []

    def begin() -> SessionDrafts:
        begun.append(SessionDrafts(tmp_path))
        return begun[-1]

    yield begin
    for session in begun:
        session.release()


def draft_of(name: str) -> Plan:
    return PLAN.model_copy(update={"name": name})


def test_a_draft_is_found_until_it_is_discarded(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "drafts"
    plan_path = tmp_path / "a.toml"
    assert find_drafts(plan_path, folder=folder) == []
    session = SessionDrafts(folder)
    written = session.keep(lambda: (plan_path, PLAN))
    (draft,) = find_drafts(plan_path, folder=folder)
    assert (draft.plan, draft.path, draft.is_in_use) == (PLAN, written, True)
    assert abs(datetime.datetime.now(datetime.UTC) - draft.written) < datetime.timedelta(minutes=5)
    assert session.keep(lambda: (plan_path, None)) is None
    assert find_drafts(plan_path, folder=folder) == []
    session.keep(lambda: (plan_path, PLAN))
    # the session opened another plan, or gave this one another file
    session.keep(lambda: (None, draft_of("untitled")))
    assert find_drafts(plan_path, folder=folder) == []
    session.release()
    (untitled,) = find_drafts(None, folder=folder)
    assert (untitled.plan.name, untitled.is_in_use) == ("untitled", False)
    discard_draft(untitled)
    assert list(folder.iterdir()) == []


def test_what_was_discarded_is_kept_by_no_draft_that_was_on_its_way(tmp_path: Path) -> None:
    session = SessionDrafts(tmp_path)
    session.keep(lambda: (None, PLAN))
    session.end()
    assert session.keep(lambda: (None, PLAN)) is None
    assert find_drafts(None, folder=tmp_path) == []
    session.release()


def test_two_sessions_on_one_plan_keep_two_drafts(
    tmp_path: Path, sessions: Callable[[], SessionDrafts]
) -> None:
    plan_path = tmp_path / "a.toml"
    mine, theirs = sessions(), sessions()
    theirs.keep(lambda: (plan_path, draft_of("theirs")))
    mine.keep(lambda: (plan_path, draft_of("mine")))
    assert [draft.plan.name for draft in find_drafts(plan_path, folder=tmp_path)] == ["mine", "theirs"]
    # what is saved needs no draft; that of the other window stays
    assert mine.keep(lambda: (plan_path, None)) is None
    (draft,) = find_drafts(plan_path, folder=tmp_path)
    assert (draft.plan.name, draft.is_in_use) == ("theirs", True)
    theirs.release()
    (draft,) = find_drafts(plan_path, folder=tmp_path)
    assert (draft.plan.name, draft.is_in_use) == ("theirs", False)
    mine.take_over(draft, lambda: (plan_path, draft_of("gone on with")))
    (draft,) = find_drafts(plan_path, folder=tmp_path)
    assert (draft.plan.name, draft.is_in_use) == ("gone on with", True)


def test_a_killed_session_is_known_to_have_ended(
    tmp_path: Path, sessions: Callable[[], SessionDrafts]
) -> None:
    program = (
        "import os, pathlib, signal; from planner.plans.drafts import SessionDrafts; "
        "from tests.unit.plans.test_drafts import PLAN; "
        f"SessionDrafts(pathlib.Path({str(tmp_path)!r})).keep(lambda: (None, PLAN)); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    (draft,) = find_drafts(None, folder=tmp_path)
    assert (draft.plan, draft.is_in_use) == (PLAN, False)
    assert len(list(tmp_path.glob("*.session"))) == 1
    sessions().keep(lambda: (Path("a.toml"), PLAN))
    # the killed one's mark is gone, its draft is not
    assert len(list(tmp_path.glob("*.session"))) == 1
    assert find_drafts(None, folder=tmp_path) == [draft]


def test_an_older_draft_never_replaces_a_newer_one(
    tmp_path: Path, sessions: Callable[[], SessionDrafts]
) -> None:
    session, asked = sessions(), threading.Event()
    plans = iter([draft_of("older"), draft_of("newer")])

    def unsaved() -> tuple[None, Plan]:
        asked.set()
        return None, next(plans)

    slow = threading.Thread(target=session.keep, args=[unsaved])
    slow.start()
    asked.wait(60)
    session.keep(unsaved)
    slow.join()
    (draft,) = find_drafts(None, folder=tmp_path)
    assert draft.plan.name == "newer"


def test_a_draft_of_an_earlier_version_is_found(
    tmp_path: Path, sessions: Callable[[], SessionDrafts]
) -> None:
    path = sessions().keep(lambda: (None, PLAN))
    assert path is not None
    path.rename(tmp_path / "untitled.toml")
    (draft,) = find_drafts(None, folder=tmp_path)
    assert (draft.plan, draft.is_in_use) == (PLAN, False)


def test_a_draft_belongs_to_the_file_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sessions: Callable[[], SessionDrafts]
) -> None:
    monkeypatch.chdir(tmp_path)
    session = sessions()
    path = session.keep(lambda: (Path("a.toml"), PLAN))
    assert session.keep(lambda: (tmp_path / "a.toml", PLAN)) == path
    assert session.keep(lambda: (tmp_path / "b.toml", PLAN)) != path
    odd = session.keep(lambda: (Path("\udcff\x1b.toml"), PLAN))
    assert odd is not None
    assert odd.parent == tmp_path
    assert len(find_drafts(Path("\udcff\x1b.toml"), folder=tmp_path)) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"plan = 1\nwritten = 1", b"[plan]\nname = 'x'\n", b"written = 2026-01-01T00:00:00"],
)
def test_a_broken_draft_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "untitled-0123456789abcdef.toml").write_bytes(content)
    assert find_drafts(None, folder=tmp_path) == []


def test_a_draft_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="no draft was kept"):
        SessionDrafts(tmp_path / "file" / "drafts").keep(lambda: (None, PLAN))


def test_the_usual_folder_is_the_users_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert drafts_folder().name == "drafts"
    assert "planner" in drafts_folder().parts


def test_plans_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b.toml", "a.toml", ".hidden.toml", "notes.md"):
        (tmp_path / name).write_text("")
    assert list_plans([tmp_path, tmp_path / "none"]) == [tmp_path / "a.toml", tmp_path / "b.toml"]
    assert all(path.parent == shipped_plans_folder() for path in list_plans())
