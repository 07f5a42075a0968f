"""Profiles of one's own: copied, begun, edited with the checks of their file, written whole or not at all."""

from __future__ import annotations

import operator
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.app.test_profiles_screen import (
    find,
    profiles,
    reach_by_key,
    reach_by_palette,
    ready,
    text_of,
    turn_to,
)
from textual.widgets import Input

from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.own_copy import OwnCopy
from planner.app.dialogs.question import Question
from planner.app.dialogs.slot_form import SlotForm
from planner.app.drawing.profile_form import slot_row
from planner.app.field_spec import FieldSpec
from planner.app.profile_draft import ProfileDraft, with_value
from planner.app.profile_slots import Slot, list_keys, slots_of
from planner.app.screen_actions import FORM_ACTIONS
from planner.app.screens.profile_form import ProfileFormScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.app.shelf import Shelf
from planner.app.widgets.text_field import TextField
from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.check import check_folder
from planner.catalog.kinds import KINDS
from planner.catalog.own_files import add_sources, copied_text, own_folders, own_path, state_of, write_own
from planner.catalog.search_path import built_in_folder
from planner.domain.keys import Key
from planner.errors import ConflictError, InputError, ProfileError
from planner.files.toml import read_toml

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp, User

    from planner.app.estimating import Estimator

EDITED = ("chips", "systems", "fabrics", "sites", "prices")


def slot_at(draft: ProfileDraft, key: str) -> Slot:
    return next(slot for slot in draft.slots() if slot.spec.key == key)


@pytest.fixture
def folder(home: Path) -> Path:
    path = home / "team"
    path.mkdir()
    return path


@pytest.fixture
def draft(folder: Path) -> ProfileDraft:
    """Return the draft of a copy of a chip."""
    path = own_path("chips", "h200-sxm", folder)
    write_own(path, copied_text(built_in_folder() / "chips" / "h200-sxm.toml", "h200-sxm"), "")
    return ProfileDraft.opened("chips", path, folder)


# The form of a kind


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_profile_reads_back_as_it_was_from_its_form(kind: str, shipped: Catalog) -> None:
    if kind == "claims":
        return
    for identifier in shipped.ids(kind)[::9]:
        path = built_in_folder() / kind / f"{identifier}.toml"
        draft = ProfileDraft.opened(kind, path, built_in_folder())
        assert not draft.problems(shipped)
        for slot in draft.slots():
            if draft.value(slot) is not None:
                draft.take(slot, draft.texts(slot))
        assert draft.data == draft.saved, identifier


@pytest.mark.parametrize("kind", EDITED)
def test_every_key_of_the_form_says_what_it_means(kind: str) -> None:
    model = KINDS[kind].model_class
    slots = slots_of(model, {key: [{}] for key in list_keys(model)})
    assert slots
    for slot in slots:
        assert slot.spec.label
        assert len(slot.spec.help) > 10, slot.spec.key
        for name, spec in slot.fields:
            assert spec.help, f"{slot.spec.key}.{name}"
    labels = [slot.spec.label for slot in slots]
    groups = [slot.path[0] for slot in slots]
    assert len(set(zip(groups, labels, strict=True))) == len(labels), "no two rows are called the same"


def test_rows_write_a_year_as_one_and_use_their_room(draft: ProfileDraft) -> None:
    year, name = slot_at(draft, "release_year"), slot_at(draft, "name")
    assert draft.texts(year)["value"] == "2023"
    long = "an accelerator whose name takes more than a column of the form"
    draft.take(name, {"name": long})

    def row(slot: Slot, width: int) -> str:
        return slot_row(slot, draft.texts(slot), is_wrong=False, width=width).plain

    assert row(name, 120).endswith(long), "what nothing stands beside has the whole row"
    for width in (60, 76, 116):
        kinds = {slot: draft.texts(slot).get("kind") for slot in draft.slots()}
        rows = [(row(slot, width), kind) for slot, kind in kinds.items() if kind]
        assert max(len(text) for text, _ in rows) <= width
        assert len({text.rindex(kind) for text, kind in rows}) == 1, "known by stands in one column"


def test_a_text_is_checked_as_the_file_is(draft: ProfileDraft, shipped: Catalog) -> None:
    power = slot_at(draft, "tdp_w")
    texts = draft.texts(power)
    assert draft.complaint(power, texts, shipped) == ("", "")
    assert draft.complaint(power, dict.fromkeys(texts, ""), shipped)[0] == "kind"
    for value, expected in (
        ("abc", "is not a quantity"),
        ("5 GB", "has the unit"),
        ("0", "what runs draws power"),
    ):
        name, words = draft.complaint(power, {**texts, "value": value}, shipped)
        assert name == "value"
        assert expected in words
    name, words = draft.complaint(power, {**texts, "kind": "claim", "sources": ""}, shipped)
    assert "names no source" in words
    name, words = draft.complaint(power, {**texts, "sources": "NOBODY"}, shipped)
    assert (name, "no such source" in words) == ("sources", True)


