"""The best layouts of the plan, worked out in a thread; Enter pins one, Esc leaves things as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from planner.app.drawing.pieces import BAD, QUIET, line, wrapped
from planner.app.layer import Dialog
from planner.app.runner import Job, Runner
from planner.app.widgets.choices import Choices
from planner.domain.plan import Plan

if TYPE_CHECKING:
    from planner.exploring.layouts import LayoutRanking, RankedLayout

#: Ranks the layouts; asked between blocks whether anybody still waits.
Rank = Callable[[Callable[[], bool]], "LayoutRanking"]


class LayoutsPage(Dialog[tuple[Plan, str] | None]):
    """Returns the plan with one of its layouts pinned, and that layout in words; None where none was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, title: str, rank: Rank) -> None:
        super().__init__()
        self.page_title = title
        self.rank = rank
        self.ranking: LayoutRanking | None = None
        self.named: list[tuple[str, RankedLayout]] = []

    def compose(self) -> ComposeResult:
        """Lay out header, rows and what is said of the marked one."""
        with Vertical(classes="dialog picker", id="layouts") as dialog:
            dialog.border_title = Content(self.page_title)
            dialog.border_subtitle = "Enter pin it   Esc leave as it is"
            yield Static(line(("working it out", QUIET)), id="layouts-head", markup=False)
            yield Choices(id="picker-list", markup=False)
            with VerticalScroll(id="layouts-detail", can_focus=False):
                yield Static("", markup=False, id="layouts-detail-text")

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#picker-list", OptionList).focus()
        runner = Runner["LayoutRanking"](
            self, "layouts", on_result=self.show_ranking, on_problem=self.show_problem, what="this list"
        )
        runner.ask(self.work)

    def work(self, job: Job) -> LayoutRanking:
        """Rank the layouts, in the worker's thread."""
        return self.rank(job.is_cancelled)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.refill)

    def show_problem(self, problem: str) -> None:
        """Show what hindered it."""
        head = self.query_one("#layouts-head", Static)
        width = max(20, self.query_one("#layouts").content_size.width)
        head.update(Content("\n").join(wrapped(problem, width, first=("x ", BAD))))

    def show_ranking(self, ranking: LayoutRanking) -> None:
        """Show what came of it."""
        from planner.app.drawing.layouts import named_layouts  # noqa: PLC0415 - read when first asked for

        if not ranking.layouts:
            self.show_problem("; ".join(ranking.reasons) or "no layout that was tried can run it")
            return
        self.ranking, self.named = ranking, list(named_layouts(ranking))
        self.refill()

    def refill(self) -> None:
        """Draw header and rows for the room that there is; the mark stays where it is."""
        if self.ranking is None:
            return
        from planner.app.drawing.layouts import layout_rows  # noqa: PLC0415 - as above

        options = self.query_one("#picker-list", Choices)
        header, rows = layout_rows(self.named, max(20, options.scrollable_content_region.width - 1))
        self.query_one("#layouts-head", Static).update(header)
        options.show_rows(rows)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what the marked layout loses."""
        event.stop()
        if self.ranking is None or event.option_index >= len(self.named):
            return
        from planner.app.drawing.layouts import layout_detail  # noqa: PLC0415 - as above

        detail = self.query_one("#layouts-detail")
        width = max(20, detail.scrollable_content_region.width)
        lines = layout_detail(self.ranking, self.named[event.option_index][1], width)
        self.query_one("#layouts-detail-text", Static).update(Content("\n").join(lines))
        detail.scroll_home(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pin the marked layout."""
        event.stop()
        if self.ranking is None or event.option_index >= len(self.named):
            return
        from planner.exploring.layouts import pinned  # noqa: PLC0415 - as above

        choice = self.named[event.option_index][1].choice
        self.dismiss((pinned(self.ranking.plan, choice, self.ranking.phase), choice.words))

    def action_cancel(self) -> None:
        """Pin nothing."""
        self.dismiss(None)
