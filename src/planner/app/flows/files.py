"""Opening, saving and leaving: nothing is lost without a question, nothing of others is overwritten."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from planner.app.dialogs.new_plan import Beginning, NewPlan
from planner.app.dialogs.page import Page
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.question import CANCEL, KEEP_MINE, Answer, Question
from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.edits import read_text
from planner.app.fields import FIELDS
from planner.app.flows.choosing import plan_picker
from planner.app.flows.conflict import conflict_page
from planner.app.flows.drafts import Drafts
from planner.app.flows.host import Host
from planner.app.flows.pins import Pins
from planner.app.session import Change, Session
from planner.app.shelf import PickItem, Shelf
from planner.domain.plan import Plan
from planner.errors import ConflictError, InputError, PlannerError, ProtectedFileError
from planner.files.reading import typed_path
from planner.plans.beginning import begun_from, empty_plan
from planner.plans.plan_file import FileState, file_state, load_plan, open_plan, save_plan
from planner.plans.recent import remember_plan
from planner.plans.shipped import known_plans, list_plans, shipped_plans_folder
from planner.text import safe

UNSAVED = (Answer("save", "Save", "s"), Answer("discard", "Discard", "d"), CANCEL)
CONFLICT = (
    Answer("as", "Save as", "a"),
    KEEP_MINE,
    Answer("theirs", "Take theirs", "t"),
    Answer("diff", "Diff", "d"),
    CANCEL,
)
PROTECTED = (Answer("as", "Save as", "a"), Answer("replace", "Replace", "r"), CANCEL)
#: What a new plan starts from, beside the paths of examples.
EMPTY, THIS_PLAN = "", "this"
COMMENTS = (Answer("save", "Save", "s"), Answer("as", "Save as", "a"), CANCEL)


class Files:
    """The flows around files, each a coroutine that a worker of the screen runs."""

    def __init__(self, host: Host, session: Session, shelf: Shelf) -> None:
        self.host = host
        self.session = session
        self.shelf = shelf
        self.pins = Pins(host, session, shelf)
        self.drafts = Drafts(host, session)
        self.told_of: object = None
        #: where somebody wanted to save and could not: typed once is enough
        self.refused_path: Path | None = None

    async def show_problem(self, title: str, problem: str) -> None:
        """Show in full what is wrong with a file."""

        def draw(width: int) -> Lines:
            kept = (
                f"but no draft can be kept: {self.drafts.problem}" if self.drafts.problem else "with a draft"
            )
            advice = f"Nothing was lost: the plan is still open here, {kept}."
            return [
                *wrapped(problem, width, first=("x ", BAD)),
                line(""),
                *wrapped(advice, width, style=QUIET),
            ]

        await self.host.ask(Page(title, draw))

    async def save(self) -> bool:
        """Write the plan to its file; return whether it now lies there."""
        path = self.session.path
        if path is None or self.asks_where():
            return await self.save_as()
        if self.session.has_comments:
            text = f"{safe(path.name)} holds comments written by hand. A save keeps notes, but not comments."
            answer = await self.host.ask(Question("Comments will be lost", text, COMMENTS))
            if answer == "as":
                return await self.save_as()
            if answer != "save":
                return False
        return await self.write(path, self.session.file_state)

    def asks_where(self) -> bool:
        """Return whether a save asks for a file: the plan has none, or one that is not the place for it."""
        return self.session.path is None or is_shipped(self.session.path)

    async def begin(self) -> None:
        """Ask what a plan that was just opened asks for: unsaved work, and profiles that changed."""
        await self.remember()
        await self.drafts.begin()
        await self.pins.settle()

    async def remember(self) -> None:
        """Put the plan's file first among those that the start screen lists."""
        if self.session.path is not None:
            await asyncio.to_thread(remember_plan, self.session.path)

    async def save_as(self) -> bool:
        """Ask for a file and write the plan to it."""
        path = await self.host.ask(PathPrompt("Save as", str(self.suggested_path())))
        if path is None:
            return False
        if path == self.session.path and not is_shipped(path):
            return await self.save()
        is_saved = await self.write(path, self.session.file_state if path == self.session.path else None)
        self.refused_path = None if is_saved else path
        return is_saved

    def suggested_path(self) -> Path:
        """Return where the plan might be saved."""
        if self.refused_path is not None:
            return self.refused_path
        path = self.session.path
        if path is not None and not is_shipped(path):
            return path
        words = "".join(
            character if character.isalnum() else " " for character in self.session.plan.name.lower()
        )
        name = path.name if path is not None else f"{'-'.join(words.split()) or 'plan'}.toml"
        return Path.cwd() / name

    async def write(
        self, path: Path, expected: FileState | None, *, replaces_protected: bool = False
    ) -> bool:
        """Write the plan to a file; one that somebody else changed, or that is protected, is asked about."""
        await self.host.settled()
        plan = await asyncio.to_thread(self.plan_to_save)
        lost: list[str] = []
        save = partial(save_plan, tell=lost.append, replaces_protected=replaces_protected)
        try:
            state = await asyncio.to_thread(save, path, plan, expected)
        except ConflictError as error:
            return await self.settle(path, str(error))
        except ProtectedFileError:
            return await self.ask_about_protected(path, expected)
        except PlannerError as error:
            await self.show_problem("Not saved", str(error))
            return False
        self.session.mark_saved(plan, path, state)
        # a draft on its way would outlive the save, and take the word on it away
        await self.host.finish_drafts()
        # what was edited meanwhile stays in one
        await asyncio.to_thread(self.drafts.keep)
        await self.remember()
        self.host.show_title()
        self.host.show_status(f"saved {safe(path.name)}")
        for what in lost:
            self.host.tell(f"{what}.", is_warning=True)
        return True

    async def ask_about_protected(self, path: Path, expected: FileState | None) -> bool:
        """Ask before a file is replaced that says that it should not be written."""
        text = f"{safe(path.name)} has no write permission for you. Replace it all the same?"
        answer = await self.host.ask(Question("The file is write-protected", text, PROTECTED))
        if answer == "replace":
            return await self.write(path, expected, replaces_protected=True)
        return await self.save_as() if answer == "as" else False

    def plan_to_save(self) -> Plan:
        """Return the plan with its date fixed, and with what it used of each profile."""
        plan = self.pins.pinned(self.session.plan)
        if plan.as_of is None:
            plan = plan.model_copy(update={"as_of": datetime.datetime.now(datetime.UTC).date()})
        return plan

    async def settle(self, path: Path, problem: str) -> bool:
        """Ask what to do about a file that holds something else by now."""
        comments = await asyncio.to_thread(_comments_words, path)
        text = (
            f"{problem}.\n\nKeep mine writes this plan over it{comments}; take theirs opens what lies on "
            "disk instead, and undo brings yours back."
        )
        while True:
            answer = await self.host.ask(Question("The file was changed", text, CONFLICT))
            if answer != "diff":
                break
            await self.host.ask(conflict_page(self.session.plan, path, self.shelf))
        if answer == KEEP_MINE.id:
            state = await asyncio.to_thread(file_state, path)
            return await self.write(path, state)
        if answer == "theirs":
            await self.take_theirs(path)
        return await self.save_as() if answer == "as" else False

    async def take_theirs(self, path: Path) -> None:
        """Open what lies on disk; what was here before is one undo away."""
        await self.open_path(path, self.session.plan, is_theirs=True)

    async def may_leave(self) -> bool:
        """Ask about unsaved work, until there is none; return whether the plan may be left.

        Its draft stays for as long as the plan is open: what it was to be left for may be given up.
        """
        while self.session.is_dirty:
            answer = await self.ask_about_unsaved()
            if answer == "save" and await self.save():
                # somebody may have gone on meanwhile
                continue
            return answer == "discard"
        return True

    async def ask_about_unsaved(self) -> str:
        """Ask what becomes of unsaved work."""
        text = f"'{safe(self.session.plan.name)}' has changes not saved."
        return await self.host.ask(Question("Unsaved work", text, UNSAVED))

    async def quit(self) -> None:
        """Leave the app, unless somebody would rather not."""
        if await self.may_leave():
            # with no step between: what is typed until then would be neither asked about nor in a draft
            self.session.drafts.end()
            self.host.leave()

    def close(self) -> None:
        """Leave the plan for none, once it may be left."""
        self.session.clear()
        self.shelf.drop_pins()

    async def choose(self) -> None:
        """Let somebody pick a plan, or type a path, and open it."""
        if not await self.may_leave():
            return
        left = self.session.plan
        plans = await asyncio.to_thread(self.known_plans)
        current = str(self.session.path.resolve()) if self.session.path is not None else ""
        chosen = await self.host.choose_from(plan_picker("Open a plan", plans, current=current))
        if chosen is not None:
            await self.open_path(typed_path(chosen), left)

    def known_plans(self) -> list[Path]:
        """Return the plan files of the working folder, and those that the program ships."""
        return known_plans()

    async def switch(self, path: Path) -> None:
        """Open another plan, unless somebody would rather not leave this one."""
        if await self.may_leave():
            await self.open_path(path, self.session.plan)

    async def open_path(self, path: Path, left: Plan, *, is_theirs: bool = False) -> bool:
        """Open the plan of a file, and ask what it asks for: a draft of a crash, profiles that changed.

        The plan that is left was asked about; what was typed while the file was read was not. Where the file
        is somebody else's state of the plan, the one that is left is one undo away.
        """
        try:
            opened = await asyncio.to_thread(open_plan, path)
        except InputError as error:
            await self.show_problem("Cannot open", str(error))
            return False
        if self.session.plan is not left and not await self.may_leave():
            return False
        mine = self.session.plan
        self.session.open(opened)
        if is_theirs:
            self.session.undo_steps.append(Change(f"take {safe(path.name)} from disk", "", mine, opened.plan))
        self.refused_path = None
        self.shelf.drop_pins()
        await self.host.show_session()
        self.host.show_status(f"opened {safe(path.name)}")
        await self.remember()
        if not is_theirs:
            await self.drafts.offer(path)
        await self.pins.settle()
        return True

    async def begin_new(self) -> bool:
        """Ask for the name of a new plan and what it starts from, and begin it; return whether it was."""
        # no thread for the names of one folder: what is typed at once is meant for the dialog
        wanted = await self.host.ask(NewPlan(starts_of(self.session.plan, list_plans()), name_complaint))
        if wanted is None:
            return False
        mine = self.session.plan
        if not await self.may_leave():
            return False
        left = self.session.plan
        try:
            plan = await asyncio.to_thread(begun, wanted, mine)
        except InputError as error:
            await self.show_problem("Cannot start from it", str(error))
            return False
        if self.session.plan is not left and not await self.may_leave():
            return False
        if wanted.start == THIS_PLAN and self.shelf.keeps_pins:
            # its figures must not move by themselves
            plan = plan.model_copy(update={"pins": mine.pins})
        else:
            self.shelf.drop_pins()
        self.session.start(plan)
        self.refused_path = None
        await self.host.show_session()
        self.host.show_status("new plan")
        return True

    def watch(self) -> None:
        """Notice, in a worker's thread, that somebody else changed the file; told once for each change."""
        path, known = self.session.path, self.session.file_state
        if path is None:
            return
        try:
            found = file_state(path)
        except PlannerError:
            return
        if found == known or path != self.session.path or known != self.session.file_state:
            return
        if found != self.told_of:
            self.told_of = found
            what = "removed" if found is None else "changed by somebody else"
            text = f"{safe(path.name)} was {what}. Saving will ask before anything is overwritten."
            self.host.hear_from_thread(partial(self.host.tell, is_warning=True), text)


