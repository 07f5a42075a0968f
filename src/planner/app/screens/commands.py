"""What each entry of the registry of actions does on the planning screen."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from textual.screen import Screen
from textual.widgets import OptionList

from planner.app import pools
from planner.app.drawing.numbers_asked import Number
from planner.app.edits import FieldPath, read_text, with_value
from planner.app.field_help import field_lines, keys_lines
from planner.app.fields import FIELDS
from planner.app.file_desk import FileDesk
from planner.app.screens.explain import explain_page, number_items
from planner.app.screens.page import Page
from planner.app.screens.picker import Picker
from planner.app.session import Baseline, Change, Session
from planner.app.shelf import Shelf
from planner.app.themes import THEME_CHOICES
from planner.app.widgets.compliance_pane import CompliancePane
from planner.app.widgets.estimate_pane import EstimateDetails, EstimatePane
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.form_section import FormSection
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.plan_form import PlanForm
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.text import safe

PANES = ("plan", "estimate", "compliance")


class Commands(Screen[None]):
    """The actions of the planning screen; what they act on is made by its subclass."""

    session: Session
    shelf: Shelf
    desk: FileDesk
    form: PlanForm
    results: EstimatePane
    notes: CompliancePane
    key_bar: KeyBar
    problems: dict[FieldPath, str]

    def focused_path(self) -> FieldPath | None:
        """Return the path of the field that has the focus."""
        path = getattr(self.focused, "path", None)
        return path if isinstance(path, tuple) else None

    def show_title(self) -> None:
        """Show name, unsaved mark and baseline."""
        raise NotImplementedError

    def show_state(self) -> None:
        """Say in the results' title how far they may be trusted."""
        raise NotImplementedError

    def show_estimate(self) -> None:
        """Paint the newest estimate."""
        raise NotImplementedError

    async def show_session(self) -> None:
        """Show another plan."""
        raise NotImplementedError

    def take(self, plan: Plan, title: str, *, path: FieldPath | None = None) -> None:
        """Make a changed plan the current one."""
        raise NotImplementedError

    async def pick(self, path: FieldPath, typed: str = "") -> None:
        """Let somebody choose the value of a field."""
        raise NotImplementedError

    # Where to look

    def show_pane(self, name: str) -> None:
        """Bring a pane to the front where not all of them fit."""
        for pane in PANES:
            self.set_class(pane == name, f"-show-{pane}")

    def action_go_plan(self) -> None:
        """Go to the inputs."""
        self.show_pane("plan")
        self.form.row_to_begin().control.focus()

    def action_go_estimate(self) -> None:
        """Go to the results."""
        self.show_pane("estimate")
        self.results.query_one(EstimateDetails).focus()

    def action_go_compliance(self) -> None:
        """Go to the notes."""
        self.show_pane("compliance")
        self.notes.query_one(OptionList).focus()

    def action_explain_number(self) -> None:
        """Choose a figure and see what is behind it."""
        self.run_worker(self.pick_number(), group="pick", exclusive=True)

    async def pick_number(self) -> None:
        """Ask for a figure and explain it."""
        chosen = await self.app.push_screen_wait(Picker("Explain a number", number_items()))
        if chosen is not None:
            self.action_explain_quantity(chosen)

    def action_explain_quantity(self, quantity: str, pool: str | None = None) -> None:
        """Show what is behind a figure."""
        number = Number(quantity, pool)
        self.app.push_screen(explain_page(self.session.plan, self.shelf, number))

    async def action_pick_chip(self) -> None:
        """Choose a chip, then one of the systems that hold it."""
        self.run_worker(self.pick_by_chip(), group="pick", exclusive=True)

    async def pick_by_chip(self) -> None:
        """Ask for a chip, then for a system with it."""
        chips = await asyncio.to_thread(self.shelf.items, "chips")
        preview = partial(self.shelf.preview, "chips")
        chosen = await self.app.push_screen_wait(Picker("Choose a chip", chips, preview=preview))
        if chosen is not None:
            await self.pick(pools.system_path(self.focused_path()), f"{self.shelf.name('chips', chosen)} ")

    # Help, files, history

    def action_field_help(self) -> None:
        """Show what the focused field means."""
        path = self.focused_path()
        if path is None:
            self.action_show_keys()
            return
        spec = FIELDS.at(path)
        draw = partial(field_lines, self.session.plan, path, spec, self.shelf)
        self.app.push_screen(Page(f"Help: {spec.label}", draw))

    def action_show_keys(self) -> None:
        """Show all keys."""
        self.app.push_screen(Page("All keys", keys_lines))

    def action_save_plan(self) -> None:
        """Save."""
        self.run_worker(self.desk.save(), group="file", exclusive=True)

    def action_save_plan_as(self) -> None:
        """Save to another file."""
        self.run_worker(self.desk.save_as(), group="file", exclusive=True)

    def action_open_plan(self) -> None:
        """Open a plan."""
        self.run_worker(self.desk.choose(), group="file", exclusive=True)

    def action_open_path(self, path: str) -> None:
        """Open the plan of a file."""
        self.run_worker(self.desk.switch(Path(path)), group="file", exclusive=True)

    def action_new_plan(self) -> None:
        """Begin a copy."""
        self.run_worker(self.desk.start_copy(), group="file", exclusive=True)

    def action_review_pins(self) -> None:
        """Look at what changed in the profiles since the plan was pinned."""
        self.run_worker(self.desk.pins.settle(comes_unasked=False), group="file", exclusive=True)

    def action_quit_app(self) -> None:
        """Leave."""
        self.run_worker(self.desk.quit(), group="file", exclusive=True)

    async def action_undo(self) -> None:
        """Take back the last change."""
        await self.travel(self.session.undo(), "Undid")

    async def action_redo(self) -> None:
        """Do a change again."""
        await self.travel(self.session.redo(), "Redid")

    async def travel(self, change: Change | None, verb: str) -> None:
        """Show the plan after an undo or a redo, and name the change."""
        if change is None:
            self.notify("Nothing to undo" if verb == "Undid" else "Nothing to redo", markup=False)
            return
        self.notify(f"{verb}: {safe(change.title)}", markup=False, timeout=2)
        await self.show_session()

    def action_pin_baseline(self) -> None:
        """Hold later estimates against this one."""
        if self.session.estimate is None:
            self.notify("There is no estimate to pin yet.", severity="warning", markup=False)
            return
        plan = self.session.plan
        self.session.baseline = Baseline(safe(plan.name, limit=40), self.session.estimate, plan)
        self.show_title()
        self.show_estimate()
        self.key_bar.show_status("baseline pinned")

    def action_compare_plans(self) -> None:
        """Put plans side by side."""
        # Read when asked for: whoever only edits a plan pays nothing for it.
        from planner.app.screens.compare import CompareScreen  # noqa: PLC0415

        self.app.push_screen(CompareScreen(self.session, self.shelf, self.desk.known_plans))

    def action_check_claim(self) -> None:
        """Judge a claim."""
        from planner.app.screens.claim import ClaimScreen  # noqa: PLC0415 - as above

        self.app.push_screen(ClaimScreen(self.session, self.shelf))

    def action_clear_baseline(self) -> None:
        """Stop showing differences."""
        self.session.baseline = None
        self.show_title()
        self.show_estimate()

    async def action_reset_field(self) -> None:
        """Empty the focused field, so that the profile's figure holds."""
        path = self.focused_path()
        if path is not None:
            await self.action_reset_at(path)

    async def action_reset_at(self, path: FieldPath) -> None:
        """Empty a field, so that the profile's figure holds."""
        spec = FIELDS.at(path)
        if self.problems.pop(path, None) is not None:
            # What cannot be read goes; the plan still holds the last valid value.
            self.form.show_plan(self.session.plan)
            self.show_state()
            return
        if spec.reading.is_required:
            self.notify(f"{spec.label} must be filled in.", severity="warning", markup=False)
            return
        self.take(with_value(self.session.plan, path, read_text("", spec.reading)), f"{spec.label} reset")

    def action_add_pool(self) -> None:
        """Put another pool beside those there are."""
        self.run_worker(self.change_pools(), group="pools", exclusive=True)

    def action_remove_pool(self) -> None:
        """Take the pool of the focused field out, else the last one."""
        index = pools.pool_index(self.focused_path())
        last = len(self.session.plan.cluster.pools) - 1
        self.run_worker(self.change_pools(last if index is None else index), group="pools", exclusive=True)

    async def change_pools(self, removed: int | None = None) -> None:
        """Add a pool, or remove one."""
        plan = self.session.plan
        try:
            changed = pools.with_another(plan) if removed is None else pools.without(plan, removed)
        except InputError as error:
            self.notify(f"Not possible: {error}", severity="warning", markup=False)
            return
        name = changed.cluster.pools[-1].id if removed is None else plan.cluster.pools[removed].id
        self.session.edit(changed, f"{'add' if removed is None else 'remove'} pool {name}", "")
        await self.show_session()
        rows = [row for row in self.form.query(FieldRow) if pools.pool_index(row.path) is not None]
        in_last = [row for row in rows if pools.pool_index(row.path) == len(changed.cluster.pools) - 1]
        in_last[1].control.focus()

    def action_next_section(self) -> None:
        """Go to the first field of the next group."""
        self.move_section(1)

    def action_previous_section(self) -> None:
        """Go to the first field of the group before."""
        self.move_section(-1)

    def move_section(self, step: int) -> None:
        """Go to the first thing that takes the focus, some groups further."""
        groups = [self.form.query_one("#pools"), *self.form.query(FormSection)]
        focused = self.focused
        here = next(
            (
                index
                for index, group in enumerate(groups)
                if focused is not None and group in focused.ancestors
            ),
            0,
        )
        target = groups[(here + step) % len(groups)]
        first = next((widget for widget in target.query("*") if widget.focusable), None)
        if first is not None:
            self.show_pane("plan")
            first.focus()

    def action_choose_theme(self) -> None:
        """Choose among the themes."""
        self.run_worker(self.pick_theme(), group="pick", exclusive=True)

    async def pick_theme(self) -> None:
        """Ask for a theme and use it."""
        picker = Picker("Choose a theme", THEME_CHOICES, current=self.app.theme)
        chosen = await self.app.push_screen_wait(picker)
        if chosen is not None:
            self.app.theme = chosen

    def action_copy_estimate(self) -> None:
        """Copy the headline as text."""
        self.app.copy_to_clipboard(f"{self.session.plan.name}\n{self.results.figures()}\n")
        self.key_bar.show_status("copied")
