"""The inputs of a plan in the order in which a team thinks, each with what the profiles say beside it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from planner.app import kinds, pools, quotes
from planner.app.edits import FieldPath, get_value, write_value
from planner.app.fields import FIELDS, NAME_FIELDS, SECTIONS, path_key
from planner.app.lists import ItemList, is_gone
from planner.app.shelf import Shelf
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.form_section import FormSection
from planner.app.widgets.item_list import ItemBox
from planner.app.widgets.line_button import LineButton
from planner.app.widgets.pick_field import PickField
from planner.app.widgets.pool_section import PoolSection
from planner.domain.plan import Plan

#: Fields whose figures are held against those that are known to be wrong.
DOUBTABLE = (
    "cluster.pools[].price_usd",
    "site.pue",
    "site.electricity_usd_per_kwh",
    "site.carbon_g_per_kwh",
)


class PlanForm(VerticalScroll, can_focus=False):
    """The form of a plan."""

    def __init__(self, plan: Plan, shelf: Shelf) -> None:
        super().__init__(id="plan")
        self.plan = plan
        self.shelf = shelf

    def compose(self) -> ComposeResult:
        """Lay out what the plan is called, pools and sections."""
        with Vertical(id="names"):
            for spec in NAME_FIELDS:
                yield FieldRow(spec, spec.path())
        yield Static("CLUSTER", markup=False, classes="heading")
        with Vertical(id="pools"):
            for index in range(len(self.plan.cluster.pools)):
                yield PoolSection(index)
        yield LineButton("+ add a pool", id="add-pool")
        for section in SECTIONS:
            yield FormSection(section)

    def on_mount(self) -> None:
        """Fill the fields."""
        self.border_title = "F2 Plan"
        self.show_plan(self.plan)

    def rows(self) -> list[FieldRow]:
        """Return every field that was made so far."""
        # not `query`, which holds the selectors of a style sheet against every part of the form
        return self.walk_children(FieldRow)

    def row_at(self, path: FieldPath) -> FieldRow | None:
        """Return the field at a path, where it was made."""
        return next((row for row in self.rows() if row.path == path), None)

    def row_to_begin(self) -> FieldRow:
        """Return the first field that must be filled in, else the one that people change first: the count."""
        rows = self.rows()
        count = next(row for row in rows if path_key(row.path) == pools.COUNT_KEY)
        needed = (row for row in rows if row.display and row.control.placeholder == quotes.NEEDED)
        return next(needed, count)

    def invalid_rows(self) -> list[FieldRow]:
        """Return the fields whose text the plan could not take."""
        return [row for row in self.rows() if row.error]

    async def show_pools(self, plan: Plan) -> None:
        """Show another plan, with as many pools as it has; what was typed and is not valid is gone."""
        for row in self.invalid_rows():
            row.show_error("")
        inside = self.query_one("#pools", Vertical)
        sections = list(inside.query(PoolSection))
        wanted = len(plan.cluster.pools)
        for section in sections[wanted:]:
            await section.remove()
        if wanted > len(sections):
            await inside.mount_all(PoolSection(index) for index in range(len(sections), wanted))
        await self.show_lists(plan)
        self.show_plan(plan)

    async def show_lists(self, plan: Plan) -> None:
        """Have as many items in each list that was made as the plan has."""
        for box in self.query(ItemBox):
            await box.show_count(len(box.of.items(plan)))

    def show_plan(self, plan: Plan, *, typing_at: FieldPath | None = None) -> None:
        """Show a plan; a text that is not valid stays, as does that of the field that is typed into."""
        self.plan = plan
        for section in self.query(FormSection):
            section.set_class(not kinds.asks_section(plan, section.section.id), "-not-asked")
        for row in self.rows():
            # a hint that follows every key is painted with the estimate, which does too
            is_late = row.path == typing_at and row.is_hint_fixed
            self.show_row(row, keeps_text=bool(row.error) or row.path == typing_at, keeps_hint=is_late)

    def show_late_hints(self) -> None:
        """Show what is said beside the fields whose hints follow every key."""
        for row in self.rows():
            if row.is_hint_fixed and not is_gone(self.plan, row.path):
                row.show_hint(quotes.hint(self.plan, row.path, self.shelf))

    def show_row(self, row: FieldRow, *, keeps_text: bool = False, keeps_hint: bool = False) -> None:
        """Show the plan's value in one field, and beside it what the profiles say."""
        spec = FIELDS.at(row.path)
        row.set_class(not kinds.asks_field(self.plan, spec.key), "-not-asked")
        try:
            value = get_value(self.plan, pools.live_path(self.plan, row.path))
        except IndexError:
            return
        if not keeps_text:
            text = write_value(value, spec.reading)
            if isinstance(row.control, PickField):
                text = quotes.pick_text(self.plan, text, spec, self.shelf)
            row.show_value(text, quotes.placeholder(self.plan, row.path, spec, self.shelf))
            row.show_error("")
            row.show_offer("")
        if not keeps_hint:
            row.show_hint(quotes.hint(self.plan, row.path, self.shelf))

    def show_doubts(self, plan: Plan) -> None:
        """Say under each figure that was typed and is known to be wrong why it is."""
        for row in self.rows():
            if row.spec.key in DOUBTABLE:
                pool = quotes.pool_of(plan, row.path) if "pools" in row.path else None
                row.show_doubt(self.shelf.doubt(plan, pool, str(row.path[-1])))

    def focus_pool(self, index: int) -> None:
        """Go to the system of a pool."""
        row = self.row_at(("cluster", "pools", index, "system"))
        if row is not None:
            row.control.focus()

    def focus_item(self, of: ItemList, index: int) -> None:
        """Go to the first field of an item of a list."""
        row = self.row_at((*of.path, index, of.names[0]))
        if row is not None:
            row.control.focus()

    def first_of_section(self, focused: Widget | None, step: int) -> Widget | None:
        """Return the first thing that takes the focus, some groups of fields further than `focused`."""
        sections = [section for section in self.query(FormSection) if section.display]
        groups = [self.query_one("#names"), self.query_one("#pools"), *sections]
        inside = [
            index for index, group in enumerate(groups) if focused is not None and group in focused.ancestors
        ]
        here = inside[0] if inside else 0
        target = groups[(here + step) % len(groups)]
        return next((widget for widget in target.query("*") if widget.focusable), None)

    async def reveal(self, key: str) -> bool:
        """Go to the field of a plan key, opening its section; return whether there is one.

        Of what the plan's kind does not ask for it is the kind.
        """
        if not kinds.asks_field(self.plan, key):
            key = kinds.KIND_KEY
        section = FIELDS.section_of(key)
        if section is not None:
            await self.query_one(f"#section-{section.id}", FormSection).open()
        row = next((row for row in self.rows() if row.spec.key == key), None)
        if row is not None:
            row.control.focus()
        return row is not None

    async def on_form_section_opened(self, event: FormSection.Opened) -> None:
        """Fill the fields of a section that was opened for the first time."""
        event.stop()
        await self.show_lists(self.plan)
        self.show_plan(self.plan)