def starts_of(plan: Plan, examples: Iterable[Path]) -> list[PickItem]:
    """Return what a new plan may start from."""
    return [
        PickItem(EMPTY, "empty", "you fill in model, tokens, system and count"),
        PickItem(THIS_PLAN, "this plan", safe(plan.name)),
        *(PickItem(str(path), safe(path.stem), "example") for path in examples),
    ]


def begun(wanted: Beginning, mine: Plan) -> Plan:
    """Return the plan that somebody wants to begin; `mine` is the one that is open."""
    if wanted.start == EMPTY:
        return empty_plan(wanted.name)
    return begun_from(mine if wanted.start == THIS_PLAN else load_plan(Path(wanted.start)), wanted.name)


def name_complaint(name: str) -> str:
    """Return what is wrong with a plan's name; empty where nothing is."""
    try:
        read_text(name, FIELDS.at(("name",)).reading)
    except InputError as error:
        return str(error)
    return ""


def _comments_words(path: Path) -> str:
    """Return what writing over a file would lose besides its plan, in a thread."""
    try:
        has_comments = open_plan(path).has_comments
    except PlannerError:
        return ""
    return " and loses the comments that somebody wrote into it" if has_comments else ""


def is_shipped(path: Path) -> bool:
    """Return whether a file belongs to the installed program, which is not the place for a user's plans."""
    folder = shipped_plans_folder()
    return folder.name.startswith("_") and path.resolve().parent == folder.resolve()
