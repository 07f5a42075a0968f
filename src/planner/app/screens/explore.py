"""Explore a plan: systems ranked for its targets, days against size, the front of systems, the tornado."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static

from planner.app.actions import bindings
from planner.app.dialogs.page import Page
from planner.app.drawing.field_help import keys_lines
from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.drawing.printed import printed_lines
from planner.app.drawing.size_plots import curve_plot, front_plot, point_id, size_signs
from planner.app.drawing.sizes import answer_lines, sizes_header, sizes_row, sizes_title
from planner.app.drawing.tornado import tornado_lines
from planner.app.exploration import ORDERS, Exploration, News, Work
from planner.app.exploring import explore
from planner.app.flows.explore import ChosenSize, use_size
from planner.app.flows.export import copy
from planner.app.flows.targets import ask_targets
from planner.app.layer import Layer
from planner.app.runner import Job, Runner
from planner.app.screen_actions import EXPLORE_ACTIONS
from planner.app.widgets.key_bar import KeyBar
from planner.app.widgets.plot_view import PlotView
from planner.app.widgets.size_rows import SizeRows
from planner.domain.chip import Chip
from planner.domain.system import System
from planner.exploring.curve import Measure, Sized
from planner.exploring.sizes import SystemAnswer
from planner.exploring.targets import Asked, name_of_answer, plan_of_answer
from planner.report.markdown import markdown_text
from planner.report.size_document import size_document
from planner.report.terminal import terminal_text
from planner.text import safe

if TYPE_CHECKING:
    from planner.app.workbench import Workbench

#: What has the focus first.
Begin = Literal["curve", "ranking"]
Pane = Literal["ranking", "curve", "front", "tornado"]
PANES: tuple[Pane, ...] = ("ranking", "curve", "front", "tornado")
_HINT = "arrows move over the sizes, Enter makes one the plan"
#: What is found out is drawn at most so often.
_REDRAW_S = 0.1
_KEYS = ("use_size", "compare_sizes", "explain_size", "set_targets", "go_curve", "leave_explore")
_PLOT_KEYS = ("use_size", "compare_sizes", "show_days", "show_power", "show_money", "leave_explore")
_FRONT_KEYS = ("use_size", "compare_sizes", "turn_front", "go_ranking", "leave_explore")
_TORNADO_KEYS = ("show_days", "show_power", "show_money", "go_ranking", "leave_explore")
NO_DEADLINE = "No deadline yet: press g to say by when it must be done, and within how much power and money."
SEVERAL_POOLS = "The plan has several pools; the smallest count is of one: Esc, then ^P 'remove a pool'."


def open_explore(bench: Workbench, *, begin: Begin = "curve", asked: Asked | None = None) -> None:
    """Open Explore over the screen of a bench, on the plan of its session as it is now.

    What somebody chooses there becomes the session's plan, as one step of its history. What was found out
    is kept with the session: the same plan, targets and profiles open on the same answers.

    Parameters
    ----------
    bench
        Of the planning screen, which lies on top.
    begin
        What has the focus first: the curve of the plan's own system, or `ranking`, the smallest clusters of
        all systems, own first. Both are found out in any case, the curve first: it takes half a second.
    asked
        Targets in place of the plan's own (`targets.*`), which hold where it is None. Where neither has a
        deadline the screen says so, and asks for one.
    """
    session, shelf = bench.session, bench.shelf
    known = session.exploration
    wanted = asked or (known.asked if known is not None and known.plan == session.plan else Asked())
    if known is None or not known.is_of(session.plan, wanted, shelf.readings):
        session.exploration = known = Exploration.of(session.plan, wanted, shelf.readings)

    def take(chosen: ChosenSize | None) -> None:
        if chosen is not None:
            bench.run_flow("explore", use_size(bench, session, chosen))

    bench.screen.put_over(ExploreScreen(bench, known, begin), take)


class ExploreScreen(Layer[ChosenSize]):
    """Shows what was found out about a plan; returns a size that is to be the plan."""

    CSS_PATH = "explore.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(EXPLORE_ACTIONS)
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (120, "-two"), (160, "-three")]  # noqa: RUF012 - Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]  # noqa: RUF012 - as above

    def __init__(self, bench: Workbench, exploration: Exploration, begin: Begin) -> None:
        super().__init__()
        self.bench = bench
        self.session = bench.session
        self.shelf = bench.shelf
        self.exploration = exploration
        self.begin = begin
        self.shown: list[SystemAnswer] = []
        self.redraw: Timer | None = None
        self.problem = ""
        self.work = Runner[bool](
            self, "explore", on_result=self.take_end, on_problem=self.take_problem, what="the exploration"
        )
        self.rows = SizeRows(id="explore-rows", markup=False)
        self.filter = Input(
            id="explore-filter", compact=True, placeholder="words to look for", select_on_focus=False
        )
        self.curve = PlotView(id="explore-curve", empty="working it out", hint=_HINT)
        self.front = PlotView(id="explore-front", empty="the systems come first", hint=_HINT)
        self.key_bar = KeyBar()
        self.add_class(f"-show-{begin}", "-beside-front", update=False)

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them show depends on the room."""
        self.take_breakpoints()
        name = safe(self.exploration.plan.name)
        yield Static(f"planner  explore: {name}", markup=False, id="explore-bar")
        with Vertical(id="explore-body"):
            with Vertical(id="explore-ranking"):
                yield self.filter
                yield Static("", markup=False, id="explore-header")
                yield self.rows
                yield Static("", markup=False, id="explore-answer")
            with Horizontal(id="explore-below"):
                yield self.curve
                yield self.front
                with VerticalScroll(id="explore-tornado"):
                    yield Static("", markup=False, id="explore-swings")
        yield self.key_bar

    def on_mount(self) -> None:
        """Begin, with what was found out before."""
        with self.prevent(Input.Changed):
            self.filter.value = self.exploration.words
        self.filter.set_class(bool(self.filter.value), "-shown")
        (self.rows if self.begin == "ranking" else self.curve).focus()
        self.go_on()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    # What is found out

    def go_on(self) -> None:
        """Find out what is due, unless somebody wants nothing more for now."""
        if not self.exploration.is_held and not self.work.is_busy and self.exploration.due() is not None:
            self.work.ask(self.find_out)

    def find_out(self, job: Job) -> bool:
        """Find out what is due, in the worker's thread."""
        return explore(self.exploration, self.shelf.catalog(), job, self.take_news)

    def take_news(self, news: News) -> None:
        """Keep a piece, and show it with what else comes meanwhile."""
        self.exploration.take(news)
        self.draw_soon()

    def take_end(self, _is_whole: bool) -> None:
        """Show that nothing is left; what somebody looked at meanwhile may be due."""
        self.go_on()
        self.draw()

    def take_problem(self, problem: str) -> None:
        """Say what hindered it."""
        self.problem = safe(problem)
        self.draw()

    # What is shown

    def draw_soon(self) -> None:
        """Draw what was found out, at most ten times a second: keys come first."""
        if self.redraw is None:
            self.redraw = self.set_timer(_REDRAW_S, self.draw)

    def draw(self) -> None:
        """Draw all panes for the room there is."""
        self.redraw = None
        with self.app.batch_update():
            self.draw_ranking()
            self.draw_plots()
            self.draw_tornado()

    def draw_ranking(self) -> None:
        """Draw the systems, those that meet the targets first."""
        exploration = self.exploration
        pane = self.query_one("#explore-ranking")
        here = self.marked_id()
        self.shown = exploration.shown()
        width = max(20, self.rows.scrollable_content_region.width)
        pane.border_title = f"F2 Smallest cluster: {sizes_title(exploration.targets)}"
        pane.border_subtitle = self.progress()
        header = self.query_one("#explore-header", Static)
        targets = exploration.targets
        if targets is None:
            header.update(line(("  ", QUIET), SEVERAL_POOLS if exploration.is_several else NO_DEADLINE))
            return
        header.update(sizes_header(targets, width), layout=False)
        rows = [
            sizes_row(answer, targets, is_marked=answer.system_id in exploration.marked, width=width)
            for answer in self.shown
        ]
        ids = [answer.system_id for answer in self.shown]
        with self.prevent(OptionList.OptionHighlighted):
            self.rows.show_rows(rows, ids.index(here) if here in ids else 0)
        self.draw_answer()

    def draw_answer(self) -> None:
        """Say under the systems what proves the answer that the cursor is on."""
        answer, targets = self.marked(), self.exploration.targets
        pane = self.query_one("#explore-answer", Static)
        width, height = pane.content_size
        if answer is not None and targets is not None and width > 0:
            pane.update(Content("\n").join(answer_lines(answer, targets, width, height)), layout=False)

    def draw_plots(self) -> None:
        """Draw the curve and the front."""
        exploration = self.exploration
        name = self.shelf.name("systems", exploration.system)
        self.curve.border_title = f"F3 Against size: {name}" if name else "F3 Against size"
        self.curve.border_subtitle = "d days  p power  c money"
        self.curve.empty = self.said("curve", exploration.system) or (
            "working it out"
            if exploration.system
            else "the plan names no system yet: choose one in the ranking"
        )
        self.curve.show(curve_plot(exploration, name))
        self.front.border_title = f"F4 Front: days against {exploration.against}"
        self.front.border_subtitle = "x money or power"
        names = {system: self.shelf.name("systems", system) for system in exploration.answers}
        vendors = {system: self.vendor(system) for system in exploration.answers}
        self.front.empty = self.said("more", "") or (
            NO_DEADLINE if exploration.targets is None else "nothing meets the targets yet"
        )
        self.front.show(front_plot(exploration, names, vendors))

    def draw_tornado(self) -> None:
        """Draw what moves the measure."""
        pane = self.query_one("#explore-tornado", VerticalScroll)
        pane.border_title = "F5 What moves it, in this plan"
        width = max(20, pane.scrollable_content_region.width)
        self.query_one("#explore-swings", Static).update(Content("\n").join(self.swings(width)))

    def swings(self, width: int) -> Lines:
        """Return the tornado, or what stands in for it."""
        exploration = self.exploration
        found = exploration.tornados.get(exploration.measure)
        if found is not None:
            is_growing = ("tornado", exploration.measure) not in exploration.done
            return tornado_lines(found, width, is_growing=is_growing)
        problem = self.said("tornado", exploration.measure)
        return wrapped(problem, width, first=("x ", BAD)) if problem else [line(("working it out", QUIET))]

    def said(self, work: Work, of: str) -> str:
        """Return what hindered a piece of the work; empty where nothing did."""
        return safe(self.exploration.problems.get((work, of), "")) or self.problem

    def progress(self) -> str:
        """Return how far the ranking is; its order where it is done."""
        exploration = self.exploration
        problem = self.said("ranking", "")
        if problem:
            return problem
        order = ORDERS[exploration.order]
        answered, asked = len(exploration.answers), len(exploration.systems)
        if exploration.targets is None or not asked:
            return ""
        if answered == asked:
            return f"{asked} systems; {order}"
        told = f"{answered} of {asked} systems"
        if exploration.is_held:
            return f"{told}; stopped, h goes on"
        trying = exploration.progress
        now = "" if trying is None else f", trying {trying.count:,} x {safe(trying.system_id)}"
        return f"{told}{now}; Esc stops"

    def vendor(self, system: str) -> str:
        """Return who sells the chip of a system."""
        found = self.shelf.profile("systems", system)
        chip = self.shelf.profile("chips", found.chip) if isinstance(found, System) else None
        return chip.vendor if isinstance(chip, Chip) else ""

    # Where somebody is

    def marked(self) -> SystemAnswer | None:
        """Return the answer that the cursor is on."""
        place = self.rows.highlighted
        return self.shown[place] if place is not None and place < len(self.shown) else None

    def marked_id(self) -> str | None:
        """Return the system that the cursor is on."""
        answer = self.marked()
        return None if answer is None else answer.system_id

    def pane(self) -> Pane:
        """Return the pane that has the focus."""
        if self.focused is self.curve:
            return "curve"
        if self.focused is self.front:
            return "front"
        return "tornado" if getattr(self.focused, "id", "") == "explore-tornado" else "ranking"

    def sized(self) -> Sized | None:
        """Return the size that the cursor is on, in the pane that has the focus."""
        pane = self.pane()
        if pane == "curve":
            return _by_id(self.exploration.curve_shown(), self.curve.cursor)
        if pane == "front":
            return _by_id(self.exploration.front()[0], self.front.cursor)
        answer = self.marked()
        return None if answer is None or pane == "tornado" else self.exploration.sized(answer)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the proof and the curve of the system under the cursor."""
        event.stop()
        answer = self.marked()
        self.draw_answer()
        if answer is not None and answer.system_id != self.exploration.system:
            self.exploration.system = answer.system_id
            self.go_on()
            self.draw_soon()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Make the answer the plan."""
        event.stop()
        self.action_use_size()

    def on_plot_view_chosen(self, event: PlotView.Chosen) -> None:
        """Make the size of a point the plan."""
        event.stop()
        self.action_use_size()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Name the keys of what has the focus."""
        if isinstance(event.widget, Input):
            self.key_bar.show_actions("leave_explore", extra=(("Enter", "to the systems", ""),))
            return
        keys = {"ranking": _KEYS, "curve": _PLOT_KEYS, "front": _FRONT_KEYS, "tornado": _TORNADO_KEYS}
        self.key_bar.show_actions(*keys[self.pane()])

    # Actions: what is looked at

    def show_pane(self, pane: Pane) -> None:
        """Bring a pane to the front where not all of them fit."""
        changes = {f"-show-{name}": name == pane for name in PANES}
        if pane in ("front", "tornado"):
            changes |= {"-beside-front": pane == "front", "-beside-tornado": pane == "tornado"}
        self.update_classes(changes)
        self.call_after_refresh(self.draw)

    def action_go_ranking(self) -> None:
        """Go to the systems."""
        self.show_pane("ranking")
        self.rows.focus()

    def action_go_curve(self) -> None:
        """Go to the curve."""
        self.show_pane("curve")
        self.curve.focus()

    def action_go_front(self) -> None:
        """Go to the front."""
        self.show_pane("front")
        self.front.focus()

    def action_go_tornado(self) -> None:
        """Go to the tornado."""
        self.show_pane("tornado")
        self.query_one("#explore-tornado").focus()

    def measure(self, measure: Measure) -> None:
        """Draw something else against size."""
        self.exploration.measure = measure
        self.go_on()
        self.draw()

    def action_show_days(self) -> None:
        """Draw days."""
        self.measure("days")

    def action_show_power(self) -> None:
        """Draw power."""
        self.measure("power")

    def action_show_money(self) -> None:
        """Draw money."""
        self.measure("money")

    def action_turn_front(self) -> None:
        """Hold days against money, or against power."""
        self.exploration.against = "power" if self.exploration.against == "money" else "money"
        self.draw()

    def action_sort_sizes(self) -> None:
        """Choose the next order."""
        orders = list(ORDERS)
        self.exploration.order = orders[(orders.index(self.exploration.order) + 1) % len(orders)]
        self.draw()

    def action_filter_sizes(self) -> None:
        """Go to the words that are looked for."""
        self.show_pane("ranking")
        self.filter.set_class(True, "-shown")
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what holds every word."""
        event.stop()
        self.exploration.words = event.value
        self.draw_soon()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on in the table."""
        event.stop()
        self.rows.focus()

    def action_set_targets(self) -> None:
        """Ask for other targets, and begin anew with them."""
        self.run_flow("targets", self.set_targets())

    async def set_targets(self) -> None:
        """Ask for targets; the wishes stay."""
        asked = await ask_targets(self, self.exploration.plan, self.exploration.asked)
        if asked is None or asked == self.exploration.asked:
            return
        self.work.drop()
        self.problem = ""
        self.session.exploration = self.exploration = self.exploration.asked_again(asked)
        self.go_on()
        self.draw()

    def action_hold_work(self) -> None:
        """Stop finding out, or go on."""
        self.exploration.is_held = not self.exploration.is_held
        if self.exploration.is_held:
            self.work.drop()
        self.go_on()
        self.draw()

    # Actions: what is done with a size

    def chosen(self) -> ChosenSize | None:
        """Return the size under the cursor as a plan with a name and the targets; say why there is none."""
        sized = self.sized()
        if sized is None:
            answer = self.marked() if self.pane() == "ranking" else None
            none = (
                "Nothing is marked yet."
                if answer is None
                else "No count of it meets the targets: w says why."
            )
            self.notify(none, markup=False)
            return None
        return self.as_chosen(sized)

    def as_chosen(self, sized: Sized) -> ChosenSize:
        """Return a size as a plan with a name and the targets."""
        exploration = self.exploration
        title = f"{sized.count:,} x {self.shelf.name('systems', sized.system_id)}"
        plan = sized.plan
        if exploration.targets is not None:
            plan = plan_of_answer(plan, exploration.targets, name_of_answer(exploration.plan, title))
        answer = exploration.answers.get(sized.system_id)
        return ChosenSize(plan, title, () if answer is None else answer.changes)

    def action_use_size(self) -> None:
        """Go back to the plan with the size under the cursor."""
        chosen = self.chosen()
        if chosen is not None:
            self.work.drop()
            self.dismiss(chosen)

    def action_mark_size(self) -> None:
        """Mark the system under the cursor, and go to the next."""
        answer = self.marked()
        if answer is None or not answer.is_feasible:
            self.notify("Only a system that meets the targets can be marked.", markup=False)
            return
        marked = self.exploration.marked
        if answer.system_id in marked:
            marked.remove(answer.system_id)
        else:
            marked.append(answer.system_id)
        self.draw()
        self.rows.action_cursor_down()

    def action_compare_sizes(self) -> None:
        """Put the plan beside what is marked, else beside what the cursor is on."""
        from planner.app.screens.compare import CompareScreen  # noqa: PLC0415 - read when asked for

        exploration = self.exploration
        marked = [exploration.answers[name] for name in exploration.marked if name in exploration.answers]
        found = [sized for answer in marked if (sized := exploration.sized(answer)) is not None]
        here = None if found else self.chosen()
        plans = {one.title: one.plan for one in (*map(self.as_chosen, found), *([here] if here else []))}
        if plans:
            self.session.compared_plans = plans
            known_plans = self.bench.files.known_plans
            self.put_over(CompareScreen(self.session, self.shelf, known_plans))

    def action_explain_size(self) -> None:
        """Show the proof of the marked answer in full, or why there is none."""
        answer, targets = self.marked(), self.exploration.targets
        if answer is None or targets is None:
            self.notify("No system is answered yet.", markup=False)
            return
        document = size_document(self.exploration.plan.name, [answer], targets)

        def drawn(width: int) -> Lines:
            return printed_lines(terminal_text(document, width=width, is_coloured=True))

        page = Page(safe(answer.system_name), drawn)
        page.add_class("wide")
        self.put_over(page)

    def action_copy_sizes(self) -> None:
        """Copy the table as Markdown."""
        targets, answers = self.exploration.targets, self.shown
        text = None
        if targets is not None and answers:
            text = markdown_text(size_document(self.exploration.plan.name, answers, targets))
        copy(self, self.key_bar, "table", text)

    def action_explore_help(self) -> None:
        """Show the signs and the keys."""
        self.put_over(
            Page(
                "Explore: signs and keys",
                lambda width: [*size_signs(width), *keys_lines(width, EXPLORE_ACTIONS)],
            )
        )

    def action_leave_explore(self) -> None:
        """One step back: to the systems, no words, nothing under way, then the plan."""
        if isinstance(self.focused, Input):
            self.rows.focus()
            self.filter.set_class(bool(self.filter.value), "-shown")
        elif self.exploration.words:
            self.filter.value = ""
            self.filter.set_class(False, "-shown")
        elif self.work.is_busy:
            self.action_hold_work()
        else:
            self.exploration.is_held = False
            self.dismiss()


def _by_id(points: list[Sized], identifier: str | None) -> Sized | None:
    return next((sized for sized in points if point_id(sized) == identifier), None)
