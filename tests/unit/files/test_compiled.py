"""Kept models: equal to validated ones, and never believed over a file, a damage or another program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

import planner
from planner.catalog.catalog import load_catalog
from planner.catalog.kinds import KINDS
from planner.domain.base import Model
from planner.files import compiled as compiled_module
from planner.files.canonical import canonical_hash
from planner.files.compiled import CompiledFiles, compiled_path
from planner.files.plain_models import model_from_plain, plain_model
from planner.files.reading import MAXIMUM_BYTES
from planner.plans.plan_file import load_plan
from planner.plans.shipped import list_plans


class Note(Model):
    text: str
    number: float = 1.0


CONTENT = b"the bytes of a file"
NOTE = Note(text="as it was validated")


def opened(path: Path | None) -> CompiledFiles:
    files = CompiledFiles()
    files.open(path)
    return files


def refuse() -> Note:
    raise AssertionError("was validated again")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that keeps one note."""
    path = tmp_path / "cache" / "compiled.txt"
    files = opened(path)
    assert files.model(Note, CONTENT, lambda: NOTE) is NOTE
    files.keep()
    return path


def test_every_shipped_model_comes_back_as_it_was_validated() -> None:
    catalog = load_catalog(include_user=False)
    models: list[BaseModel] = [entry.profile for kind in KINDS for entry in catalog.of_kind(kind).values()]
    models += [load_plan(file) for file in list_plans()]
    assert len(models) > 200
    for model in models:
        text = json.dumps(plain_model(model), allow_nan=False)
        again = model_from_plain(type(model), json.loads(text))
        assert_same(model, again)
        assert canonical_hash(again) == canonical_hash(model)


class Part(Model):
    number: float | bool
    place: str = "here"


class Parts(Model):
    parts: tuple[Part, ...]
    notes: tuple[Note, ...] = ()


def test_equal_parts_of_a_file_are_one_and_what_only_compares_equal_is_not() -> None:
    numbers = (1.0, True, 1.0, 2.0)
    whole = Parts(parts=tuple(Part(number=number) for number in numbers), notes=(NOTE, NOTE))
    again = model_from_plain(Parts, json.loads(json.dumps(plain_model(whole))))
    assert_same(whole, again)
    first, flag, second, third = again.parts
    assert first is second
    assert flag is not first
    assert again.notes[0] is again.notes[1]
    # what was set is told of all together, but a copy has its own
    moved = third.model_copy(update={"place": "there"})
    assert moved.model_fields_set == {"number", "place"}
    assert third.model_fields_set == first.model_fields_set == {"number"}
    assert (first.place, third.place, moved.place) == ("here", "here", "there")


def assert_same(one: object, other: object) -> None:
    """Assert that two values are equal in type, order, and in what was set of them."""
    assert type(one) is type(other)
    if isinstance(one, BaseModel) and isinstance(other, BaseModel):
        assert one.model_fields_set == other.model_fields_set
        # what a model worked out of itself when it was first asked is not of it
        fields = [[name for name in vars(it) if name in type(it).model_fields] for it in (one, other)]
        assert fields[0] == fields[1]
        for name in fields[0]:
            assert_same(getattr(one, name), getattr(other, name))
    elif isinstance(one, tuple | list) and isinstance(other, tuple | list):
        for here, there in zip(one, other, strict=True):
            assert_same(here, there)
    elif isinstance(one, dict) and isinstance(other, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    else:
        assert repr(one) == repr(other)


def test_the_same_bytes_are_validated_once(path: Path) -> None:
    assert opened(path).model(Note, CONTENT, refuse) == NOTE


def test_other_bytes_and_other_models_are_validated(path: Path) -> None:
    class Remark(Note):
        pass

    other = Note(text="other")
    assert opened(path).model(Note, CONTENT + b" ", lambda: other) is other
    remark = Remark(text="remark")
    assert opened(path).model(Remark, CONTENT, lambda: remark) is remark


def test_what_cannot_be_validated_is_never_kept(path: Path) -> None:
    files = opened(path)
    for _ in range(2):
        with pytest.raises(AssertionError, match="validated again"):
            files.model(Note, b"broken", refuse)


def test_another_program_starts_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_module, "_program_stamp", lambda: "another")
    files = opened(path)
    assert files.model(Note, CONTENT, lambda: Note(text="new")).text == "new"
    files.keep()
    assert opened(path).model(Note, CONTENT, refuse).text == "new"


