"""The start screen: five fields that make a plan, and every other way to one."""

from __future__ import annotations

import asyncio
import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from planner.app.actions import START_ACTIONS, START_LINES, bindings
from planner.app.drawing.pieces import BAD, wrapped
from planner.app.field_face import FIRST_FIELDS
from planner.app.messages import FieldLeft, FieldTyped, PickAsked
from planner.app.runner import Job, Runner
from planner.app.screens.doors import Doors
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.line_button import LineButton
from planner.app.widgets.pick_field import PickField
from planner.app.widgets.starts_list import StartsList
from planner.domain.first_keys import MODEL_KEY
from planner.errors import InputError, PlannerError
from planner.files.reading import typed_path
from planner.text import safe

if TYPE_CHECKING:
    from planner.app.edits import FieldPath
    from planner.app.starts import Start, StartGroup
    from planner.domain.plan import Plan

TITLE = "planner  when is it done, what does it draw and cost, what could stop it"
_MODEL_INVITATION = "choose, or type such as 70B"
#: What begins the plan stands below the fields.
KEYS = ("start_help", "open_plan", "check_claim", "open_profiles", "show_evidence", "go_starts")


class StartScreen(Doors):
    """Makes a plan of what somebody wants to train, or opens one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(START_ACTIONS)
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (120, "-wide")]  # noqa: RUF012 - Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012 - as above

    def __init__(self, session: Session, shelf: Shelf) -> None:
        super().__init__(session, shelf)
        #: what the fields say so far; None: nothing
        self._plan = session.first_plan
        self.starts = StartsList(id="start-list")
        self.reading = Runner["tuple[StartGroup, ...]"](
            self,
            "starts",
            on_result=self.starts.show_groups,
            on_problem=self.take_problem,
            what="the list of plans",
        )
        self.key_bar = KeyBar()

    @property
    def plan(self) -> Plan:
        """What the fields say so far. What a plan is, is read with it: after the first picture."""
        if self._plan is None:
            from planner.app.first_plan import first_plan  # noqa: PLC0415 - as said

            self._plan = first_plan()
        return self._plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self._plan = plan

    def compose(self) -> ComposeResult:
        """Lay out the fields and the list."""
        self.take_breakpoints()
        yield Static(TITLE, markup=False, id="start-bar")
        with Horizontal(id="start-body"):
            with VerticalScroll(id="start-form", can_focus=False):
                for spec in FIRST_FIELDS:
                    yield FieldRow(spec, spec.path)
                for action in START_LINES:
                    name = action.id
                    yield LineButton(
                        f"{action.key_label:<4} {action.title}", id=f"line-{name}", classes="start-line"
                    )
            with Vertical(id="start-right"):
                yield self.starts
        yield self.key_bar

    def on_mount(self) -> None:
        """Begin with the model; what there is to open is read meanwhile."""
        self.query_one("#start-form").border_title = "F2 Plan a training run: fill in what you know"
        self.query_one("#start-right").border_title = "F5 Or open"
        self.key_bar.show_actions(*KEYS)
        self.show_fields()
        self.action_go_fields()
        # once the first picture is there: reading it takes the time of painting it
        self.call_after_refresh(self.begin_reading)

    def begin_reading(self) -> None:
        """Read what there is to open, and the profiles that the fields ask for."""
        self.reading.ask(self.read)

    def read(self, job: Job) -> tuple[StartGroup, ...]:
        """Return what there is to open, in the worker's thread, and make what is needed next."""
        from planner.app.starts import start_groups  # noqa: PLC0415 - what a plan is, is read with it

        groups = start_groups()
        job.tell(self.starts.show_groups, groups)
        # what the first key that is typed asks for: the fields' types, and the validators of a plan
        from planner.app import pools  # noqa: F401, PLC0415
        from planner.plans.beginning import UNNAMED, empty_plan  # noqa: PLC0415

        empty_plan(UNNAMED)
        self.shelf.catalog()
        return groups

    def take_problem(self, problem: str) -> None:
        """Say why something could not be read."""
        self.notify(safe(problem), severity="warning", markup=False)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.starts.draw)

    # The fields

    def row(self, path: FieldPath) -> FieldRow:
        """Return the row of a field."""
        return next(row for row in self.query(FieldRow) if row.path == path)

    def show_fields(self) -> None:
        """Show in every field what the plan says."""
        for row in self.query(FieldRow):
            if not row.error:
                self.show_field(row)

    def show_field(self, row: FieldRow) -> None:
        """Show in one field what the plan says, and beside it what that means."""
        text, hint = "", Content("")
        if self._plan is not None:
            from planner.app.first_plan import hint_of, text_of  # noqa: PLC0415 - read with the first plan

            text, hint = text_of(self._plan, row.path, self.shelf), hint_of(self._plan, row.path)
        row.show_value(text, _MODEL_INVITATION if row.spec.key == MODEL_KEY else row.spec.invitation)
        row.show_error("")
        row.show_hint(hint)

    def on_field_typed(self, event: FieldTyped) -> None:
        """Take what was typed."""
        event.stop()
        self.type(event.path, event.text)

    def type(self, path: FieldPath, text: str) -> None:
        """Take a text, or say under the field what is wrong with it."""
        from planner.app import pools  # noqa: PLC0415 - as above
        from planner.app.fields import FIELDS  # noqa: PLC0415
        from planner.app.first_plan import hint_of  # noqa: PLC0415

        row, spec = self.row(path), FIELDS.at(path)
        try:
            self.plan = pools.with_text(self.plan, path, spec, text)
        except InputError as error:
            row.show_error(str(error))
            return
        row.show_error("")
        row.show_hint(hint_of(self.plan, path))
        self.session.first_plan = self.plan

    def on_field_left(self, event: FieldLeft) -> None:
        """Write the value as the plan will hold it; an invalid text stays with its complaint."""
        event.stop()
        row = self.row(event.path)
        if not row.error:
            self.show_field(row)

    def on_pick_asked(self, event: PickAsked) -> None:
        """Open the list of a field."""
        event.stop()
        self.run_flow("pick", self.pick(event.path, event.typed), lists=1)

    async def pick(self, path: FieldPath, typed: str) -> None:
        """Let somebody choose the model."""
        from planner.app.edits import get_value, write_value  # noqa: PLC0415 - read when first asked for
        from planner.app.fields import FIELDS  # noqa: PLC0415
        from planner.app.flows.choosing import field_picker  # noqa: PLC0415

        spec = FIELDS.at(path)
        current = get_value(self.plan, path)
        picker = await field_picker(spec, self.shelf, current=write_value(current, spec.reading), typed=typed)
        chosen = await self.choose_from(picker)
        if chosen is not None:
            self.use(path, chosen)

    def use(self, path: FieldPath, value: str) -> None:
        """Put a value into a field and go on to the next one."""
        self.type(path, value)
        row = self.row(path)
        if not row.error:
            self.show_field(row)
            self.go_on(row)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field; after the last one the plan is begun."""
        event.stop()
        row = next(row for row in self.query(FieldRow) if row.control is event.input)
        if row.error:
            self.app.bell()
        else:
            self.go_on(row)

    def go_on(self, row: FieldRow) -> None:
        """Go to the field below one, below the last to what begins the plan."""
        rows = list(self.query(FieldRow))
        place = rows.index(row) + 1
        target = rows[place].control if place < len(rows) else self.query_one("#line-find_clusters")
        self.set_focus(target)

    # The list

    @property
    def groups(self) -> tuple[StartGroup, ...]:
        """What there is to open."""
        return self.starts.groups

    def on_starts_list_chosen(self, event: StartsList.Chosen) -> None:
        """Open what was chosen."""
        event.stop()
        self.run_flow("open", self.open_start(event.start))

    async def open_start(self, start: Start) -> None:
        """Open a plan's file, or go on with the draft of a plan that has none."""
        if start.path is not None:
            # a draft of it is offered there
            await self.open_path(start.path)
        elif start.draft is not None:
            self.session.start(start.draft.plan)
            self.grounds.show_plan()
            # not awaited: this screen goes, and what it waits for with it
            take_over = partial(self.session.drafts.take_over, start.draft, self.session.unsaved)
            asyncio.get_running_loop().run_in_executor(None, take_over)

    async def open_path(self, path: Path) -> None:
        """Open the plan of a file, or show in full why it cannot be."""
        from planner.plans.plan_file import open_plan  # noqa: PLC0415 - read when first asked for

        try:
            opened = await asyncio.to_thread(open_plan, path)
        except PlannerError as error:
            self.show_page("Cannot open", str(error))
            return
        if self.is_on_top:
            self.session.open(opened)
            self.grounds.show_plan()

    def show_page(self, title: str, problem: str) -> None:
        """Show what is wrong with a file."""
        from planner.app.dialogs.page import Page  # noqa: PLC0415 - as above

        self.put_over(Page(title, lambda width: wrapped(problem, width, first=("x ", BAD))))

    # Actions

    def on_line_button_pressed(self, event: LineButton.Pressed) -> None:
        """Do what a line says."""
        event.stop()
        self.call_later(self.run_action, str(event.button.id).removeprefix("line-"))

    def is_sound(self) -> bool:
        """Whether every text can be taken; else go to the first that cannot."""
        wrong = next((row for row in self.query(FieldRow) if row.error), None)
        if wrong is not None:
            self.set_focus(wrong.control)
            self.app.bell()
        return wrong is None

    def begin(self, *, ranks: bool = False) -> None:
        """Make the plan of what the fields say the current one, and go there."""
        from planner.app.first_plan import named  # noqa: PLC0415 - as above

        self.session.start(named(self.plan, self.shelf))
        self.session.first_plan = None
        self.grounds.show_plan(ranks=ranks)

    def action_find_clusters(self) -> None:
        """Ask which systems do it, and how many; what such a question needs must be said first."""
        if not self.is_sound():
            return
        from planner.app.first_plan import says_what_is_trained  # noqa: PLC0415 - as above

        if says_what_is_trained(self.plan):
            self.begin(ranks=True)
        else:
            from planner.app.quotes import is_missing  # noqa: PLC0415 - as above

            self.notify("Which model, and how many tokens?", severity="warning", markup=False)
            self.set_focus(
                next(row.control for row in self.query(FieldRow) if is_missing(self.plan, row.path))
            )

    def action_begin_plan(self) -> None:
        """Make the plan, and fill in the rest there."""
        if self.is_sound():
            self.begin()

    def action_clear_fields(self) -> None:
        """Empty every field."""
        from planner.app.first_plan import first_plan  # noqa: PLC0415 - as above

        self.plan = first_plan(self.plan.calendar.start or datetime.date.today())
        self.session.first_plan = None
        for row in self.query(FieldRow):
            row.show_error("")
        self.show_fields()
        self.action_go_fields()

    def action_go_fields(self) -> None:
        """Go to the first field."""
        self.set_focus(self.row(FIRST_FIELDS[0].path).control)

    def action_go_starts(self) -> None:
        """Go to what there is to open."""
        self.set_focus(self.starts)

    def action_open_plan(self) -> None:
        """Open a file."""
        self.run_flow("open", self.choose_plan(), lists=1)

    async def choose_plan(self) -> None:
        """Let somebody pick a plan, or type a path, and open it."""
        from planner.app.flows.choosing import plan_picker  # noqa: PLC0415 - as above
        from planner.plans.shipped import known_plans  # noqa: PLC0415 - as above

        plans = await asyncio.to_thread(known_plans)
        chosen = await self.choose_from(plan_picker("Open a plan", plans))
        if chosen is not None:
            await self.open_path(typed_path(chosen))

    def action_open_profiles(self) -> None:
        """Look at the profiles; a model that somebody wants to use comes into its field."""
        from planner.plans.shipped import known_plans  # noqa: PLC0415 - as above

        self.open_profiles(known_plans, self.use_profile)

    def use_profile(self, chosen: tuple[str, str] | None) -> None:
        """Put a model into its field; there is no plan yet that anything else could go into."""
        if chosen is None:
            return
        kind, identifier = chosen
        if kind == "models":
            self.use(FIRST_FIELDS[0].path, identifier)
        else:
            self.notify("There is no plan to use it in yet: ^N begins one.", markup=False)

    def action_start_help(self) -> None:
        """Show what the focused field means, and all keys."""
        from planner.app.dialogs.page import Page  # noqa: PLC0415 - as above
        from planner.app.drawing.field_help import screen_help  # noqa: PLC0415 - as above
        from planner.app.fields import FIELDS  # noqa: PLC0415 - as above

        path = getattr(self.focused, "path", None)
        spec = FIELDS.at(path) if isinstance(path, tuple) else None
        title = f"Help: {spec.label}" if spec is not None else "Start: all keys"
        self.put_over(Page(title, partial(screen_help, spec, START_ACTIONS)))

    def action_quit_app(self) -> None:
        """Leave: nothing here is work."""
        self.session.drafts.end()
        self.app.exit()

    def panes(self) -> tuple[Widget, ...]:
        """Return what is marked while it has the focus."""
        return self.query_one("#start-form"), self.query_one("#start-right")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Name the key that a list, a choice or a line takes."""
        extra = (("Enter", "open", ""),) if isinstance(event.widget, OptionList) else ()
        if isinstance(event.widget, PickField):
            extra = (("Enter", "choose", ""),)
        self.key_bar.show_actions(*KEYS, extra=extra)