def test_a_figure_is_taken_as_it_was_typed_and_taken_back(draft: ProfileDraft, shipped: Catalog) -> None:
    power = slot_at(draft, "tdp_w")
    before = draft.data
    draft.take(
        power, {**draft.texts(power), "value": "650 W", "kind": "assumed", "sources": "", "note": "a cap"}
    )
    assert draft.data["tdp_w"]["value"] == "650 W"
    assert "sources" not in draft.data["tdp_w"]
    assert draft.is_dirty
    assert not draft.problems(shipped)
    assert draft.undo() == "power"
    assert draft.data == before
    assert draft.redo() == "power"
    assert draft.redo() is None
    draft.remove(power)
    assert "tdp_w" not in draft.data
    with pytest.raises(InputError):
        draft.take(power, {**draft.texts(power), "value": "much"})


def test_rivals_and_what_nobody_touched_stay(draft: ProfileDraft) -> None:
    peak = slot_at(draft, "peak_dense_flops_per_s.bf16")
    rivals = draft.value(peak)["rivals"]
    draft.take(peak, {**draft.texts(peak), "note": "as measured by us"})
    assert draft.value(peak)["rivals"] == rivals
    assert draft.value(peak)["note"] == "as measured by us"


def test_a_new_document_goes_into_the_folder_with_the_figure(
    draft: ProfileDraft, shipped: Catalog, folder: Path
) -> None:
    power = slot_at(draft, "tdp_w")
    texts = {**draft.texts(power), "value": "690 W", "kind": "claim", "sources": "VENDOR-Q3"}
    assert "no such source" in draft.complaint(power, texts, shipped)[1]
    texts["document"] = "Vendor X, quote 3"
    assert draft.complaint(power, texts, shipped)[0] == "where"
    texts["where"] = "letter of 20 November"
    assert draft.complaint(power, texts, shipped) == ("", "")
    draft.take(power, texts)
    assert draft.problems(shipped) == []
    draft.save()
    assert not draft.is_dirty
    assert read_toml(folder / "sources.toml")["VENDOR-Q3"]["title"] == "Vendor X, quote 3"
    assert check_folder(folder) == []


def test_lists_begin_grow_and_end() -> None:
    assert with_value({}, ("quotes", 0, "amount"), 3) == {"quotes": [{"amount": 3}]}
    assert with_value({"quotes": [{"a": 1}, {"a": 2}]}, ("quotes", 0), None) == {"quotes": [{"a": 2}]}
    assert with_value({"id": "x", "quotes": [{"a": 1}]}, ("quotes", 0), None) == {"id": "x"}
    assert with_value({"memory": {"a": 1}}, ("memory", "a"), None) == {}


# The files


def test_a_file_that_somebody_else_changed_is_not_overwritten(draft: ProfileDraft) -> None:
    draft.take(slot_at(draft, "name"), {"name": "mine"})
    draft.path.write_text(draft.path.read_text() + "\n# theirs\n")
    with pytest.raises(ConflictError):
        draft.save()
    assert "theirs" in draft.path.read_text()
    assert draft.is_dirty
    draft.save(replaces_changed=True)
    assert read_toml(draft.path)["name"] == "mine"
    assert not draft.is_dirty


def test_saves_at_once_are_no_conflict(draft: ProfileDraft) -> None:
    with ThreadPoolExecutor(4) as threads:
        for number in range(5):
            draft.take(slot_at(draft, "name"), {"name": f"mine {number}"})
            for saving in [threads.submit(draft.save) for _ in range(4)]:
                saving.result()
    assert read_toml(draft.path)["name"] == "mine 4"
    assert not draft.is_dirty


def test_ids_and_folders_of_ones_own(folder: Path, home: Path) -> None:
    catalog = load_catalog([folder])
    assert next(one.path for one in own_folders(catalog)) == folder
    for bad in ("", "../x", "a b", "H200", "a" * 81, "x/y", ".hidden"):
        with pytest.raises(ProfileError):
            own_path("chips", bad, folder)
    assert own_path("rules", "EU-MINE", folder).name == "eu-mine.toml"
    text = copied_text(built_in_folder() / "chips" / "h200-sxm.toml", "our-h200")
    path = own_path("chips", "our-h200", folder)
    write_own(path, text, "")
    assert read_toml(path)["id"] == "our-h200"
    with pytest.raises(ConflictError):
        write_own(path, text, "")
    assert check_folder(folder) == []
    add_sources(folder, {"A": {"title": "t", "where": "w"}})
    before = (folder / "sources.toml").read_text() + "# kept\n"
    (folder / "sources.toml").write_text(before)
    add_sources(folder, {"A": {"title": "other", "where": "w"}, "B": {"title": "b", "where": "w"}})
    after = (folder / "sources.toml").read_text()
    assert "# kept" in after
    assert read_toml(folder / "sources.toml")["A"]["title"] == "t"
    assert state_of(folder / "none.toml") == ""


