"""The claim checker: a form for a vendor's statement, the verdict while it is typed, and known claims."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from planner.app.actions import bindings
from planner.app.claim_form import CLAIM_FIELDS, FIELDS_BY_NAME, ClaimDraft
from planner.app.dialogs.page import Page
from planner.app.drawing.claim import claim_row, judged_lines, known_lines
from planner.app.drawing.field_help import screen_help
from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, line, wrapped
from planner.app.field_spec import FieldSpec
from planner.app.flows.choosing import field_picker
from planner.app.flows.export import copy
from planner.app.layer import Layer
from planner.app.messages import FieldLeft, FieldTyped, PickAsked
from planner.app.runner import DEBOUNCE_S, Job, Runner
from planner.app.screen_actions import CLAIM_ACTIONS
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.app.widgets.choices import Choices
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.key_bar import KeyBar
from planner.claims.judgement import ClaimJudgement, TrainingJudgement, judge_claim, judge_training
from planner.domain.claim import Claim, TrainingStatement
from planner.errors import InputError, PlannerError
from planner.report import numbers
from planner.text import safe

Judgement = TrainingJudgement | ClaimJudgement
EMPTY = "Fill in what a vendor claims, or press F6 and Enter to open one of the claims in circulation."


class ClaimScreen(Layer[None]):
    """Judges a claim about training."""

    CSS_PATH = "claim.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(CLAIM_ACTIONS)
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's declaration
        (0, "-tabs"),
        (80, "-two"),
        (120, "-wide"),
        (160, "-broad"),
        (200, "-ultra"),
    ]

    def __init__(self, session: Session, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        #: what was typed before stands here again
        self.draft = ClaimDraft(session.claim_texts)
        self.work = Runner[Judgement](
            self,
            "claim",
            on_result=self.take_judgement,
            on_problem=self.take_problem,
            debounce_s=DEBOUNCE_S,
        )
        self.claims: list[Claim] = []
        #: the known claim that is open; None while somebody types one of their own
        self.known: Claim | None = None
        self.judgement: Judgement | None = None
        self.problem = ""
        self.key_bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Lay out form, known claims and verdict."""
        self.take_breakpoints()
        yield Static("planner  check a claim", markup=False, id="claim-bar")
        with Horizontal(id="claim-body"):
            with Vertical(id="claim-left"):
                with VerticalScroll(id="claim-form", can_focus=False):
                    for spec in CLAIM_FIELDS:
                        yield FieldRow(spec, (spec.key,))
                yield Choices(id="claim-list", markup=False)
            with VerticalScroll(id="claim-verdict"):
                yield Static("", markup=False, id="claim-text")
        yield self.key_bar

    def on_mount(self) -> None:
        """Show what was typed before, and read the known claims."""
        self.query_one("#claim-form").border_title = "F2 Claim"
        self.query_one("#claim-list").border_title = "F6 Known claims"
        self.query_one("#claim-list").border_subtitle = "+ true  x false  ~ neither"
        self.query_one("#claim-verdict").border_title = "F5 Verdict"
        self.key_bar.show_actions(
            "claim_help", "go_form", "go_verdict", "go_claims", "copy_verdict", "leave_claim"
        )
        self.show_fields()
        self.action_go_form()
        self.run_worker(self.read_claims(), group="known", exclusive=True)
        self.ask()

    async def read_claims(self) -> None:
        """List the known claims."""
        try:
            self.claims = await asyncio.to_thread(self.known_claims)
        except PlannerError as error:
            self.query_one("#claim-list", OptionList).add_option(
                Option(line((f"x {safe(str(error))}", BAD)), disabled=True)
            )
            return
        self.show_fields()
        self.draw_list()

    def known_claims(self) -> list[Claim]:
        """Return the sound claims of the catalog, those that can be typed in first."""
        found = self.shelf.catalog().of_kind("claims").values()
        claims = [entry.profile for entry in found if isinstance(entry.profile, Claim)]
        return sorted(claims, key=lambda claim: (not claim.training, claim.name.lower()))

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        """Draw list and verdict for the width there is."""
        self.draw_list()
        self.draw_verdict()

    # What is typed

    def row(self, name: str) -> FieldRow:
        """Return the row of a field."""
        return next(row for row in self.query(FieldRow) if row.path == (name,))

    def show_fields(self) -> None:
        """Show every text as the draft holds it."""
        for spec in CLAIM_FIELDS:
            self.show_field(spec)

    def show_field(self, spec: FieldSpec) -> None:
        """Show one text with what is wrong with it."""
        row = self.row(spec.key)
        text = self.draft.texts.get(spec.key, "")
        shown = self.shelf.name(spec.profile_kind, text) if spec.profile_kind and text else text
        row.show_value(shown, spec.invitation)
        row.show_error(self.draft.problems.get(spec.key, ""))
        row.show_hint(self.hint(spec.key))

    def hint(self, name: str) -> Content:
        """Return what is said beside a field: `0.5` and `50` are easily mistaken for each other."""
        if name != "mfu" or "mfu" not in self.draft.texts or "mfu" in self.draft.problems:
            return Content("")
        try:
            mfu = self.draft.value("mfu")
        except InputError:
            return Content("")
        return line((f" = {numbers.percent(mfu, 3)}", QUIET))

    def on_field_typed(self, event: FieldTyped) -> None:
        """Take what was typed."""
        event.stop()
        self.typed(str(event.path[0]), event.text)

    def typed(self, name: str, text: str) -> None:
        """Take a text; what it excludes is emptied."""
        emptied = self.draft.write(name, text)
        for other in (name, *emptied):
            row = self.row(other)
            if other != name:
                self.show_field(FIELDS_BY_NAME[other])
            row.show_error(self.draft.problems.get(other, ""))
            row.show_hint(self.hint(other))
        self.known = None
        self.ask()

    def on_field_left(self, event: FieldLeft) -> None:
        """Nothing is rewritten: a claim stands as it was made."""
        event.stop()

    def on_pick_asked(self, event: PickAsked) -> None:
        """Open the list of a field."""
        event.stop()
        self.run_flow("pick", self.pick(str(event.path[0]), event.typed), lists=1)

    async def pick(self, name: str, typed: str) -> None:
        """Let somebody choose chip, model or precision."""
        spec = FIELDS_BY_NAME[name]
        current = self.draft.texts.get(name, "")
        picker = await field_picker(spec, self.shelf, current=current, typed=typed)
        chosen = await self.choose_from(picker)
        if chosen is not None:
            self.typed(name, chosen)
            self.show_field(spec)
            self.go_on()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field, unless this one's text cannot be taken."""
        event.stop()
        if any(row.error for row in self.query(FieldRow) if row.control is event.input):
            self.app.bell()
        else:
            self.go_on()

    def go_on(self) -> None:
        """Go to the field below the one that has the focus."""
        self.focus_next("FieldRow > *")

    # The verdict

    def ask(self) -> None:
        """Ask for the verdict on what stands in the form, where that is a claim."""
        self.problem = ""
        try:
            if self.known is not None:
                self.work.ask(partial(self.judged, self.known))
            elif self.draft.problems or self.draft.missing:
                self.work.drop()
                # an own claim's last verdict stays, marked stale; one on another claim would mislead
                self.judgement = self.judgement if isinstance(self.judgement, TrainingJudgement) else None
            else:
                self.work.ask(partial(self.judged, self.draft.statement()))
        except InputError as error:
            self.work.drop()
            self.problem = str(error).removeprefix("claim: ")
        self.draw_verdict()

    def judged(self, asked: TrainingStatement | Claim, _job: Job) -> Judgement:
        """Return the verdict, in the worker's thread."""
        catalog, runs = self.shelf.catalog(), self.shelf.published_runs()
        return (
            judge_claim(asked, catalog, runs)
            if isinstance(asked, Claim)
            else judge_training(asked, catalog, runs)
        )

    def take_judgement(self, judgement: Judgement) -> None:
        """Show the verdict."""
        self.judgement = judgement
        self.problem = ""
        self.draw_verdict()

    def take_problem(self, problem: str) -> None:
        """Say why there is none."""
        self.judgement = None
        self.problem = problem
        self.draw_verdict()

    def draw_verdict(self) -> None:
        """Show the verdict, or what is still missing for one."""
        pane = self.query_one("#claim-verdict")
        width = max(40, pane.scrollable_content_region.width)
        stale = self.stale_because() if self.judgement is not None else ""
        pane.set_class(bool(stale), "-stale")
        pane.border_subtitle = Content(f"stale: {stale}" if stale else "judging" if self.work.is_busy else "")
        self.query_one("#claim-text", Static).update(Content("\n").join(self.lines(width)))

    def stale_because(self) -> str:
        """Return why what is typed has no verdict; empty where it has one or will have."""
        if self.known is not None:
            return ""
        if self.draft.problems:
            return f"{FIELDS_BY_NAME[next(iter(self.draft.problems))].label} is not valid"
        return f"without {self.draft.missing[0]}" if self.draft.missing else ""

    def lines(self, width: int) -> Lines:
        """Return the verdict's lines."""
        if self.problem:
            return wrapped(self.problem, width, first=("x ", BAD))
        if self.judgement is None:
            return self.guide(width)
        sources = self.shelf.catalog().sources
        if isinstance(self.judgement, TrainingJudgement):
            return judged_lines(self.judgement, sources, width)
        return known_lines(self.judgement, sources, width)

    def guide(self, width: int) -> Lines:
        """Return what is still missing for a verdict."""
        if not self.draft.texts:
            return wrapped(EMPTY, width)
        if self.work.is_busy:
            return [line(("judging", QUIET))]
        lines = [
            row
            for name, problem in self.draft.problems.items()
            for row in wrapped(f"{FIELDS_BY_NAME[name].label}: {problem}", width, first=("x ", BAD))
        ]
        missing = self.draft.missing
        if missing:
            lines.append(line(("Still missing for a verdict", STRONG)))
            lines += [row for words in missing for row in wrapped(words, width, first=("- ", HEADING))]
        return lines

    # Known claims

    def draw_list(self) -> None:
        """Show the known claims."""
        options = self.query_one("#claim-list", Choices)
        if not self.claims:
            return
        width = options.scrollable_content_region.width - 1
        options.show_rows([claim_row(claim, width) for claim in self.claims])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a known claim; its first statement fills the form, to be varied."""
        event.stop()
        self.known = self.claims[event.option_index]
        self.draft.clear()
        if self.known.training:
            self.draft.fill(self.known.training[0])
        self.show_fields()
        if self.has_class("-tabs"):
            # the list makes room for the verdict, and a hidden list must not keep the keys
            self.action_go_verdict()
        self.query_one("#claim-verdict").scroll_home(animate=False)
        self.ask()

    # Actions

    def action_go_form(self) -> None:
        """Go to the first field."""
        self.set_class(False, "-show-verdict")
        # at once: a key that follows quickly must land there
        self.set_focus(self.row(CLAIM_FIELDS[0].key).control)

    def action_go_verdict(self) -> None:
        """Go to the verdict."""
        self.set_class(True, "-show-verdict")
        self.set_focus(self.query_one("#claim-verdict"))

    def action_go_claims(self) -> None:
        """Go to the known claims."""
        self.set_class(False, "-show-verdict")
        self.set_focus(self.query_one("#claim-list"))

    def action_clear_claim(self) -> None:
        """Begin afresh."""
        self.known = None
        self.judgement = None
        self.draft.clear()
        self.show_fields()
        self.action_go_form()
        self.ask()

    def action_copy_verdict(self) -> None:
        """Copy the verdict as text."""
        lines = None if self.judgement is None else self.lines(80)
        text = None if lines is None else "\n".join(row.plain.rstrip() for row in lines) + "\n"
        copy(self, self.key_bar, "verdict", text)

    def action_claim_help(self) -> None:
        """Show what the focused field means, and all keys."""
        path = getattr(self.focused, "path", None)
        spec = FIELDS_BY_NAME.get(str(path[0])) if isinstance(path, tuple) else None
        title = f"Help: {spec.label}" if spec is not None else "Check a claim: all keys"
        self.put_over(Page(title, partial(screen_help, spec, CLAIM_ACTIONS)))

    def action_leave_claim(self) -> None:
        """Go back to the plan; what was typed is kept until the app is left."""
        self.work.drop()
        self.dismiss()

    def panes(self) -> tuple[Widget, ...]:
        """Return what is marked while it has the focus."""
        return (self.query_one("#claim-form"),)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Name the key that a list or a choice takes."""
        is_list = isinstance(event.widget, OptionList)
        extra = (("Enter", "open", ""),) if is_list else ()
        names = ("go_form", "go_verdict", "copy_verdict", "leave_claim") if is_list else KEYS
        self.key_bar.show_actions(*names, extra=extra)


KEYS = ("claim_help", "go_verdict", "go_claims", "clear_claim", "copy_verdict", "leave_claim")
