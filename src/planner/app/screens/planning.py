"""The planning screen: inputs left, estimates right and always in view, compliance notes below them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.worker import WorkerError

from planner.app import pools
from planner.app.actions import bindings
from planner.app.drawing.notes import note_page
from planner.app.drawing.pieces import View
from planner.app.edits import FieldPath, get_value
from planner.app.field_spec import FieldSpec
from planner.app.fields import FIELDS
from planner.app.file_desk import FileDesk
from planner.app.live import Estimator, LiveEstimates
from planner.app.messages import (
    CatalogReady,
    EstimateFailed,
    EstimateReady,
    FieldLeft,
    FieldTyped,
    PickAsked,
)
from planner.app.screens.commands import Commands
from planner.app.screens.page import Page
from planner.app.screens.picker import Picker
from planner.app.session import Session
from planner.app.shelf import PickItem, Shelf
from planner.app.widgets.compliance_pane import CompliancePane
from planner.app.widgets.drawn import Drawn
from planner.app.widgets.estimate_pane import EstimateDetails, EstimatePane
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.line_button import LineButton
from planner.app.widgets.pick_field import PickField
from planner.app.widgets.plan_form import PlanForm
from planner.app.widgets.title_bar import TitleBar
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.text import safe

#: A draft is on disk within a second of an edit.
DRAFT_S = 0.6
WATCH_S = 5.0


class PlanningScreen(Commands):
    """Edits one plan and shows what it means."""

    CSS_PATH = "planning.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it as an instance variable
        (0, "-narrow"),
        (60, "-tabs"),
        (80, "-two"),
        (120, "-wide"),
        (180, "-ultra"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall")]  # noqa: RUF012 - as above

    def __init__(self, session: Session, estimator: Estimator, shelf: Shelf) -> None:
        super().__init__()
        self.session = session
        self.shelf = shelf
        self.live = LiveEstimates(self, estimator, shelf, self.on_slow)
        self.desk = FileDesk(self, session)
        self.title_bar = TitleBar()
        self.key_bar = KeyBar()
        self.form = PlanForm(session.plan, shelf)
        self.results = EstimatePane()
        self.notes = CompliancePane()
        #: fields whose text is not valid, with what is wrong
        self.problems: dict[FieldPath, str] = {}
        self.draft_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them show depends on the width."""
        yield self.title_bar
        with Horizontal(id="body"):
            yield self.form
            with Vertical(id="right"):
                yield self.results
                yield self.notes
        yield self.key_bar
        yield Static("This needs a terminal of at least 60 x 18.", markup=False, id="too-small")

    def on_mount(self) -> None:
        """Ask for the first estimate once the form stands."""
        self.action_go_plan()
        self.show_title()
        self.live.ask(self.session.plan, at_once=True)
        self.set_interval(WATCH_S, self.watch_file)
        self.run_worker(self.desk.begin(), group="file")

    # What is shown

    def show_title(self) -> None:
        """Show name, unsaved mark and baseline."""
        baseline = self.session.baseline
        name = self.session.path.stem if self.session.path is not None else self.session.plan.name
        self.title_bar.show(
            name,
            is_dirty=self.session.is_dirty,
            baseline=baseline.name if baseline else "",
            keeps_pins=self.shelf.keeps_pins,
        )

    async def show_session(self) -> None:
        """Show another plan, or the same one after an undo."""
        self.problems.clear()
        await self.form.show_pools(self.session.plan)
        self.plan_changed(at_once=True)

    def plan_changed(self, *, at_once: bool = False) -> None:
        """Ask for a new estimate and a new draft."""
        self.show_title()
        self.show_state()
        self.live.ask(self.session.plan, at_once=at_once)
        if self.draft_timer is None:
            self.draft_timer = self.set_timer(DRAFT_S, self.keep_draft)

    def show_state(self) -> None:
        """Say in the results' title how far they may be trusted."""
        if self.problems:
            path = next(iter(self.problems))
            self.results.show_state(f"stale: {FIELDS.at(path).label} is not valid")
        elif not self.live.is_pending:
            self.results.show_state("")

    def show_estimate(self) -> None:
        """Paint the newest estimate."""
        estimate = self.session.estimate
        if estimate is None:
            return
        with self.app.batch_update():
            self.results.show(View(self.session.plan, estimate, self.session.baseline))
            self.notes.show(estimate.compliance)
            self.results.show_problem("")
            self.show_state()

    def on_slow(self) -> None:
        """Say that an estimate takes its time."""
        if self.live.is_pending and not self.problems:
            self.results.show_state("estimating")

    def show_saved(self, status: str) -> None:
        """Show that the plan lies on disk."""
        self.show_title()
        self.key_bar.show_status(status)

    def tell_file_changed(self, what: str) -> None:
        """Say that the file on disk is no longer what was opened."""
        self.notify(
            f"{what}. Saving will ask before anything is overwritten.", severity="warning", markup=False
        )

    def keep_draft(self) -> None:
        """Write the draft beside everything else."""
        self.draft_timer = None
        self.run_worker(self.desk.keep_draft, group="draft", thread=True, exit_on_error=False)

    async def finish_drafts(self) -> None:
        """Write no further draft before the next change, and wait for one that is being written."""
        if self.draft_timer is not None:
            self.draft_timer.stop()
            self.draft_timer = None
        writing = [worker for worker in self.workers if worker.group == "draft"]
        if writing:  # no workers at all would mean all workers, this one too
            with suppress(WorkerError):
                await self.workers.wait_for_complete(writing)

    def watch_file(self) -> None:
        """Look whether somebody else changed the file."""
        self.run_worker(self.desk.watch_file, group="watch", thread=True, exclusive=True, exit_on_error=False)

    # Edits

    async def on_field_typed(self, event: FieldTyped) -> None:
        """Take what was typed, or say under the field what is wrong with it."""
        event.stop()
        spec = FIELDS.at(event.path)
        row = self.form.row_at(event.path)
        try:
            plan = pools.with_text(self.session.plan, event.path, spec, event.text)
        except InputError as error:
            self.problems[event.path] = str(error)
            self.show_state()
            if row is not None:
                row.show_error(str(error))
            return
        self.problems.pop(event.path, None)
        if row is not None:
            row.show_error("")
        self.take(plan, f"{spec.label} {event.text.strip() or 'emptied'}", path=event.path)

    def take(self, plan: Plan, title: str, *, path: FieldPath | None = None) -> None:
        """Make a changed plan the current one."""
        focused = self.focused
        typing_at = path if path is not None and not isinstance(focused, PickField) else None
        is_new = self.session.edit(plan, title, ".".join(map(str, path)) if path else "")
        self.form.show_plan(self.session.plan, typing_at=typing_at)
        if is_new:
            self.plan_changed()
        else:
            self.show_state()

    def on_field_left(self, event: FieldLeft) -> None:
        """Write the value as the plan will hold it; an invalid text stays with its complaint."""
        event.stop()
        self.session.end_step()
        row = self.form.row_at(event.path)
        if row is not None and event.path not in self.problems:
            self.form.show_row(row)

    def on_pick_asked(self, event: PickAsked) -> None:
        """Open the list of a field."""
        event.stop()
        self.run_worker(self.pick(event.path, event.typed), group="pick", exclusive=True)

    async def pick(self, path: FieldPath, typed: str = "") -> None:
        """Let somebody choose the value of a field."""
        spec = FIELDS.at(path)
        value = get_value(self.session.plan, path)
        current = "" if value is None else {True: "yes", False: "no"}.get(value, str(value))
        items = await self.choices(spec)
        preview = partial(self.shelf.preview, spec.profile_kind) if spec.profile_kind else None
        title = f"Choose the {spec.label}"
        chosen = await self.app.push_screen_wait(
            Picker(title, items, current=current, typed=typed, preview=preview)
        )
        if chosen is not None:
            await self.use_profile(path, chosen)

    async def use_profile(self, path: FieldPath, identifier: str) -> None:
        """Put a profile into the plan, as the picker of its field would."""
        self.session.end_step()
        await self.on_field_typed(FieldTyped(path, identifier))

    async def choices(self, spec: FieldSpec) -> list[PickItem]:
        """Return what may be chosen for a field."""
        items = [PickItem(value, value, aside, search=f"{value} {aside}") for value, aside in spec.choices]
        if spec.profile_kind:
            items = await asyncio.to_thread(self.shelf.items, spec.profile_kind)
        if not spec.reading.is_required:
            items.append(PickItem("", "none", spec.default, search="none empty"))
        return items

    # Estimates

    def on_catalog_ready(self, event: CatalogReady) -> None:
        """Show names and figures of profiles beside the fields."""
        event.stop()
        self.form.show_plan(self.session.plan, typing_at=self.focused_path())

    def on_estimate_ready(self, event: EstimateReady) -> None:
        """Show an estimate, unless a newer one was asked for."""
        event.stop()
        if self.live.take(event.revision):
            self.session.estimate = event.estimate
            self.session.estimated_plan = self.session.plan
            self.show_estimate()
            self.form.show_doubts(self.session.plan)

    def on_estimate_failed(self, event: EstimateFailed) -> None:
        """Keep the last estimate and say why there is no newer one."""
        event.stop()
        if self.live.take(event.revision):
            self.results.show_problem(safe(event.reason))
            self.results.show_state("stale: the plan cannot be estimated" if self.session.estimate else "")

    # Focus and panes

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Let the keys at the bottom follow the focus."""
        self.show_keys(event.widget)

    def show_keys(self, widget: Widget) -> None:
        """Show the keys that matter for a widget."""
        if isinstance(widget, PickField):
            self.key_bar.show_actions(
                "field_help",
                "compare_plans",
                "go_estimate",
                "save_plan",
                "undo",
                extra=(("Enter", "choose", ""),),
            )
        elif isinstance(widget, OptionList):
            self.key_bar.show_actions(
                "go_plan", "compare_plans", "go_estimate", "check_claim", extra=(("Enter", "open", ""),)
            )
        elif isinstance(widget, EstimateDetails):
            self.key_bar.show_actions(
                "go_plan",
                "go_compliance",
                "pin_baseline",
                "copy_estimate",
                extra=(("Arrows", "pick a number", ""), ("Enter", "explain it", "")),
            )
        else:
            self.key_bar.show_actions(
                "field_help", "go_estimate", "go_compliance", "pin_baseline", "save_plan", "undo"
            )

    def on_drawn_asked(self, event: Drawn.Asked) -> None:
        """Explain a number."""
        event.stop()
        self.action_explain_quantity(event.number.quantity, event.number.pool)

    async def on_compliance_pane_chosen(self, event: CompliancePane.Chosen) -> None:
        """Open a note, or go to the field that is asked for."""
        event.stop()
        if event.row.note is not None:
            page = partial(note_page, event.row.note, event.row.as_of)
            self.app.push_screen(Page("Compliance note", page))
        elif event.row.plan_key:
            self.show_pane("plan")
            if not await self.form.reveal(event.row.plan_key):
                key = safe(event.row.plan_key)
                self.notify(f"Set {key} in the plan's file.", markup=False)
        elif event.row.advice:
            self.notify(event.row.advice, markup=False)

    def on_line_button_pressed(self, event: LineButton.Pressed) -> None:
        """Add a pool."""
        event.stop()
        if event.button.id == "add-pool":
            self.action_add_pool()