# On the screen


@pytest.fixture
def own_app(plan_path: Path, folder: Path, fake_estimate: Estimator) -> Callable[[], PlannerApp]:
    def make() -> PlannerApp:
        return PlannerApp(open_session(plan_path), fake_estimate, Shelf(lambda: load_catalog([folder])))

    return make


async def type_into(user: User, form: SlotForm, name: str, text: str) -> None:
    row = form.rows[name]
    if isinstance(row.control, TextField):
        row.control.focus()
        row.control.value = text
    else:
        form.typed(name, text)
        assert isinstance(row.spec, FieldSpec)
        form.show(name, row.spec)
    await user.pause()


async def mark_slot(user: User, form: ProfileFormScreen, key: str) -> None:
    place = next(place for place, slot in enumerate(form.shown) if slot.spec.key == key)
    form.slots.highlighted = place
    await user.pause()


async def test_a_chip_is_copied_edited_saved_and_the_plan_estimated_again(
    open_app: OpenApp, own_app: Callable[[], PlannerApp], folder: Path
) -> None:
    async with open_app(own_app()) as user:
        revision = user.planning.bench.live.revision
        screen = await profiles(user)
        await find(user, screen, "chips", "ascend-910b")
        await user.press("e")
        await user.pause()
        assert user.app.screen is screen, "what comes with the program is not edited"
        await user.press("c")
        copying = await user.shown(OwnCopy)
        copying.query_one(Input).value = "no good"
        await user.press("enter")
        assert "is no id" in text_of(copying, "#new-note")
        copying.query_one(Input).value = "ascend-910b"
        await user.press("enter")
        form = await user.shown(ProfileFormScreen)
        await user.until(lambda: bool(form.shown))
        assert (folder / "chips" / "ascend-910b.toml").exists()
        assert "valid" in text_of(form, "#form-state")
        await mark_slot(user, form, "tdp_w")
        await user.press("enter")
        dialog = await user.shown(SlotForm)
        await type_into(user, dialog, "value", "many")
        assert "is not a quantity" in dialog.rows["value"].error
        await user.press("enter")
        await user.pause()
        assert isinstance(user.app.screen, SlotForm)
        await type_into(user, dialog, "value", "333 W")
        await type_into(user, dialog, "kind", "assumed")
        await type_into(user, dialog, "sources", "")
        await user.press("enter")
        await user.shown(ProfileFormScreen)
        assert "* unsaved" in text_of(form, "#form-bar")
        await user.press("ctrl+s")
        await user.until(lambda: not form.draft.is_dirty)
        assert read_toml(folder / "chips" / "ascend-910b.toml")["tdp_w"]["value"] == "333 W"
        await user.press("escape")
        await user.shown(ProfilesScreen)
        await ready(user, screen)
        await user.until(lambda: (one := screen.marked()) is not None and one.origin == str(folder))
        assert "333 W" in text_of(screen, "#profile-text")
        await user.press("escape", "escape")
        await user.until(lambda: user.planning.bench.live.revision > revision)


async def test_a_quote_is_entered_with_its_document(
    open_app: OpenApp, own_app: Callable[[], PlannerApp], folder: Path
) -> None:
    async with open_app(own_app(), size=(80, 24)) as user:
        screen = await profiles(user)
        await find(user, screen, "prices", "h200-sxm-price")
        await user.press("c")
        await user.shown(OwnCopy)
        await user.press("enter")
        form = await user.shown(ProfileFormScreen)
        await user.until(lambda: bool(form.shown))
        count = len(form.draft.data.get("quotes", ()))
        await user.press("plus")
        dialog = await user.shown(SlotForm)
        told = {
            "amount": "27k..28k",
            "offer": "reseller",
            "seller": "Vendor X [/",
            "kind": "claim",
            "sources": "VX-3",
            "date": "2026-11-20",
            "document": "Vendor X, quote 3",
            "where": "letter",
        }
        for name, text in told.items():
            await type_into(user, dialog, name, text)
        await user.press("ctrl+s")
        await user.shown(ProfileFormScreen)
        assert len(form.draft.data["quotes"]) == count + 1
        await user.press("ctrl+z")
        assert len(form.draft.data.get("quotes", ())) == count
        await user.press("ctrl+y", "ctrl+s")
        await user.until(lambda: not form.draft.is_dirty)
        assert check_folder(folder) == []
        # somebody else writes the file; what is here is not lost, and theirs only when it is said
        theirs = form.draft.path.read_text() + "\n# theirs\n"
        form.draft.path.write_text(theirs)
        await user.press("ctrl+z", "ctrl+s")
        assert "changed since it was opened" in await user.asked()
        await user.press("c")
        await user.shown(ProfileFormScreen)
        assert form.draft.path.read_text() == theirs
        await user.press("ctrl+y", "ctrl+z", "ctrl+s")
        assert "changed since it was opened" in await user.asked()
        await user.press("m")
        await user.until(lambda: not form.draft.is_dirty)
        assert len(read_toml(form.draft.path).get("quotes", ())) == count
        await user.press("ctrl+y", "ctrl+s")
        await user.until(lambda: not form.draft.is_dirty)
        await user.press("escape")
        await user.shown(ProfilesScreen)
        await ready(user, screen)
        await user.until(lambda: "Vendor X [/" in text_of(screen, "#profile-text"))
        assert "Vendor X, quote 3" in text_of(screen, "#profile-text")


