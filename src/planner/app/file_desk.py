"""Opening, saving and leaving: nothing is lost without a question, nothing of others is overwritten."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from planner.app.conflict import conflict_page
from planner.app.drawing.pieces import BAD, QUIET, Lines, line, wrapped
from planner.app.pins_desk import PinsDesk
from planner.app.screens.page import Page
from planner.app.screens.path_prompt import PathPrompt
from planner.app.screens.picker import Picker
from planner.app.screens.question import CANCEL, Answer, Question
from planner.app.session import Change, Session
from planner.app.shelf import PickItem
from planner.domain.plan import Plan
from planner.errors import ConflictError, InputError, PlannerError
from planner.plans.drafts import discard_draft, find_draft, write_draft
from planner.plans.plan_file import file_state, open_plan, save_plan
from planner.plans.shipped import list_plans, shipped_plans_folder
from planner.report import numbers
from planner.text import safe

if TYPE_CHECKING:
    from planner.app.screens.planning import PlanningScreen

UNSAVED = (Answer("save", "Save", "s"), Answer("discard", "Discard", "d"), CANCEL)
CONFLICT = (
    Answer("as", "Save as", "a"),
    Answer("mine", "Keep mine", "m"),
    Answer("theirs", "Take theirs", "t"),
    Answer("diff", "Diff", "d"),
    CANCEL,
)
DRAFT = (Answer("restore", "Restore", "r"), Answer("discard", "Discard", "d"), Answer("cancel", "Later", "l"))
COMMENTS = (Answer("save", "Save", "s"), Answer("as", "Save as", "a"), CANCEL)


class FileDesk:
    """The flows around files, each a coroutine that a worker of the screen runs."""

    def __init__(self, screen: PlanningScreen, session: Session) -> None:
        self.screen = screen
        self.session = session
        self.pins = PinsDesk(screen, session, screen.shelf)
        self.told_of: object = None
        #: why no draft can be kept; empty: one can
        self.draft_problem = ""

    async def ask(self, title: str, text: str, answers: tuple[Answer, ...]) -> str:
        """Ask and return the id of the answer."""
        return await self.screen.app.push_screen_wait(Question(title, text, answers))

    async def show_problem(self, title: str, problem: str) -> None:
        """Show in full what is wrong with a file."""

        def draw(width: int) -> Lines:
            kept = f"but no draft can be kept: {self.draft_problem}" if self.draft_problem else "with a draft"
            advice = f"Nothing was lost: the plan is still open here, {kept}."
            return [
                *wrapped(problem, width, first=("x ", BAD)),
                line(""),
                *wrapped(advice, width, style=QUIET),
            ]

        await self.screen.app.push_screen_wait(Page(title, draw))

    async def save(self) -> bool:
        """Write the plan to its file; return whether it now lies there."""
        path = self.session.path
        if path is None or is_shipped(path):
            return await self.save_as()
        if self.session.has_comments:
            text = f"{safe(path.name)} holds comments written by hand. A save keeps notes, but not comments."
            answer = await self.ask("Comments will be lost", text, COMMENTS)
            if answer == "as":
                return await self.save_as()
            if answer != "save":
                return False
        return await self.write(path, self.session.file_state)

    async def begin(self) -> None:
        """Ask what a plan that was just opened asks for: unsaved work, and profiles that changed."""
        await self.offer_draft()
        await self.pins.settle()

    async def save_as(self) -> bool:
        """Ask for a file and write the plan to it."""
        path = await self.screen.app.push_screen_wait(PathPrompt("Save as", str(self.suggested_path())))
        if path is None:
            return False
        if path == self.session.path and not is_shipped(path):
            return await self.save()
        return await self.write(path, self.session.file_state if path == self.session.path else None)

    def suggested_path(self) -> Path:
        """Return where the plan might be saved."""
        path = self.session.path
        if path is not None and not is_shipped(path):
            return path
        words = "".join(
            character if character.isalnum() else " " for character in self.session.plan.name.lower()
        )
        name = path.name if path is not None else f"{'-'.join(words.split())[:60] or 'plan'}.toml"
        return Path.cwd() / name

    async def write(self, path: Path, expected: object) -> bool:
        """Write the plan to a file; a file that somebody else changed is asked about."""
        await self.screen.live.settled()
        plan = await asyncio.to_thread(self.plan_to_save)
        try:
            state = await asyncio.to_thread(save_plan, path, plan, expected)  # type: ignore[arg-type]  # FileState
        except ConflictError as error:
            return await self.settle(path, str(error))
        except PlannerError as error:
            await self.show_problem("Not saved", str(error))
            return False
        old_path = self.session.path
        self.session.mark_saved(plan, path, state)
        for kept in {old_path, path}:
            await asyncio.to_thread(discard_draft, kept)
        self.screen.show_saved(f"saved {safe(path.name)}")
        return True

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
            answer = await self.ask("The file was changed", text, CONFLICT)
            if answer != "diff":
                break
            await self.screen.app.push_screen_wait(conflict_page(self.session.plan, path, self.screen.shelf))
        if answer == "mine":
            state = await asyncio.to_thread(file_state, path)
            return await self.write(path, state)
        if answer == "theirs":
            await self.take_theirs(path)
        return await self.save_as() if answer == "as" else False

    async def take_theirs(self, path: Path) -> None:
        """Open what lies on disk; what was here before is one undo away."""
        mine, name = self.session.plan, safe(path.name)
        if await self.open_path(path, has_draft=False):
            await asyncio.to_thread(discard_draft, path)
            self.session.undo_steps.append(Change(f"take {name} from disk", "", mine, self.session.plan))

    async def may_leave(self) -> bool:
        """Ask about unsaved work; return whether the plan may be left."""
        if not self.session.is_dirty:
            return True
        answer = await self.ask(
            "Unsaved work", f"'{safe(self.session.plan.name)}' has changes not saved.", UNSAVED
        )
        if answer == "save":
            return await self.save()
        if answer == "discard":
            # a draft on its way would outlive what was discarded
            await self.screen.finish_drafts()
            await asyncio.to_thread(discard_draft, self.session.path)
            return True
        return False

    async def quit(self) -> None:
        """Leave the app, unless somebody would rather not."""
        if await self.may_leave():
            self.screen.app.exit()

    async def choose(self) -> None:
        """Let somebody pick a plan, or type a path, and open it."""
        if not await self.may_leave():
            return
        plans = await asyncio.to_thread(self.known_plans)
        items = [
            PickItem(
                str(path),
                safe(path.stem),
                safe(str(path.parent)),
                search=f"{path.stem} {path.parent}".lower(),
            )
            for path in plans
        ]
        current = str(self.session.path.resolve()) if self.session.path is not None else ""
        picker = Picker(
            "Open a plan", items, current=current, takes_text=True, note="type to filter, or type a path"
        )
        chosen = await self.screen.app.push_screen_wait(picker)
        if chosen is not None:
            await self.open_path(Path(chosen).expanduser())

    def known_plans(self) -> list[Path]:
        """Return the plan files of the working folder, and those that the program ships."""
        folders = (Path.cwd(), Path.cwd() / "saved_plans", shipped_plans_folder())
        paths = list_plans(dict.fromkeys(folder.resolve() for folder in folders))
        return [path for path in dict.fromkeys(paths) if path.name != "pyproject.toml"]

    async def switch(self, path: Path) -> None:
        """Open another plan, unless somebody would rather not leave this one."""
        if await self.may_leave():
            await self.open_path(path)

    async def open_path(self, path: Path, *, has_draft: bool = True) -> bool:
        """Open the plan of a file, and ask what it asks for: a draft of a crash, profiles that changed."""
        try:
            opened = await asyncio.to_thread(open_plan, path)
        except InputError as error:
            await self.show_problem("Cannot open", str(error))
            return False
        self.session.open(opened)
        self.screen.shelf.drop_pins()
        await self.screen.show_session()
        self.screen.key_bar.show_status(f"opened {safe(path.name)}")
        if has_draft:
            await self.offer_draft()
        await self.pins.settle()
        return True

    async def offer_draft(self) -> None:
        """Offer what was typed before a crash, where it differs from the file."""
        draft = await asyncio.to_thread(find_draft, self.session.path)
        if draft is None or draft.plan == self.session.plan:
            return
        written = draft.written.astimezone()
        text = (
            f"A draft of {numbers.date(written.date())}, {written:%H:%M} holds changes that were not saved."
        )
        answer = await self.ask("Unsaved work was found", text, DRAFT)
        if answer == "restore":
            self.session.edit(draft.plan, "restore the draft", "")
            await self.screen.show_session()
        elif answer == "discard":
            await asyncio.to_thread(discard_draft, self.session.path)

    async def start_copy(self) -> None:
        """Begin a new plan as a copy of this one."""
        if not await self.may_leave():
            return
        plan = self.session.plan
        name = f"{plan.name[:1900]} (copy)"
        # Who keeps pinned values keeps them in the copy: its figures must not move by themselves.
        pins = plan.pins if self.screen.shelf.keeps_pins else {}
        self.session.start(plan.model_copy(update={"name": name, "pins": pins, "as_of": None}))
        await self.screen.show_session()

    def keep_draft(self) -> None:
        """Write the draft, in a worker's thread; a draft that cannot be kept is said once."""
        try:
            if self.session.is_dirty:
                write_draft(self.session.path, self.session.plan)
                status = "draft saved"
            else:
                discard_draft(self.session.path)
                status = ""
            self.draft_problem = ""
        except PlannerError as error:
            self.draft_problem = safe(str(error))
            status = "no draft: " + safe(str(error), limit=80)
        self.screen.app.call_from_thread(self.screen.key_bar.show_status, status)

    def watch_file(self) -> None:
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
            self.screen.app.call_from_thread(self.screen.tell_file_changed, f"{safe(path.name)} was {what}")


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
