"""The form of a profile of one's own: every key that its file may hold, checked as the file will be."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from planner.app.actions import bindings
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import CANCEL, KEEP_MINE, Answer, Question
from planner.app.dialogs.slot_form import SlotForm
from planner.app.drawing.field_help import keys_lines
from planner.app.drawing.pieces import BAD, GOOD, QUIET, fitted, line
from planner.app.drawing.profile_form import concerns, slot_lines, slot_row
from planner.app.field_spec import FieldSpec
from planner.app.flows.choosing import field_items
from planner.app.layer import Layer
from planner.app.profile_draft import ProfileDraft
from planner.app.profile_slots import Slot
from planner.app.screen_actions import FORM_ACTIONS
from planner.app.shelf import Shelf
from planner.app.widgets.choices import Choices
from planner.app.widgets.key_bar import KeyBar
from planner.errors import ConflictError, InputError, PlannerError
from planner.text import safe

SAVE, DISCARD = Answer("save", "Save", "s"), Answer("discard", "Discard", "d")
ANYWAY = Answer("anyway", "Save without them", "s")
KEYS = ("form_help", "add_item", "remove_slot", "save_profile", "undo_slot", "leave_form")


class ProfileFormScreen(Layer[None]):
    """Edits one profile."""

    CSS_PATH = "profile_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(FORM_ACTIONS)
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (110, "-beside")]  # noqa: RUF012 - Textual's declaration

    def __init__(self, draft: ProfileDraft, shelf: Shelf) -> None:
        super().__init__()
        self.draft = draft
        self.shelf = shelf
        self.shows_all = True
        self.shown: list[Slot] = []
        self.problems: list[str] = []
        self.slots = Choices(id="form-slots", markup=False)
        self.key_bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Lay out the rows, and beside them what the marked one means."""
        self.take_breakpoints()
        yield Static("", markup=False, id="form-bar")
        yield Static("", markup=False, id="form-state")
        with Horizontal(id="form-body"):
            yield self.slots
            with VerticalScroll(id="form-detail", can_focus=False):
                yield Static("", markup=False, id="form-text")
        yield self.key_bar

    def on_mount(self) -> None:
        """Show the file."""
        self.slots.border_title = "What the file may say"
        self.query_one("#form-detail").border_title = "What it means"
        keys = [key for key in KEYS if key != "add_item" or self.draft.addable() is not None]
        self.key_bar.show_actions(*keys, extra=(("Enter", "edit", "screen.edit_slot"),))
        self.slots.focus()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    # What is shown

    def draw(self) -> None:
        """Draw rows, state and detail."""
        draft = self.draft
        self.problems = draft.problems(self.shelf.present_catalog())
        self.shown = [slot for slot in draft.slots() if self.shows_all or draft.value(slot) is not None]
        width = max(20, self.slots.scrollable_content_region.width)
        place = self.slots.highlighted or 0
        name = safe(str(draft.data.get("name", draft.path.stem)))
        title = f"planner  {draft.kind.singular} {name}{'  * unsaved' if draft.is_dirty else ''}"
        rows = [
            slot_row(
                slot,
                draft.texts(slot),
                is_wrong=any(concerns(slot, problem) for problem in self.problems),
                width=width,
            )
            for slot in self.shown
        ]
        with self.app.batch_update():
            bar = line(title, (f"  {safe(str(draft.path))}", QUIET))
            self.query_one("#form-bar", Static).update(fitted(bar, max(20, self.app.size.width - 2)))
            self.query_one("#form-state", Static).update(self.state())
            with self.prevent(OptionList.OptionHighlighted):
                self.slots.show_rows(rows, place)
            self.draw_detail()

    def state(self) -> Content:
        """Return whether the file can be used, else the first things that are wrong."""
        width = max(20, self.app.size.width - 2)
        if not self.problems:
            return fitted(line(("+ ", GOOD), "valid: plans can use it"), width)
        rows = [fitted(line(("x ", BAD), safe(problem)), width) for problem in self.problems[:3]]
        more = len(self.problems) - len(rows)
        return Content("\n").join([*rows, *([line(f"and {more} more")] if more else [])])

    def marked(self) -> Slot | None:
        """Return the row under the cursor."""
        place = self.slots.highlighted
        return self.shown[place] if place is not None and place < len(self.shown) else None

    def draw_detail(self) -> None:
        """Show what the row under the cursor means."""
        slot = self.marked()
        detail = self.query_one("#form-text", Static)
        if slot is None:
            detail.update("")
            return
        width = max(20, self.query_one("#form-detail").scrollable_content_region.width)
        wrong = [problem for problem in self.problems if concerns(slot, problem)]
        lines = slot_lines(slot, self.draft.value(slot), self.draft.texts(slot), wrong, width)
        detail.update(Content("\n").join(lines))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the detail of another row."""
        event.stop()
        self.draw_detail()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Edit the row."""
        event.stop()
        self.action_edit_slot()

    # Actions

    def action_edit_slot(self) -> None:
        """Edit what is marked."""
        slot = self.marked()
        if slot is not None:
            self.run_flow("slot", self.edit(slot), lists=1)

    async def edit(self, slot: Slot) -> None:
        """Ask for the fields of a row, and take them."""
        draft = self.draft
        catalog = self.shelf.present_catalog()
        kinds = {spec.profile_kind for _, spec in slot.fields if spec.profile_kind}
        items = {kind: await asyncio.to_thread(self.shelf.items, kind) for kind in kinds}

        def picker(spec: FieldSpec, current: str, typed: str) -> Picker:
            choices = items.get(spec.profile_kind) or field_items(spec)
            return Picker(f"Choose: {spec.label}", choices, current=current, typed=typed)

        title = f"{draft.kind.singular} {safe(draft.path.stem)}: {slot.spec.label}"
        form = SlotForm(
            title, slot, draft.texts(slot), lambda texts: draft.complaint(slot, texts, catalog), picker
        )
        texts = await self.choose_from(form)
        if texts is None:
            return
        try:
            draft.take(slot, texts)
        except InputError as error:
            self.notify(safe(str(error)), severity="warning", markup=False)
        self.draw()

    def action_add_item(self) -> None:
        """Add a quote."""
        slot = self.draft.addable()
        if slot is None:
            text = f"A {self.draft.kind.singular} holds no list: every key of it has a row."
            self.notify(text, markup=False)
            return
        self.run_flow("slot", self.edit(slot), lists=1)

    def action_remove_slot(self) -> None:
        """Take the marked row out."""
        slot = self.marked()
        if slot is not None and self.draft.value(slot) is not None:
            self.draft.remove(slot)
            self.notify(f"{slot.spec.label} taken out; ^Z brings it back.", markup=False)
            self.draw()

    def action_show_filled(self) -> None:
        """Show only what the file says, or all that it may say."""
        self.shows_all = not self.shows_all
        self.draw()

    def action_undo_slot(self) -> None:
        """Take back the last change."""
        self.travel(self.draft.undo(), "Undid", "Nothing to undo")

    def action_redo_slot(self) -> None:
        """Do a change again."""
        self.travel(self.draft.redo(), "Redid", "Nothing to redo")

    def travel(self, title: str | None, verb: str, nothing: str) -> None:
        """Show the file after a step through the history, and name the change."""
        self.notify(nothing if title is None else f"{verb}: {title}", timeout=2, markup=False)
        self.draw()

    def action_save_profile(self) -> None:
        """Write the file."""
        self.run_flow("file", self.save())

    async def save(self) -> bool:
        """Write the file, after a question where remarks in it would be lost; return whether it was."""
        if self.problems:
            self.notify("Not saved: what is wrong stands above.", severity="warning", markup=False)
            return False
        if self.draft.has_comments:
            text = "The file holds remarks written by hand, which a save loses; what it says is kept."
            question = Question("Remarks in the file", text, (ANYWAY, CANCEL))
            if await self.app.push_screen_wait(question) != ANYWAY.id:
                return False
        return await self.write()

    async def write(self, *, replaces_changed: bool = False) -> bool:
        """Write the file, after a question where it holds something else by now; return whether it was."""
        try:
            await asyncio.to_thread(self.draft.save, replaces_changed=replaces_changed)
        except ConflictError as error:
            text = f"{safe(str(error))}.\n\nKeep mine writes this profile over it."
            question = Question("The file was changed", text, (KEEP_MINE, CANCEL))
            is_kept = await self.app.push_screen_wait(question) == KEEP_MINE.id
            return is_kept and await self.write(replaces_changed=True)
        except PlannerError as error:
            self.notify(safe(str(error)), severity="warning", markup=False)
            return False
        self.key_bar.show_status("saved")
        self.draw()
        return True

    def action_form_help(self) -> None:
        """Show the keys."""
        self.put_over(Page("Edit a profile: all keys", partial(keys_lines, actions=FORM_ACTIONS)))

    def holds_back(self) -> bool:
        """Ask what becomes of unsaved work, where somebody would leave the app over it."""
        if self.draft.is_dirty:
            self.action_leave_form()
        return self.draft.is_dirty

    def action_leave_form(self) -> None:
        """Go back, after a question where work is unsaved."""
        if self.draft.is_dirty:
            self.run_flow("file", self.leave())
        else:
            self.dismiss()

    async def leave(self) -> None:
        """Ask what becomes of unsaved work."""
        question = Question(
            "Profile not saved",
            f"{safe(self.draft.path.name)} was changed.",
            (SAVE, DISCARD, CANCEL),
            must_be_answered=True,
        )
        answer = await self.app.push_screen_wait(question)
        if answer == DISCARD.id or (answer == SAVE.id and await self.save()):
            self.dismiss()