async def test_a_new_profile_says_what_it_lacks_and_is_not_lost_unasked(
    open_app: OpenApp, own_app: Callable[[], PlannerApp], folder: Path
) -> None:
    async with open_app(own_app()) as user:
        screen = await profiles(user)
        await turn_to(user, screen, "prices")
        await user.press("n")
        dialog = await user.shown(OwnCopy)
        await user.press("enter")
        assert "an id is needed" in text_of(dialog, "#new-note")
        dialog.query_one(Input).value = "ours-price"
        await user.press("enter")
        form = await user.shown(ProfileFormScreen)
        await user.until(lambda: bool(form.problems))
        assert "name" in text_of(form, "#form-state")
        await user.press("ctrl+s")
        await user.pause()
        assert not (folder / "prices" / "ours-price.toml").exists()
        await user.press("h")
        assert form.shown == []
        await user.press("h", "ctrl+q")
        assert "Profile not saved" in await user.asked()
        await user.press("c")
        await user.shown(ProfileFormScreen)
        await user.press("escape")
        await user.asked()
        await user.press("d")
        await user.shown(ProfilesScreen)


async def test_a_broken_file_is_named_and_edited(
    open_app: OpenApp, own_app: Callable[[], PlannerApp], folder: Path
) -> None:
    path = folder / "sites" / "ours.toml"
    path.parent.mkdir()
    path.write_text('# by hand\nid = "ours"\nname = "Ours"\ncountry = "Germany"\n')
    async with open_app(own_app()) as user:
        screen = await profiles(user)
        await turn_to(user, screen, "sites")
        place = next(place for place, one in enumerate(screen.shown) if one.problem)
        screen.rows.highlighted = place
        await user.until(lambda: "left out" in text_of(screen, "#profile-text"))
        assert "country" in text_of(screen, "#profile-text").replace("\n", " ")
        await user.press("u", "space")
        assert user.app.screen is screen
        await user.press("e")
        form = await user.shown(ProfileFormScreen)
        await user.until(lambda: bool(form.problems))
        await mark_slot(user, form, "country")
        assert "x " in text_of(form, "#form-text")
        await user.press("enter")
        dialog = await user.shown(SlotForm)
        await type_into(user, dialog, "country", "de")
        await user.press("enter")
        await user.shown(ProfileFormScreen)
        await user.press("ctrl+s")
        question = await user.shown(Question)
        assert "remarks" in await user.asked()
        await user.press("s")
        await user.until(lambda: question.is_left and not form.draft.is_dirty)
        assert read_toml(path)["country"] == "DE"


async def test_each_action_of_the_form_is_reached_by_key_and_by_palette(
    open_app: OpenApp, own_app: Callable[[], PlannerApp], draft: ProfileDraft
) -> None:
    async with open_app(own_app()) as user:
        screen = await profiles(user)
        screen.put_over(ProfileFormScreen(draft, screen.shelf))
        form = await user.shown(ProfileFormScreen)
        await user.until(lambda: bool(form.shown))
        await user.press("f1")
        await user.pause()
        await user.press("escape")
        await user.shown(ProfileFormScreen)
        reached: list[Any] = []
        for action in FORM_ACTIONS:
            setattr(form, f"action_{action.id}", partial(reached.append, action.id))
        for reach in (reach_by_key, reach_by_palette):
            for action in FORM_ACTIONS:
                reached.clear()
                await reach(user, action)
                await user.until(partial(operator.eq, reached, [action.id]))


def test_the_key_of_a_field_is_said_once() -> None:
    keys = [
        part
        for kind in EDITED
        for info in KINDS[kind].model_class.model_fields.values()
        for part in info.metadata
        if isinstance(part, Key)
    ]
    assert all(key.help.endswith(".") for key in keys)
