"""Edits of the plan: what is typed into a field or chosen for it, pools, undo; each a step of the history."""

from __future__ import annotations

import asyncio

from planner.app import pools
from planner.app.edits import FieldPath, get_value, read_text, with_value, write_value
from planner.app.estimating import Estimator
from planner.app.field_spec import FieldSpec
from planner.app.fields import FIELDS
from planner.app.flows.choosing import chip_picker, plan_field_picker, sweep_picker
from planner.app.flows.host import Host
from planner.app.kinds import KIND_KEY, left_out
from planner.app.lists import ItemList, is_gone
from planner.app.quotes import profile_value
from planner.app.relative import factor_of, times, values_of
from planner.app.session import Change, Session
from planner.app.shelf import Shelf
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.plan_form import PlanForm
from planner.app.widgets.text_field import TextField
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.text import safe
from planner.units import Span

#: What stands under a field that holds several values to try.
TRY_EACH = "> Enter tries each of them"


def step_key(path: FieldPath) -> str:
    """Return by what the history knows the edits of one field."""
    return ".".join(map(str, path))


def is_counted(spec: FieldSpec) -> bool:
    """Return whether a field holds a number, which other texts may act on."""
    return spec.reading.kind in ("whole", "quantity")


class Editing:
    """Turns what somebody does to the form into changes of the session's plan."""

    def __init__(
        self, host: Host, session: Session, shelf: Shelf, form: PlanForm, estimator: Estimator
    ) -> None:
        self.host = host
        self.session = session
        self.shelf = shelf
        self.estimator = estimator
        self.form = form

    def type(self, path: FieldPath, text: str) -> None:
        """Take what was typed, or say under the field what is wrong with it."""
        if is_gone(self.session.plan, path):
            return
        spec = FIELDS.at(path)
        row = self.form.row_at(path)
        if row is not None and is_counted(spec):
            values = values_of(text)
            row.show_offer("" if values is None else TRY_EACH)
            if values is not None:
                row.show_error("")
                self.host.show_state()
                return
        try:
            stated = self.stated(path, spec, text)
            plan = pools.with_text(self.session.plan, path, spec, stated)
        except InputError as error:
            if row is None:
                self.host.tell(f"{spec.label} {error}", is_warning=True)
            else:
                row.show_error(str(error))
                self.host.show_state()
            return
        if row is not None:
            row.show_error("")
        title = spec.label if spec.is_long else f"{spec.label} {stated.strip() or 'emptied'}"
        if spec.key == pools.SYSTEM_KEY:
            self.take_system(plan, title, path)
        elif spec.key == KIND_KEY:
            self.take_kind(plan, title, path)
        else:
            self.take(plan, title, path=path)

    def stated(self, path: FieldPath, spec: FieldSpec, text: str) -> str:
        """Return a text as typed in full: x1.5 acts on the figure before this step of the history."""
        factor = factor_of(text) if is_counted(spec) else None
        if factor is None:
            return text
        before = self.session.before_step(step_key(path))
        value = get_value(before, pools.live_path(before, path))
        if value is None:
            value = profile_value(before, path, self.shelf)
        if not isinstance(value, int | float | Span):
            raise InputError(f"'{text.strip()}' acts on the figure that stands here, and there is none yet")
        return write_value(times(value, factor, is_whole=spec.reading.kind == "whole"), spec.reading)

    def take_system(self, plan: Plan, title: str, path: FieldPath) -> None:
        """Make a plan with another system the current one, with what follows it, and say what that was."""
        # read when needed: NumPy comes with it, and the form opens without
        from planner.planning.exchange import exchanged  # noqa: PLC0415

        index = pools.pool_index(path) or 0
        system = plan.cluster.pools[index].system
        assert system is not None  # the field must be filled in
        exchange = exchanged(self.session.plan, self.shelf.catalog(), index, system)
        along = [change.words for change in exchange.changes]
        self.take(exchange.plan, f"{title} ({', '.join(along)})" if along else title, path=path)
        if along:
            self.host.tell(f"Changed along: {safe(', '.join(along))}; ^Z takes all of it back.")

    def take_kind(self, plan: Plan, title: str, path: FieldPath) -> None:
        """Make a plan of another kind the current one, and say what it has no place for."""
        left = left_out(self.session.plan, plan)
        self.take(plan, f"{title} (without {left})" if left else title, path=path)
        if left:
            self.host.tell(f"This kind has no place for {left}; ^Z takes all of it back.")

    def take(self, plan: Plan, title: str, *, path: FieldPath | None = None) -> None:
        """Make a changed plan the current one; a field that is typed into keeps its text."""
        row = self.form.row_at(path) if path is not None else None
        is_typed = row is not None and isinstance(row.control, TextField)
        is_new = self.session.edit(plan, title, step_key(path) if path else "")
        self.form.show_plan(self.session.plan, typing_at=path if is_typed else None)
        if is_new:
            self.host.plan_changed()
        else:
            self.host.show_state()

    def leave(self, path: FieldPath) -> None:
        """Write the value as the plan will hold it; an invalid text stays with its complaint."""
        self.session.end_step()
        row = self.form.row_at(path)
        if row is not None and not row.error:
            self.form.show_row(row)

    def use(self, path: FieldPath, value: str) -> None:
        """Put a value into a field, as its list would."""
        self.session.end_step()
        self.type(path, value)

    async def pick(self, path: FieldPath, typed: str = "") -> None:
        """Let somebody choose the value of a field."""
        if is_gone(self.session.plan, path):
            return
        plan, spec = self.session.plan, FIELDS.at(path)
        if spec.is_long:
            await self.write(path, get_value(plan, path))
            return
        picker = await plan_field_picker(plan, spec, path, self.shelf, self.estimator, typed=typed)
        chosen = await self.host.choose_from(picker)
        if chosen is not None:
            self.use(path, chosen)

    async def sweep(self, path: FieldPath, text: str) -> None:
        """Try each of several values of a field: a list says what they would come to, Enter takes one."""
        values, spec = values_of(text), FIELDS.at(path)
        if not values or not is_counted(spec) or is_gone(self.session.plan, path):
            return
        plan = self.session.plan
        try:
            picker = await asyncio.to_thread(sweep_picker, plan, spec, path, values, self.estimator)
        except InputError as error:
            row = self.form.row_at(path)
            if row is not None:
                row.show_error(str(error))
                self.host.show_state()
            return
        chosen = await self.host.choose_from(picker)
        row = self.form.row_at(path)
        if chosen is not None:
            self.use(path, chosen)
        if row is not None:
            self.form.show_row(row)

    async def write(self, path: FieldPath, text: str) -> None:
        """Let somebody read and change a text over several lines."""
        # read when needed: its editor takes longer to import than all other dialogs
        from planner.app.dialogs.text_page import TextPage  # noqa: PLC0415

        spec = FIELDS.at(path)
        written = await self.host.ask(
            TextPage(spec.label.capitalize(), text, lambda typed: self.complaint(path, typed))
        )
        if written is not None:
            self.use(path, written)

    def complaint(self, path: FieldPath, text: str) -> str:
        """Return what is wrong with a text for a field; empty where nothing is."""
        try:
            pools.with_text(self.session.plan, path, FIELDS.at(path), text)
        except InputError as error:
            return str(error)
        return ""

    async def use_profile(self, kind: str, identifier: str) -> None:
        """Put a profile where the plan names one of its kind; of a chip somebody chooses a system first."""
        if kind == "chips":
            await self.pick_system_of(identifier)
        else:
            self.use(pools.profile_path(kind, self.host.focused_path()), identifier)

    async def pick_by_chip(self) -> None:
        """Ask for a chip, then for a system with it."""
        chosen = await self.host.choose_from(await chip_picker(self.shelf))
        if chosen is not None:
            await self.pick_system_of(chosen)

    async def pick_system_of(self, chip: str) -> None:
        """Let somebody choose among the systems that hold a chip."""
        path = pools.system_path(self.host.focused_path())
        await self.pick(path, f"{self.shelf.name('chips', chip)} ")

    def reset(self, path: FieldPath) -> None:
        """Empty a field, so that the profile's figure holds."""
        if is_gone(self.session.plan, path):
            return
        spec = FIELDS.at(path)
        row = self.form.row_at(path)
        if row is not None and row.error:
            self.take_back_text(row)
        elif spec.reading.is_required:
            self.host.tell(f"{spec.label} must be filled in.", is_warning=True)
        else:
            empty = with_value(self.session.plan, path, read_text("", spec.reading))
            self.take(empty, f"{spec.label} reset")

    def take_back_text(self, row: FieldRow) -> None:
        """Drop a text that is not valid: the plan still holds the last valid value."""
        self.form.show_row(row)
        self.host.show_state()

    async def undo(self) -> None:
        """Take back a text that is not valid, where there is one, else the last change of the plan."""
        rows = self.form.invalid_rows()
        if rows:
            # the one that somebody looks at first
            row = next((row for row in rows if row.path == self.host.focused_path()), rows[0])
            self.take_back_text(row)
            self.host.tell(f"Undid: what was typed into {row.spec.label}", seconds=2)
            return
        await self.travel(self.session.undo(), "Undid", "Nothing to undo")

    async def redo(self) -> None:
        """Do a change again."""
        await self.travel(self.session.redo(), "Redid", "Nothing to redo")

    async def travel(self, change: Change | None, verb: str, nothing: str) -> None:
        """Show the plan after a step through the history, and name the change."""
        if change is None:
            self.host.tell(nothing)
            return
        self.host.tell(f"{verb}: {safe(change.title)}", seconds=2)
        await self.host.show_session()

    async def add_pool(self) -> None:
        """Put another pool beside those there are."""
        try:
            changed = pools.with_another(self.session.plan)
        except InputError as error:
            self.host.tell(f"Not possible: {error}", is_warning=True)
            return
        await self.change_pools(changed, f"add pool {changed.cluster.pools[-1].id}")

    async def remove_pool(self) -> None:
        """Take the pool of the focused field out, else the last one."""
        old = self.session.plan.cluster.pools
        index = pools.pool_index(self.host.focused_path())
        removed = len(old) - 1 if index is None else index
        try:
            changed = pools.without(self.session.plan, removed)
        except InputError as error:
            self.host.tell(f"Not possible: {error}", is_warning=True)
            return
        await self.change_pools(changed, f"remove pool {old[removed].id}")

    async def add_item(self, of: ItemList) -> None:
        """Put another item into a list of the plan."""
        try:
            changed = of.with_another(self.session.plan)
        except InputError as error:
            self.host.tell(f"Not possible: {error}", is_warning=True)
            return
        await self.change_items(changed, f"add {of.title}", of, len(of.items(changed)) - 1)

    async def remove_item(self, of: ItemList, index: int) -> None:
        """Take an item out of a list of the plan."""
        if index >= len(of.items(self.session.plan)):
            return
        try:
            changed = of.without(self.session.plan, index)
        except InputError as error:
            self.host.tell(f"Not possible: {error}", is_warning=True)
            return
        await self.change_items(changed, f"take {of.title} {index + 1} out", of, max(0, index - 1))

    async def change_items(self, changed: Plan, title: str, of: ItemList, index: int) -> None:
        """Show another list, and go to one of its items."""
        self.session.edit(changed, title, "")
        await self.host.show_session()
        self.form.focus_item(of, index)

    async def change_pools(self, changed: Plan, title: str) -> None:
        """Show other pools, and go to the last one's system."""
        self.session.edit(changed, title, "")
        await self.host.show_session()
        self.form.focus_pool(len(changed.cluster.pools) - 1)
