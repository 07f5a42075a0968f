"""The profiles: every chip, system, fabric, stack, model, site, price and rule, with its evidence."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from planner.app.actions import bindings
from planner.app.browsing import KINDS, Browsing
from planner.app.dialogs.page import Page
from planner.app.drawing.field_help import keys_lines
from planner.app.drawing.pieces import BAD, QUIET, Lines, fitted, line, wrapped
from planner.app.drawing.printed import printed_lines
from planner.app.drawing.profile_list import header_row, kinds_row, layout_of, profile_row
from planner.app.flows.export import copy
from planner.app.flows.narrowing import Narrowing
from planner.app.flows.own_profiles import OwnProfiles
from planner.app.layer import Layer
from planner.app.profile_draft import ProfileDraft
from planner.app.runner import Job, Runner
from planner.app.screen_actions import PROFILE_ACTIONS
from planner.app.shelf import Shelf
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.profile_rows import ProfileRows
from planner.planning.uses import Named, plans_using, uses_of_plans
from planner.report.document import Document
from planner.report.markdown import markdown_text
from planner.report.profile_comparison import FEWEST, MOST, profile_comparison_document
from planner.report.profile_listing import Listed, maker_title, makers, states
from planner.report.profile_lists import profiles_document
from planner.report.profile_pages import profile_page
from planner.report.terminal import terminal_text
from planner.text import safe

#: Kinds of which a plan names one, so that it can be put there.
USED = ("chips", "systems", "fabrics", "stacks", "models", "sites")
_ALL = "all"
NO_USE = {
    "prices": "Prices are used as they are: each line of the ledger takes the quotes of what it prices; "
    "a figure in the plan goes before them.",
    "rules": "Rules are used as they are: each estimate holds the plan against all that apply to it.",
}
KEYS = ("use_profile", "filter_profiles", "sort_profiles", "mark_profile", "copy_profile", "leave_profiles")


class ProfilesScreen(Layer[Named]):
    """Shows profiles; returns kind and id of one to use in the plan."""

    CSS_PATH = "profiles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(PROFILE_ACTIONS)
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (120, "-beside")]  # noqa: RUF012 - Textual's declaration

    def __init__(self, browsing: Browsing, shelf: Shelf, known_plans: Callable[[], list[Path]]) -> None:
        super().__init__()
        self.browsing = browsing
        self.shelf = shelf
        self.known_plans = known_plans
        self.uses: dict[Named, list[str]] | None = None
        self.shown: list[Listed] = []
        self.problem = ""
        self.reading = Runner[list[Listed]](
            self, "profiles", on_result=self.take_listing, on_problem=self.take_problem, what="the list"
        )
        self.counting = Runner[dict[Named, list[str]]](
            self, "uses", on_result=self.take_uses, on_problem=self.take_no_uses, what="the plans' profiles"
        )
        self.rows = ProfileRows()
        self.filter = Input(
            id="profile-filter", compact=True, placeholder="words to look for", select_on_focus=False
        )
        self.key_bar = KeyBar()
        self.narrowing = Narrowing(self, browsing, self.draw)
        self.own = OwnProfiles(self, shelf, self.form_of, self.read_again)

    def compose(self) -> ComposeResult:
        """Lay out the kinds, the list and the detail."""
        self.take_breakpoints()
        yield Static("", markup=False, id="profiles-kinds")
        with Horizontal(id="profiles-body"):
            with Vertical(id="profiles-left"):
                yield self.filter
                yield Static("", markup=False, id="profile-header")
                yield self.rows
            with VerticalScroll(id="profile-detail"):
                yield Static("", markup=False, id="profile-text")
        yield self.key_bar

    def panes(self) -> tuple[Widget, ...]:
        """Return what is marked while it has the focus."""
        return (self.query_one("#profiles-left"),)

    def on_mount(self) -> None:
        """Show the kind that was looked at last, and find out which plans use what."""
        self.query_one("#profile-detail").border_title = "F5 Detail"
        self.key_bar.show_actions(*KEYS)
        self.rows.focus()
        self.call_after_refresh(self.show_kind)
        self.counting.ask(self.count_uses)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    def count_uses(self, job: Job) -> dict[Named, list[str]]:
        """Return which plans use which profile, in the worker's thread."""
        return uses_of_plans(self.known_plans(), self.shelf.catalog(), job.is_cancelled)

    def take_uses(self, uses: dict[Named, list[str]]) -> None:
        """Say below each detail which plans use it."""
        self.uses = uses
        self.draw_detail()

    def take_no_uses(self, problem: str) -> None:
        """Say at the bottom why nobody knows."""
        self.key_bar.show_status(safe(problem))

    def form_of(self, draft: ProfileDraft) -> Screen[None]:
        """Return what edits a draft."""
        # few who look at profiles edit them
        from planner.app.screens.profile_form import ProfileFormScreen  # noqa: PLC0415

        return ProfileFormScreen(draft, self.shelf)

    # The list

    def show_kind(self) -> None:
        """Show the kind that is looked at; read it where it was not."""
        self.problem = ""
        with self.prevent(Input.Changed):
            self.filter.value = self.browsing.wish.words
        self.filter.set_class(bool(self.filter.value), "-shown")
        # what is still read is of the kind that was looked at before
        self.reading.drop()
        kind = self.browsing.kind
        if kind not in self.browsing.found:
            self.reading.ask(lambda _job: self.browsing.read(kind, self.shelf.catalog()))
        self.draw()

    def take_listing(self, found: list[Listed]) -> None:
        """Show what was read."""
        self.browsing.found[self.browsing.kind] = found
        self.draw()

    def take_problem(self, problem: str) -> None:
        """Say why there is no list."""
        self.problem = problem
        self.draw()

    def read_again(self, kind: str, identifier: str) -> None:
        """Show what a file holds now that was written, and let the plan be estimated with it."""
        self.shelf.read_again()
        self.browsing.forget()
        self.browsing.kind = kind
        self.browsing.here[kind] = identifier
        self.show_kind()
        self.counting.ask(self.count_uses)

    def draw(self) -> None:
        """Draw everything for the room there is."""
        browsing = self.browsing
        self.shown = browsing.shown()
        pane = self.query_one("#profiles-left")
        width = max(20, self.rows.scrollable_content_region.width)
        sort = browsing.wish.sort
        layout = layout_of(browsing.kind, self.shown, sort, width)
        marks = browsing.marked.get(browsing.kind, ())
        here = browsing.here.get(browsing.kind, "")
        place = next((place for place, one in enumerate(self.shown) if one.id == here), 0)
        everything = browsing.found.get(browsing.kind)
        counts = {kind: len(found) for kind, found in browsing.found.items()}
        with self.app.batch_update():
            kinds = self.query_one("#profiles-kinds", Static)
            kinds.update(kinds_row(browsing.kind, counts, self.app.size.width), layout=False)
            of = "" if everything is None else f"  {len(self.shown)} of {len(everything)}"
            pane.border_title = Content(f"F2 {browsing.kind.capitalize()}{of}")
            pane.border_subtitle = Content(browsing.narrowed())
            self.query_one("#profile-header", Static).update(header_row(layout, width), layout=False)
            rows = [
                profile_row(one, layout, sort, is_marked=one.id in marks, width=width) for one in self.shown
            ]
            with self.prevent(OptionList.OptionHighlighted):
                self.rows.show_rows(rows, place)
            self.draw_detail()

    def marked(self) -> Listed | None:
        """Return the profile under the cursor."""
        place = self.rows.highlighted
        return self.shown[place] if place is not None and place < len(self.shown) else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the detail of what is under the cursor."""
        event.stop()
        one = self.marked()
        if one is not None and self.browsing.here.get(self.browsing.kind) != one.id:
            self.browsing.here[self.browsing.kind] = one.id
            self.draw_detail()
            self.query_one("#profile-detail").scroll_home(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Read the detail."""
        event.stop()
        self.action_go_detail()

    # The detail

    def page(self, one: Listed) -> Document:
        """Return what the command line prints of a profile."""
        named = (one.kind, one.id)
        uses = None if self.uses is None or one.kind == "rules" else plans_using(named, self.uses)
        return profile_page(one, self.shelf.catalog().sources, uses, today=datetime.date.today())

    def draw_detail(self) -> None:
        """Show the profile under the cursor."""
        pane = self.query_one("#profile-detail", VerticalScroll)
        width = max(20, pane.scrollable_content_region.width)
        self.query_one("#profile-text", Static).update(Content("\n").join(self.detail(width)))

    def detail(self, width: int) -> Lines:
        """Return the lines of the detail, or what stands in for them."""
        one = self.marked()
        if self.problem:
            return wrapped(self.problem, width, first=("x ", BAD))
        if self.browsing.kind not in self.browsing.found:
            return [line(("reading", QUIET))]
        if one is None:
            return wrapped(self.nothing(), width)
        if one.entry is None:
            return wrapped(one.problem, width, first=("x left out: ", BAD))
        lines = printed_lines(terminal_text(self.page(one), width=width, is_coloured=True))
        return [fitted(row, width) for row in lines]

    def nothing(self) -> str:
        """Return what is to be done where nothing matches."""
        if not self.browsing.found[self.browsing.kind]:
            return f"No folder has {self.browsing.kind}: press n to write one, or Right for the next kind."
        return "Nothing matches: / changes the words, v the vendor, t the state; Esc takes the words away."

    # Actions: what is shown

    def action_show_kind(self, kind: str) -> None:
        """Show a kind that was clicked."""
        if kind in KINDS:
            self.browsing.kind = kind
            self.show_kind()

    def action_next_kind(self) -> None:
        """Show the next kind."""
        self.browsing.turn(1)
        self.show_kind()

    def action_previous_kind(self) -> None:
        """Show the kind before."""
        self.browsing.turn(-1)
        self.show_kind()

    def action_go_list(self) -> None:
        """Go to the list."""
        self.rows.focus()

    def action_go_detail(self) -> None:
        """Go to the detail."""
        self.query_one("#profile-detail").focus()

    def action_filter_profiles(self) -> None:
        """Go to the words that are looked for."""
        self.filter.set_class(True, "-shown")
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what holds every word."""
        event.stop()
        self.browsing.want(words=event.value)
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on in the list."""
        event.stop()
        self.rows.focus()

    def action_pick_maker(self) -> None:
        """Choose a vendor."""
        title = maker_title(self.browsing.kind)
        self.run_flow("pick", self.narrowing.pick("maker", f"Only of one {title}", makers), lists=1)

    def action_pick_state(self) -> None:
        """Choose a state."""
        self.run_flow("pick", self.narrowing.pick("state", "Only in one state", states), lists=1)

    def action_sort_profiles(self) -> None:
        """Choose the figure to sort by."""
        self.run_flow("pick", self.narrowing.pick_sort(), lists=1)

    def action_reverse_sort(self) -> None:
        """Turn the order."""
        if not self.browsing.wish.sort:
            self.notify("Press s to choose what to sort by first.", markup=False)
            return
        self.browsing.want(is_rising=not self.browsing.wish.is_rising)
        self.draw()

    # Actions: what is done with a profile

    def sound(self) -> Listed | None:
        """Return the profile under the cursor where it can be used; say why where it cannot."""
        one = self.marked()
        if one is not None and one.problem:
            self.notify("That file cannot be used; its detail says why.", severity="warning", markup=False)
            return None
        return one

    def action_use_profile(self) -> None:
        """Go back to the plan with the profile."""
        one = self.sound()
        if one is None:
            return
        if one.kind not in USED:
            self.notify(NO_USE[one.kind], markup=False)
            return
        self.dismiss((one.kind, one.id))

    def action_mark_profile(self) -> None:
        """Mark the profile, and go to the next."""
        one = self.sound()
        if one is not None:
            self.browsing.mark(one.id)
            self.draw()
            self.rows.action_cursor_down()

    def action_compare_profiles(self) -> None:
        """Show the marked profiles side by side."""
        found = self.browsing.marks()
        if not FEWEST <= len(found) <= MOST:
            text = f"{len(found)} marked: Space marks two to six {self.browsing.kind} to hold side by side."
            self.notify(text, markup=False)
            return
        document = profile_comparison_document(found)

        def drawn(width: int) -> Lines:
            return printed_lines(terminal_text(document, width=width, is_coloured=True))

        page = Page("Side by side", drawn)
        page.add_class("wide")
        self.put_over(page)

    def action_copy_profile(self) -> None:
        """Copy the profile to a folder of one's own."""
        one = self.sound()
        if one is not None:
            self.run_flow("own", self.own.copy(one), lists=1)

    def action_edit_profile(self) -> None:
        """Edit the profile, where it is one's own."""
        one = self.marked()
        if one is not None:
            self.run_flow("own", self.own.edit(one))

    def action_new_profile(self) -> None:
        """Begin a profile of the kind."""
        self.run_flow("own", self.own.begin(self.browsing.kind), lists=1)

    def action_copy_detail(self) -> None:
        """Copy the detail as Markdown."""
        one = self.marked()
        text = None if one is None or one.entry is None else markdown_text(self.page(one))
        copy(self, self.key_bar, "detail", text)

    def action_copy_list(self) -> None:
        """Copy the list as Markdown."""
        sound = [one for one in self.shown if not one.problem]
        document = profiles_document({self.browsing.kind: sound}, sort=self.browsing.wish.sort)
        copy(self, self.key_bar, "list", markdown_text(document) if sound else None)

    def action_profiles_help(self) -> None:
        """Show the keys."""
        self.put_over(Page("Profiles: all keys", partial(keys_lines, actions=PROFILE_ACTIONS)))

    def action_leave_profiles(self) -> None:
        """One step back: from the words or the detail to the list, then no words, then the plan."""
        if self.focused is not self.rows:
            self.rows.focus()
            self.filter.set_class(bool(self.filter.value), "-shown")
        elif self.browsing.wish.words:
            self.browsing.want(words="")
            self.show_kind()
        else:
            self.dismiss()