def test_without_a_place_or_sources_everything_is_validated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def folders_unseen(folder: Path) -> None:
        raise NotADirectoryError(folder)

    other = Note(text="other")
    assert opened(None).model(Note, CONTENT, lambda: other) is other
    monkeypatch.setattr(os, "scandir", folders_unseen)
    assert opened(path).model(Note, CONTENT, lambda: other) is other


def _cut(content: bytes) -> bytes:
    return content[:-9]


def _changed_word(content: bytes) -> bytes:
    return content.replace(b"as it was", b"as it wax")


def _other_json(content: bytes) -> bytes:
    """A line with a right hash that is no model: what only a forger or a bug writes."""
    head, line = content.split(b"\n")
    text = b'[0,{"text":["date","no date"]}]'
    return b"\n".join([head, b" ".join([line.split(b" ")[0], compiled_module._hash(text).encode(), text])])


def _deep_json(content: bytes) -> bytes:
    head, line = content.split(b"\n")
    text = b"[" * 100_000
    return b"\n".join([head, b" ".join([line.split(b" ")[0], compiled_module._hash(text).encode(), text])])


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _changed_word,
        _other_json,
        _deep_json,
        lambda _: b"",
        lambda _: b"\xff\x00" * 500,
        lambda content: content.replace(b"\n", b"\n\n \n"),
        lambda content: b"\n" + content,
        lambda content: content + b" " * MAXIMUM_BYTES,
    ],
)
def test_a_damaged_line_is_not_believed(path: Path, damage: Callable[[bytes], bytes]) -> None:
    path.write_bytes(damage(path.read_bytes()))
    files = opened(path)
    found = files.model(Note, CONTENT, lambda: NOTE)
    assert found == NOTE
    files.keep()
    assert opened(path).model(Note, CONTENT, refuse) == NOTE


def test_a_place_that_takes_nothing_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("where a folder should be")
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    for path in (blocked / "compiled.txt", folder, tmp_path / ("n" * 300), tmp_path / "a\0b"):
        files = opened(path)
        assert files.model(Note, CONTENT, lambda: NOTE) is NOTE
        files.keep()
    assert blocked.read_text() == "where a folder should be"


def test_a_file_that_others_may_write_is_not_read(path: Path) -> None:
    path.chmod(0o666)
    other = Note(text="other")
    assert opened(path).model(Note, CONTENT, lambda: other) is other


def test_lines_of_files_that_went_make_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_module, "MAXIMUM_BYTES", 400)
    files = opened(path)
    assert files.model(Note, b"other", lambda: Note(text="n" * 150)).text
    files.keep()
    again = opened(path)
    assert again.model(Note, b"other", refuse).text == "n" * 150
    assert again.model(Note, CONTENT, lambda: Note(text="gone")).text == "gone"


def test_what_has_no_plain_form_is_validated_each_time(tmp_path: Path) -> None:
    class Odd(Model):
        value: object

    path = tmp_path / "compiled.txt"
    for value in ({1: "a key that is no text"}, {"a set"}, float("nan")):
        odd = Odd.model_construct(value=value)
        for _ in range(2):
            files = opened(path)
            assert files.model(Odd, CONTENT, lambda odd=odd: odd) is odd  # type: ignore[misc]
            files.keep()


def test_the_place_is_that_of_the_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = compiled_path()
    assert first is not None
    assert tmp_path in first.parents or os.name == "nt"
    monkeypatch.setattr(planner, "__file__", str(tmp_path / "planner" / "__init__.py"))
    assert compiled_path() != first


def test_a_file_as_this_process_left_it_is_not_read_again_and_a_changed_one_is(path: Path) -> None:
    files = opened(path)
    note = files.model(Note, CONTENT, refuse)
    files.open(path)
    assert files.model(Note, CONTENT, refuse) is note
    path.write_bytes(b"of another program\n")
    files.open(path)
    other = Note(text="other")
    assert files.model(Note, CONTENT, lambda: other) is other
    files.keep()
    files.open(path)
    assert files.model(Note, CONTENT, refuse) is other
    path.unlink()
    files.open(path)
    assert files.model(Note, CONTENT, lambda: note) is note
